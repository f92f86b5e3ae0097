using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class FactorisationMachineRankingTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new FactorisationMachineTrainer(new FactorisationMachineOptions { Factors = 8, Epochs = 20 });

    private protected override string OptionsJson => """{"factors":8,"epochs":5,"regularization":0.25,"attributeFeatures":false}""";

    private protected override double Baseline(IModel model, int item) => ((FactorisationMachineModel)model).BaselineOf(item);

    /// <summary>The checkerboard in which item 48 and item 49 are new: nobody touched them, but their colour is known.</summary>
    private static Dataset WithNewItems()
    {
        var train = Checkerboard.Train;
        var pairs = Enumerable.Range(0, train.Users).SelectMany(user => train.ItemsOf(user).ToArray().Where(item => item < 48).Select(item => (User: user, Item: item))).ToArray();
        return new Dataset(Interactions.From(train.Users, train.Items, [.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)]))
        {
            ItemAttributes = Attributes.From(Enumerable.Range(0, train.Items).Select(item => new[] { ("colour", item % 2 == 0 ? "white" : "black"), ("shape", "square") })),
        };
    }

    [Fact]
    public void ScoreUsers_NewItemsWithAttributes_AreRankedByThem()
    {
        var model = this.Trainer.Fit(WithNewItems(), new FitContext());
        for (var user = 0; user < Checkerboard.Size; user++)
        {
            var scores = Scores(model, user);
            scores[48 + (user % 2)].ShouldBeGreaterThan(scores[49 - (user % 2)] + 0.5f);
        }

        (Best(Similar(model, 49), []) % 2).ShouldBe(1);
        var folded = Folded(model, [0, 2, 4], []);
        folded[48].ShouldBeGreaterThan(folded[49] + 0.5f);
    }

    [Fact]
    public void ScoreUsers_NewItemsWithoutAttributes_AreUnknown()
    {
        var model = this.Trainer.Fit(WithNewItems() with { ItemAttributes = null }, new FitContext());
        Scores(model, 0)[48].ShouldBe(float.NegativeInfinity);
    }

    [Fact]
    public void ScoreUsers_NewUserWithAttributes_IsServedByThem()
    {
        // User 50 and 51 did nothing, but their taste is known.
        var train = Checkerboard.Train;
        var pairs = Enumerable.Range(0, train.Users).SelectMany(user => train.ItemsOf(user).ToArray().Select(item => (User: user, Item: item))).ToArray();
        var data = new Dataset(Interactions.From(train.Users + 2, train.Items, [.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)]))
        {
            UserAttributes = Attributes.From(Enumerable.Range(0, train.Users + 2).Select(user => new[] { ("taste", user % 2 == 0 ? "white" : "black") })),
        };
        var model = this.Trainer.Fit(data, new FitContext());
        (Best(Scores(model, 50), []) % 2).ShouldBe(0);
        (Best(Scores(model, 51), []) % 2).ShouldBe(1);
        AllScores(Reloaded(model)).ShouldBe(AllScores(model));
    }

    [Fact]
    public void ScoreHistory_TrainingRowOfAUser_GivesTheKnownUsersScores()
    {
        var model = this.Fit();
        Folded(model, Checkerboard.Train.ItemsOf(3).ToArray(), []).ShouldBe(Scores(model, 3));
    }

    [Fact]
    public void Fit_AttributesOfAnotherNumberOfItems_SaysSo()
    {
        var data = new Dataset(Checkerboard.Train) { ItemAttributes = Attributes.From([[("colour", "white")]]) };
        Should.Throw<ArgumentException>(() => this.Trainer.Fit(data, new FitContext())).Message.ShouldContain("attributes of 1 items, but interactions of 50");
    }

    [Theory]
    [InlineData("""{"loss":"hinge"}""", "one of \"ranking\", \"rating\"")]
    [InlineData("""{"factors":-1}""", "factors is -1; allowed are 0 to 1024")]
    [InlineData("""{"epochs":0}""", "epochs is 0")]
    [InlineData("""{"learningRate":0}""", "learningRate is 0")]
    [InlineData("""{"regularization":-2}""", "regularization is -2")]
    [InlineData("""{"negatives":0}""", "negatives is 0")]
    [InlineData("""{"attributeFeatures":1}""", "true or false")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("factorisation-machine", json)).Message.ShouldContain(expected);
}

public sealed class FactorisationMachineRatingTests : RatingModelContract
{
    private protected override ITrainer Trainer { get; } =
        new FactorisationMachineTrainer(new FactorisationMachineOptions { Loss = FactorisationMachineLoss.Rating, Factors = 6, Epochs = 60, Regularization = 0.01 });

    private protected override string OptionsJson => """{"loss":"rating","factors":8,"epochs":5}""";

    private protected override string QuickOptionsJson => """{"loss":"rating","factors":16,"epochs":20}""";

    [Fact]
    public void PredictRatings_NewItemsWithAttributes_AreNearTheTruth()
    {
        // Users rate white items 5 and black ones 1, or the other way round; items 40 to 43 are new.
        var random = new Random(2);
        var rated = Enumerable.Range(0, 100).SelectMany(user => Enumerable.Range(0, 40).Where(_ => random.Next(2) == 0).Select(item => (User: user, Item: item))).ToArray();
        var data = new Dataset(Interactions.From(
            100, 44, [.. rated.Select(pair => pair.User)], [.. rated.Select(pair => pair.Item)], [.. rated.Select(pair => (pair.User + pair.Item) % 2 == 0 ? 5f : 1f)]))
        {
            ItemAttributes = Attributes.From(Enumerable.Range(0, 44).Select(item => new[] { ("colour", item % 2 == 0 ? "white" : "black") })),
        };
        var model = (IRatingModel)this.Trainer.Fit(data, new FitContext());
        var ratings = new float[4];
        model.PredictRatings([0, 0, 1, 1], [40, 41, 42, 43], ratings);
        ratings[0].ShouldBeGreaterThan(4);
        ratings[1].ShouldBeLessThan(2);
        ratings[2].ShouldBeLessThan(2);
        ratings[3].ShouldBeGreaterThan(4);
        var folded = Folded(model, [0, 1, 2, 3], [5f, 1f, 5f, 1f]);
        folded[40].ShouldBeGreaterThan(folded[41] + 2);
    }
}
