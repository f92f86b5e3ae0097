using Aisle.Learning.Models;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Tests.Models;

public sealed class RecVaeTests : AutoencoderContract
{
    private protected override ITrainer Trainer { get; } = new RecVaeTrainer(new RecVaeOptions { Hidden = 16, Factors = 4, Epochs = 30, LearningRate = 0.02, Schedule = LearningSchedule.Constant, Dropout = 0.8 });

    private protected override string OptionsJson =>
        """{"hidden":300,"factors":50,"epochs":7,"encoderPasses":2,"batchSize":100,"learningRate":0.01,"schedule":"linear","dropout":0.25,"gamma":0.0125,"standardShare":0.25,"wideShare":0.125,"weightExponent":0.5,"patience":3,"seed":9}""";

    private protected override ITrainer Larger(int passes, int patience = 0) =>
        new RecVaeTrainer(new RecVaeOptions { Hidden = 48, Factors = 24, Epochs = passes / 4, BatchSize = 64, LearningRate = 0.01, Patience = patience });

    [Theory]
    [InlineData("""{"hidden":0}""", "1 to 4096")]
    [InlineData("""{"encoderPasses":0}""", "encoderPasses is 0")]
    [InlineData("""{"standardShare":0.6,"wideShare":0.6}""", "together at most")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("recvae", json)).Message.ShouldContain(expected);
}
