using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public class EnsembleTests : ModelContract
{
    private protected const string SmallMembers = """["itemknn",{"model":"als","options":{"factors":8,"iterations":5,"unobservedWeight":0.1}}]""";

    private protected override ITrainer Trainer { get; } = Trainers.Create("ensemble", $$"""{"members":{{SmallMembers}},"weights":[1,3]}""");

    private protected override string OptionsJson => $$"""{"members":{{SmallMembers}},"fusion":"min-max","weights":[0.5,2],"holdOut":"random"}""";

    [Fact]
    public void Fit_SmallMatrix_AddsScoresInUnitsOfTheirDeviation()
    {
        // Popularity 3, 2, 1 for items 0 to 2; user 2 has touched item 0, so that items 1 and 2 are candidates.
        var train = Interactions.From(3, 3, [0, 0, 0, 1, 1, 2], [0, 1, 2, 0, 1, 0]);
        var knn = """{"model":"itemknn","options":{"shrinkage":0,"damping":0}}""";
        var scores = Scores(Trainers.Create("ensemble", $$"""{"members":["popularity",{{knn}}],"weights":[1,3]}""").Fit(train, new FitContext()), 2);

        // Cosines to item 0: 2/√6 and 1/√3. Of two numbers the deviation is half their difference.
        var (near, far) = (2 / Math.Sqrt(6), 1 / Math.Sqrt(3));
        ((double)scores[1]).ShouldBe((0.25 * 2 / 0.5) + (0.75 * near / ((near - far) / 2)), 1e-4);
        ((double)scores[2]).ShouldBe((0.25 * 1 / 0.5) + (0.75 * far / ((near - far) / 2)), 1e-4);
    }

    [Fact]
    public void Fit_ItemThatOneMemberDoesNotKnow_CountsAsItsLowest()
    {
        var train = Interactions.From(3, 4, [0, 0, 1, 1, 1, 2], [0, 1, 0, 1, 2, 3]);
        var model = Trainers.Create("ensemble", """{"members":["popularity","itemknn"],"weights":[1,1],"fusion":"min-max"}""").Fit(train, new FitContext());
        var scores = Folded(model, [0], []);
        scores.ShouldAllBe(score => float.IsFinite(score));
        scores[1].ShouldBeGreaterThan(scores[2]);
        scores[2].ShouldBe(scores[3]);
    }

    [Fact]
    public void Fit_WeightsLearned_PreferTheMemberThatKnows()
    {
        var model = (EnsembleModel)Trainers.Create("ensemble", """{"members":["popularity","itemknn"],"cutoff":5}""").Fit(Blocks(), new FitContext { Threads = 2 });
        var weights = model.Members.ToDictionary(member => member.Model.Name, member => member.Weight);
        weights["itemknn"].ShouldBeGreaterThan(0.5f);
        ((double)weights.Values.Sum()).ShouldBe(1, 1e-5);
    }

    [Fact]
    public void Fit_WeightsLearned_AreNoWorseThanTheBestMember()
    {
        var all = Blocks();
        List<int> users = [], items = [];
        for (var user = 0; user < all.Users; user++)
        {
            users.Add(user);
            items.Add(all.ItemsOf(user)[user % all.CountOf(user)]);
        }

        var test = Interactions.From(all.Users, all.Items, [.. users], [.. items]);
        var train = Minus(all, test);
        double Ndcg(string name, string? options) =>
            RankingEvaluator.Evaluate(Trainers.Create(name, options).Fit(train, new FitContext { Threads = 1 }), train, test, [5], 1).At(5).Ndcg;
        var single = Math.Max(Ndcg("popularity", null), Ndcg("itemknn", null));
        Ndcg("ensemble", """{"members":["popularity","itemknn"],"cutoff":5}""").ShouldBeGreaterThan(single - 0.01);
    }

    [Fact]
    public void Fit_MemberOfNoUse_IsLeftOut()
    {
        var model = (EnsembleModel)Trainers.Create("ensemble", """{"members":["als","popularity"],"weights":[1,0]}""").Fit(Checkerboard.Train, new FitContext());
        model.Members.Select(member => member.Model.Name).ShouldBe(["als"]);
    }

    [Theory]
    [InlineData("""{"members":[]}""", "allowed are 1 to 16")]
    [InlineData("""{"members":["svd"]}""", "member svd: There is no model named 'svd'")]
    [InlineData("""{"members":["ensemble"]}""", "cannot be a member")]
    [InlineData("""{"members":[{"model":"als","options":{"factors":0}}]}""", "member als: als: factors is 0")]
    [InlineData("""{"members":[{"model":"als","factors":8}]}""", "a list of models, such as")]
    [InlineData("""{"members":"als"}""", "a list of models, such as")]
    [InlineData("""{"weights":[1]}""", "one for each of the 2 members")]
    [InlineData("""{"weights":[0,0]}""", "not all 0")]
    [InlineData("""{"weights":["a"]}""", "a list of numbers")]
    [InlineData("""{"fusion":"sum"}""", "reciprocal-rank")]
    [InlineData("""{"validationShare":1}""", "validationShare is 1")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("ensemble", json)).Message.ShouldContain(expected);

    [Fact]
    public void Fit_LatestWithoutOrder_SaysWhatIsMissing() =>
        Should.Throw<ArgumentException>(() => Trainers.Create("ensemble", """{"holdOut":"latest"}""").Fit(Checkerboard.Train, new FitContext())).Message.ShouldContain("order of interactions");

    /// <summary>Shoppers with one of four tastes of ten items each, who touch most of their own and now and then another.</summary>
    private static Interactions Blocks()
    {
        var random = new Random(3);
        List<int> users = [], items = [];
        for (var user = 0; user < 200; user++)
        {
            for (var item = 0; item < 40; item++)
            {
                if (random.NextDouble() >= (item / 10 == user % 4 ? 0.6 : 0.05)) continue;
                users.Add(user);
                items.Add(item);
            }
        }

        return Interactions.From(200, 40, [.. users], [.. items]);
    }

    private static Interactions Minus(Interactions all, Interactions part)
    {
        List<int> users = [], items = [];
        for (var user = 0; user < all.Users; user++)
        {
            foreach (var item in all.ItemsOf(user))
            {
                if (part.ItemsOf(user).Contains(item)) continue;
                users.Add(user);
                items.Add(item);
            }
        }

        return Interactions.From(all.Users, all.Items, [.. users], [.. items]);
    }
}

/// <summary>The same by rank, with weights learned.</summary>
public sealed class EnsembleByRankTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = Trainers.Create(
        "ensemble", """{"members":["itemknn",{"model":"als","options":{"factors":8,"iterations":5,"unobservedWeight":0.1}}],"fusion":"reciprocal-rank","validationUsers":30}""");

    private protected override string OptionsJson => """{"members":["als"],"fusion":"borda","depth":50}""";

    private protected override bool ExplanationsAddUp => false;

    [Fact]
    public void Fit_SmallMatrix_AddsThePointsOfPlaces()
    {
        var train = Interactions.From(3, 3, [0, 0, 0, 1, 1, 2], [0, 1, 2, 0, 1, 0]);
        var scores = Scores(Trainers.Create("ensemble", """{"members":["popularity","itemknn"],"weights":[1,3],"fusion":"reciprocal-rank","rankConstant":1}""").Fit(train, new FitContext()), 2);
        ((double)scores[1]).ShouldBe(0.5, 1e-6);
        ((double)scores[2]).ShouldBe(1 / 3.0, 1e-6);
    }
}

public sealed class InnerHoldOutTests
{
    [Fact]
    public void Of_RandomChoice_HoldsOutAShareOfTheSampleAlone()
    {
        var data = new Dataset(Checkerboard.Train);
        var part = InnerHoldOut.Of("test", data, 10, 0.25, HoldOutChoice.Auto, 5)!;
        part.Users.Length.ShouldBe(10);
        for (var user = 0; user < Checkerboard.Size; user++)
        {
            var at = Array.IndexOf(part.Users, user);
            int[] held = at < 0 ? [] : part.Targets[at];
            held.Length.ShouldBe(at < 0 ? 0 : 6);
            int[] together = [.. part.Train.Interactions.ItemsOf(user), .. held];
            together.Order().ShouldBe(Checkerboard.Train.ItemsOf(user).ToArray());
        }

        InnerHoldOut.Of("test", data, 10, 0.25, HoldOutChoice.Auto, 5)!.Users.ShouldBe(part.Users);
        InnerHoldOut.Of("test", data, 10, 0.25, HoldOutChoice.Auto, 6)!.Users.ShouldNotBe(part.Users);
    }

    [Fact]
    public void Of_KnownOrder_HoldsOutTheLatestFromBoth()
    {
        var data = new Dataset(Sequences.From(5, [[0, 1, 2, 1], [3], [4, 4, 0, 2, 0]]));
        var part = InnerHoldOut.Of("test", data, 10, 0.3, HoldOutChoice.Auto, 1)!;
        part.Users.ShouldBe([0, 2]);
        part.Targets[0].ShouldBe([1]);
        part.Targets[1].ShouldBe([0]);
        part.Train.Sequences!.ItemsOf(0).ToArray().ShouldBe([0, 2]);
        part.Train.Sequences!.ItemsOf(2).ToArray().ShouldBe([4, 4, 2]);
        part.Train.Interactions.ItemsOf(2).ToArray().ShouldBe([2, 4]);
        part.Train.Interactions.WeightsOf(2).ToArray().ShouldBe([1f, 2f]);
    }

    [Fact]
    public void Of_NobodyWithTwoItems_IsNone() =>
        InnerHoldOut.Of("test", new Dataset(Interactions.From(2, 2, [0, 1], [0, 1])), 10, 0.2, HoldOutChoice.Auto, 1).ShouldBeNull();
}
