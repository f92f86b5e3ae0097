using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class ItemNeighboursTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new ItemNeighboursTrainer();

    private protected override string OptionsJson => """{"similarity":"bm25","neighbours":20,"shrinkage":2.5,"damping":0.25,"amplification":1.5,"threshold":0.01,"significance":3,"alpha":0.4,"k1":2,"b":0.5}""";

    [Fact]
    public void Fit_SmallMatrix_GivesTheCosinesComputedByHand()
    {
        // Item 0: users 0, 1. Item 1: users 0, 1, 2 with weight 2 for user 2. Item 2: user 2.
        var train = Interactions.From(3, 3, [0, 1, 0, 1, 2, 2], [0, 0, 1, 1, 1, 2], [1f, 1f, 1f, 1f, 2f, 1f]);
        var model = new ItemNeighboursTrainer(new ItemNeighboursOptions { Similarity = SimilarityMeasure.Cosine, Shrinkage = 1, Damping = 0 }).Fit(train, new FitContext());
        var similar = Similar(model, 1);
        ((double)similar[0]).ShouldBe(2 / (Math.Sqrt(2 * 6) + 1), 1e-6);
        ((double)similar[2]).ShouldBe(2 / (Math.Sqrt(6) + 1), 1e-6);
        Similar(model, 0)[2].ShouldBe(float.NegativeInfinity);

        var scores = Folded(model, [0, 2], [1f, 3f]);
        ((double)scores[1]).ShouldBe((2 / (Math.Sqrt(12) + 1)) + (3 * 2 / (Math.Sqrt(6) + 1)), 1e-6);
    }

    [Fact]
    public void Fit_MoreCandidatesThanNeighbours_KeepsTheMostSimilar()
    {
        var train = Interactions.From(4, 4, [0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 0, 2, 3, 0]);
        var model = new ItemNeighboursTrainer(new ItemNeighboursOptions { Neighbours = 1, Shrinkage = 0 }).Fit(train, new FitContext());
        Similar(model, 0).Select(float.IsNegativeInfinity).ShouldBe([true, false, true, true]);
    }

    [Fact]
    public void ScoreSimilar_CoincidenceAndBestSeller_StandBehindWhatIsOftenTouchedTogether()
    {
        // Item 0 is touched with item 1 by 30 of its 40 users, with item 2 by its single user, with item 3 by everybody like all else.
        var (users, items) = (new List<int>(), new List<int>());
        for (var user = 0; user < 400; user++)
        {
            Add(user, 3);
            if (user < 40) Add(user, 0);
            if (user is >= 10 and < 50) Add(user, 1);
            if (user == 0) Add(user, 2);
            Add(user, 4 + (user % 20));
        }

        var model = this.Trainer.Fit(Interactions.From(400, 24, [.. users], [.. items]), new FitContext());
        var scores = Similar(model, 0);
        scores[1].ShouldBeGreaterThan(1.5f * scores[3]);
        scores[1].ShouldBeGreaterThan(2 * scores[2]);

        void Add(int user, int item)
        {
            users.Add(user);
            items.Add(item);
        }
    }

    [Fact]
    public void PredictRatings_TwoCampsOfItems_FollowsTheUsersOwnCamp() => RatingCamps.ShouldBeFollowed(
        new ItemNeighboursTrainer(new ItemNeighboursOptions { Similarity = SimilarityMeasure.AdjustedCosine, Damping = 0 }));

    [Fact]
    public void Update_NewUsersAndItems_FindsWhatANewFitFinds()
    {
        var options = new ItemNeighboursOptions { Neighbours = 30, Shrinkage = 2, Damping = 0 };
        var trainer = new ItemNeighboursTrainer(options);
        var before = Interactions.From(4, 5, [0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 2, 3, 3, 4]);
        var added = Interactions.From(5, 6, [0, 4, 4, 4], [1, 0, 5, 1]);
        var old = (IUpdatable)trainer.Fit(before, new FitContext());
        var updated = old.Update(new Dataset(added), new FitContext());
        var whole = trainer.Fit(
            Interactions.From(5, 6, [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4], [0, 1, 1, 0, 1, 2, 3, 3, 4, 0, 5, 1]), new FitContext());
        AllScores(updated).ShouldBe(AllScores(whole));
        for (var item = 0; item < 6; item++) Similar(updated, item).ShouldBe(Similar(whole, item));
        old.Users.ShouldBe(4, "the old model stays as it is");
        Should.Throw<ArgumentException>(() => ((IUpdatable)updated).Update(new Dataset(before), new FitContext())).Message.ShouldContain("4 users and 5 items, the model of 5 and 6");
    }

    [Fact]
    public void Fit_CorrelationOfEqualWeights_SaysThatThereAreNoRatings() =>
        Should.Throw<ArgumentException>(() => new ItemNeighboursTrainer(new ItemNeighboursOptions { Similarity = SimilarityMeasure.Pearson }).Fit(Checkerboard.Train, new FitContext()))
            .Message.ShouldContain("compares ratings");

    [Theory]
    [InlineData("""{"neighbours":0}""", "1 to 10000")]
    [InlineData("""{"neighbours":1.5}""", "a whole number")]
    [InlineData("""{"shrinkage":-1}""", "shrinkage is -1")]
    [InlineData("""{"shrinkage":"x"}""", "takes a number")]
    [InlineData("""{"shrinkage":null}""", "not null")]
    [InlineData("""{"similarity":"euclid"}""", "log-likelihood")]
    [InlineData("""{"amplification":0}""", "0.1 to 10")]
    [InlineData("[]", "object")]
    [InlineData("{", "JSON")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("itemknn", json)).Message.ShouldContain(expected);
}
