using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class CfganTests : ModelContract
{
    private static readonly CfganOptions Small = new() { Dimensions = 16, DiscriminatorDimensions = 16, ReconstructionShare = 1, MaskingShare = 1, Epochs = 60, BatchSize = 10, LearningRate = 0.01, DiscriminatorRate = 0.01 };

    private protected override ITrainer Trainer { get; } = new CfganTrainer(Small);

    private protected override string OptionsJson =>
        """{"dimensions":32,"layers":2,"discriminatorDimensions":8,"zeros":"pm","reconstructionShare":0.5,"reconstructionWeight":0.3,"maskingShare":2,"dropRate":0.1,"epochs":3,"batchSize":16,"learningRate":0.01,"discriminatorRate":0.02,"weightDecay":0.1,"averageDecay":0.5,"seed":9}""";

    private protected override bool ExplanationsAddUp => false;

    [Theory]
    [InlineData(CfganZeros.Reconstruction)]
    [InlineData(CfganZeros.Masking)]
    [InlineData(CfganZeros.Both)]
    public void Fit_EveryWayOfZeros_LearnsTheColours(CfganZeros zeros)
    {
        var model = new CfganTrainer(Small with { Zeros = zeros }).Fit(Checkerboard.Train, new FitContext { Threads = 2 });
        var scores = Folded(model, [0, 2, 4, 6, 8], []);
        for (var item = 10; item < Checkerboard.Size; item += 2) scores[item].ShouldBeGreaterThan(scores[item + 1]);
    }

    [Fact]
    public void Fit_TwoLayers_LearnsTheColours()
    {
        var scores = Folded(new CfganTrainer(Small with { Layers = 2 }).Fit(Checkerboard.Train, new FitContext { Threads = 2 }), [1, 3, 5, 7], []);
        scores.Where((_, item) => item % 2 == 1).Average().ShouldBeGreaterThan(scores.Where((_, item) => item % 2 == 0).Average());
    }

    [Fact]
    public void Fit_AnotherSeed_GivesOtherScores() =>
        AllScores(new CfganTrainer(Small with { Epochs = 1, Seed = 2 }).Fit(Checkerboard.Train, new FitContext()))
            .ShouldNotBe(AllScores(new CfganTrainer(Small with { Epochs = 1 }).Fit(Checkerboard.Train, new FitContext())));

    [Fact]
    public void Rows_OfAUser_HoldWhatWasTouchedAndDrawNothingOfIt()
    {
        var train = Interactions.From(2, 40, [0, 0, 0, 1], [3, 5, 8, 0]);
        var rows = new CfganRows(new CfganOptions { MaskingShare = 2, ReconstructionShare = 1.5, DropRate = 0 }, train, [1, 0], key: 5);
        rows.Touched.Of(1).ToArray().ShouldBe([3, 5, 8]);
        rows.Told.Of(1).ToArray().ShouldBe([3, 5, 8]);
        rows.Seen.Of(1)[..3].ToArray().ShouldBe([3, 5, 8]);
        rows.Seen.CountOf(1).ShouldBe(9);
        rows.Zeros.CountOf(1).ShouldBe(5);
        rows.Zeros.CountOf(0).ShouldBe(2);
        rows.Seen.Of(1)[3..].ToArray().Concat(rows.Zeros.Of(1).ToArray()).ShouldAllBe(item => item != 3 && item != 5 && item != 8);
        ((double)rows.SeenWeights[^1]).ShouldBe(1 / Math.Sqrt(3), 1e-6);
    }

    [Fact]
    public void Options_OutOfRange_SayWhatIsAllowed()
    {
        Should.Throw<ArgumentException>(() => new CfganTrainer(new CfganOptions { Layers = 0 })).Message.ShouldContain("layers is 0; allowed are 1 to 5");
        Should.Throw<ArgumentException>(() => new CfganTrainer(new CfganOptions { Zeros = (CfganZeros)7 })).Message.ShouldContain("zr, pm and zp");
    }
}
