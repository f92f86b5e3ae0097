using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class LogisticMfTests : ModelContract
{
    private static readonly LogisticMfOptions Small = new() { Factors = 8, Epochs = 60, LearningRate = 0.1, ItemBias = false };

    private protected override ITrainer Trainer { get; } = new LogisticMfTrainer(Small);

    private protected override string OptionsJson => """{"factors":8,"negatives":3,"popularityExponent":0.5,"itemBias":false,"userRegularization":0.03,"drawObserved":true,"startScale":0.05}""";

    [Fact]
    public void Fit_ItemBias_RanksWithheldItemFirst()
    {
        var model = new LogisticMfTrainer(Small with { ItemBias = true }).Fit(Checkerboard.Train, new FitContext());
        for (var user = 0; user < Checkerboard.Size; user++) Best(Scores(model, user), Checkerboard.Train.ItemsOf(user)).ShouldBe(user);
    }

    [Fact]
    public void Fit_TwoGroups_ScoreOppositeAlike()
    {
        // Ones and noughts are drawn equally often, and the two items are mirror images of each other.
        int[] users = [.. Enumerable.Range(0, 60)];
        int[] items = [.. users.Select(user => user % 2)];
        var options = new LogisticMfOptions { Factors = 1, Epochs = 300, LearningRate = 0.02, Regularization = 0, Negatives = 1 };
        var model = new LogisticMfTrainer(options).Fit(Interactions.From(60, 2, users, items), new FitContext());
        var scores = Scores(model, 0);
        scores[0].ShouldBeGreaterThan(0.5f);
        scores[1].ShouldBeLessThan(-0.5f);
        ((double)scores[0] + scores[1]).ShouldBe(0, 0.3);
    }

    [Fact]
    public void Fit_DrawObserved_HoldsScoresOfObservedItemsBack()
    {
        // Everyone has half of the items: with every cell a nought beside them, a pair is drawn as a nought as often as it is seen.
        var kept = new LogisticMfTrainer(Small).Fit(Checkerboard.Train, new FitContext());
        var held = new LogisticMfTrainer(Small with { DrawObserved = true }).Fit(Checkerboard.Train, new FitContext());
        Scores(held, 0)[2].ShouldBeLessThan(Scores(kept, 0)[2] - 1f);
        Best(Scores(held, 0), Checkerboard.Train.ItemsOf(0)).ShouldBe(0);
    }

    [Fact]
    public void Fit_HeavyInteraction_ScoresHigher()
    {
        var light = Interactions.From(4, 4, [0, 1, 2, 3, 0, 1], [0, 1, 2, 3, 1, 2]);
        var heavy = Interactions.From(4, 4, [0, 1, 2, 3, 0, 1], [0, 1, 2, 3, 1, 2], [20f, 1f, 1f, 1f, 1f, 1f]);
        var options = Small with { Epochs = 20, LearningRate = 0.05, Regularization = 0.05 };
        Scores(new LogisticMfTrainer(options).Fit(heavy, new FitContext()), 0)[0]
            .ShouldBeGreaterThan(Scores(new LogisticMfTrainer(options).Fit(light, new FitContext()), 0)[0]);
    }

    [Theory]
    [InlineData("""{"factors":0}""", "factors is 0; allowed are 1 to 2047")]
    [InlineData("""{"epochs":0}""", "epochs is 0")]
    [InlineData("""{"learningRate":11}""", "learningRate is 11")]
    [InlineData("""{"regularization":-1}""", "regularization is -1")]
    [InlineData("""{"userRegularization":-1}""", "userRegularization is -1")]
    [InlineData("""{"startScale":2}""", "startScale is 2")]
    [InlineData("""{"negatives":0}""", "negatives is 0")]
    [InlineData("""{"popularityExponent":-1}""", "popularityExponent is -1")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("logistic-mf", json)).Message.ShouldContain(expected);
}
