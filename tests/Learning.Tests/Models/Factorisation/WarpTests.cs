using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class WarpTests : ModelContract
{
    private static readonly WarpOptions Small = new() { Factors = 4, Epochs = 60, LearningRate = 0.1, Regularization = 0.05 };

    private protected override ITrainer Trainer { get; } = new WarpTrainer(Small);

    private protected override string OptionsJson => """{"factors":8,"trials":5,"itemBias":true}""";

    [Fact]
    public void Fit_ItemBias_RanksWithheldItemFirst()
    {
        var model = new WarpTrainer(Small with { ItemBias = true }).Fit(Checkerboard.Train, new FitContext());
        for (var user = 0; user < Checkerboard.Size; user++) Best(Scores(model, user), Checkerboard.Train.ItemsOf(user)).ShouldBe(user);
    }

    [Fact]
    public void Fit_ManyEpochs_PutsTheMarginBetweenObservedAndOther()
    {
        var train = Interactions.From(4, 4, [0, 0, 1, 1, 2, 2, 3, 3], [0, 1, 0, 1, 2, 3, 2, 3]);
        var model = new WarpTrainer(Small with { Epochs = 400, Regularization = 1e-4 }).Fit(train, new FitContext());
        for (var user = 0; user < 4; user++)
        {
            var scores = Scores(model, user);
            var (own, other) = user < 2 ? (0, 2) : (2, 0);
            (Math.Min(scores[own], scores[own + 1]) - Math.Max(scores[other], scores[other + 1])).ShouldBeGreaterThan(0.9f);
        }
    }

    [Theory]
    [InlineData("""{"factors":0}""", "factors is 0; allowed are 1 to 2047")]
    [InlineData("""{"epochs":0}""", "epochs is 0")]
    [InlineData("""{"learningRate":11}""", "learningRate is 11")]
    [InlineData("""{"regularization":-1}""", "regularization is -1")]
    [InlineData("""{"trials":0}""", "trials is 0; allowed are 1 to 10000")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("warp", json)).Message.ShouldContain(expected);
}
