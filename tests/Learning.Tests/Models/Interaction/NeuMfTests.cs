using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public class NeuMfTests : ModelContract
{
    private protected virtual NeuMfParts Parts => NeuMfParts.NeuMf;

    private protected override ITrainer Trainer => new NeuMfTrainer(new NeuMfOptions { Parts = this.Parts, Factors = 4, Hidden = 8, Layers = 2, Negatives = 2, Epochs = 6, BatchSize = 48, LearningRate = 0.05, WeightDecay = 0 });

    private protected override string OptionsJson => """{"parts":"mlp","factors":16,"hidden":32,"layers":2,"negatives":2,"epochs":3,"pretrainEpochs":1,"learningRate":0.01,"dropout":0.1}""";

    private protected override bool IsExplained => false;

    [Theory]
    [InlineData("mlp", 0)]
    [InlineData("dense", 0)]
    [InlineData("neumf", 4)]
    public void Fit_OtherParts_RankTheWithheldItemFirst(string parts, int pretrainEpochs)
    {
        var options = $$"""{"parts":"{{parts}}","factors":4,"hidden":8,"layers":2,"epochs":6,"pretrainEpochs":{{pretrainEpochs}},"batchSize":48,"learningRate":0.05,"weightDecay":0}""";
        var model = Trainers.Create("neumf", options).Fit(new Dataset(Checkerboard.Train), new FitContext { Threads = 2 });
        for (var user = 0; user < Checkerboard.Size; user++) Best(Scores(model, user), Checkerboard.Train.ItemsOf(user)).ShouldBe(user);
        Scores(Reloaded(model), 7).ShouldBe(Scores(model, 7));
    }
}

public sealed class NeuMfProductTests : NeuMfTests
{
    private protected override NeuMfParts Parts => NeuMfParts.Gmf;
}
