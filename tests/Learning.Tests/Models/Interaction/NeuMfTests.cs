using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public class NeuMfTests : ModelContract
{
    private protected virtual NeuMfParts Parts => NeuMfParts.NeuMf;

    private protected override ITrainer Trainer => new NeuMfTrainer(new NeuMfOptions { Parts = this.Parts, Factors = 4, Hidden = 8, Layers = 2, Epochs = 12, BatchSize = 64, LearningRate = 0.02 });

    private protected override string OptionsJson => """{"parts":"mlp","factors":16,"hidden":32,"layers":2,"negatives":2,"epochs":3,"pretrainEpochs":1,"learningRate":0.01,"dropout":0.1}""";

    private protected override bool IsExplained => false;
}

public sealed class NeuMfProductTests : NeuMfTests
{
    private protected override NeuMfParts Parts => NeuMfParts.Gmf;
}

public sealed class NeuMfTowerTests : NeuMfTests
{
    private protected override NeuMfParts Parts => NeuMfParts.Mlp;
}

public sealed class NeuMfDenseTests : NeuMfTests
{
    private protected override NeuMfParts Parts => NeuMfParts.Dense;
}
