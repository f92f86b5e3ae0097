using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class UserNeighboursTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new UserNeighboursTrainer();

    private protected override string OptionsJson => """{"similarity":"asymmetric-cosine","neighbours":30,"shrinkage":1,"damping":0.75,"usersPerItem":500}""";

    [Fact]
    public void Fit_SmallMatrix_GivesTheScoresComputedByHand()
    {
        // User 0: items 0, 1. User 1: items 0, 1, 2. User 2: items 1, 3 with weights 1, 2.
        var train = Interactions.From(3, 4, [0, 0, 1, 1, 1, 2, 2], [0, 1, 0, 1, 2, 1, 3], [1f, 1f, 1f, 1f, 1f, 1f, 2f]);
        var model = new UserNeighboursTrainer(new UserNeighboursOptions { Similarity = SimilarityMeasure.Cosine, Shrinkage = 1, Damping = 0 }).Fit(train, new FitContext());
        var scores = Scores(model, 0);
        var (toFirst, toSecond) = (2 / (Math.Sqrt(6) + 1), 1 / (Math.Sqrt(10) + 1));
        ((double)scores[2]).ShouldBe(toFirst, 1e-6);
        ((double)scores[3]).ShouldBe(2 * toSecond, 1e-6);
        ((double)scores[1]).ShouldBe(toFirst + toSecond, 1e-6);

        // A history may repeat itself: item 0 twice is item 0 with weight 2.
        Folded(model, [0, 1, 0], []).ShouldBe(Folded(model, [1, 0], [1f, 2f]));
    }

    [Fact]
    public void PredictRatings_TwoCampsOfUsers_FollowsTheUsersOwnCamp() => RatingCamps.ShouldBeFollowed(
        new UserNeighboursTrainer(new UserNeighboursOptions { Similarity = SimilarityMeasure.Pearson, Damping = 0 }));

    [Fact]
    public void Update_NewUsersAndItems_IsTheModelOfANewFit()
    {
        var before = Interactions.From(2, 3, [0, 0, 1], [0, 1, 1]);
        var updated = ((IUpdatable)this.Trainer.Fit(before, new FitContext())).Update(new Dataset(Interactions.From(3, 4, [2, 2, 1], [1, 3, 1])), new FitContext());
        var whole = this.Trainer.Fit(Interactions.From(3, 4, [0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 1, 3]), new FitContext());
        AllScores(updated).ShouldBe(AllScores(whole));
        Scores(updated, 0)[3].ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("""{"usersPerItem":-1}""", "usersPerItem is -1")]
    [InlineData("""{"threshold":2}""", "0 to 1")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("userknn", json)).Message.ShouldContain(expected);
}
