using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class UltraGcnTests : ModelContract
{
    private static readonly UltraGcnOptions Small = new() { Factors = 8, Epochs = 60, LearningRate = 0.02, NegativeWeight = 10, Regularization = 1e-5 };

    private protected override ITrainer Trainer { get; } = new UltraGcnTrainer(Small);

    private protected override string OptionsJson =>
        """{"factors":8,"epochs":60,"batchSize":16,"negatives":10,"negativeWeight":5,"leastWeight":0.01,"neighbourWeight":0.1,"neighbours":3,"learningRate":0.02,"schedule":"constant"}""";

    [Theory]
    [InlineData("""{"factors":16,"epochs":60,"learningRate":0.02,"negativeWeight":10,"neighbourWeight":0,"regularization":0}""")]
    [InlineData("""{"factors":8,"epochs":60,"learningRate":0.02,"negativeWeight":10,"neighbourWeight":2,"patience":20}""")]
    public void Fit_OtherOptions_RankWithheldItemFirst(string json)
    {
        var model = Trainers.Create("ultragcn", json).Fit(Checkerboard.Train, new FitContext());
        for (var user = 0; user < Checkerboard.Size; user++) Best(Scores(model, user), Checkerboard.Train.ItemsOf(user)).ShouldBe(user);
    }

    [Fact]
    public void Fit_ItemsThatStandTogether_AreDrawnToTheShoppersOfEither()
    {
        // Items 0 and 1 stand together with many; user 0 has item 0 alone. What goes with it is all that tells 1 from 2.
        var train = Interactions.From(9, 4, [0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8], [0, 0, 1, 0, 1, 0, 1, 2, 2, 2, 3, 3]);
        var options = Small with { Epochs = 300, Neighbours = 1 };
        var without = Scores(new UltraGcnTrainer(options with { NeighbourWeight = 0, Factors = 1, Epochs = 1, LearningRate = 1e-6 }).Fit(train, new FitContext()), 0);
        var with = Scores(new UltraGcnTrainer(options with { NeighbourWeight = 5 }).Fit(train, new FitContext()), 0);
        without.ShouldAllBe(score => float.IsFinite(score));
        with[1].ShouldBeGreaterThan(with[2]);
        with[1].ShouldBeGreaterThan(with[3]);
    }

    [Theory]
    [InlineData("""{"factors":0}""", "factors is 0; allowed are 1 to 2048")]
    [InlineData("""{"epochs":0}""", "epochs is 0")]
    [InlineData("""{"batchSize":-1}""", "batchSize is -1")]
    [InlineData("""{"negatives":0}""", "negatives is 0")]
    [InlineData("""{"negativeWeight":-1}""", "negativeWeight is -1")]
    [InlineData("""{"leastWeight":-1}""", "leastWeight is -1")]
    [InlineData("""{"neighbourWeight":-1}""", "neighbourWeight is -1")]
    [InlineData("""{"neighbours":0}""", "neighbours is 0")]
    [InlineData("""{"regularization":2}""", "regularization is 2")]
    [InlineData("""{"learningRate":0}""", "learningRate is 0")]
    [InlineData("""{"patience":-1}""", "patience is -1")]
    [InlineData("""{"schedule":"steps"}""", "\"constant\", \"linear\", \"cosine\"")]
    public void Options_OutOfRange_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("ultragcn", json)).Message.ShouldContain(expected);
}
