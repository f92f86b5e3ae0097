using Aisle.Learning.Models;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Tests.Models;

public sealed class MultVaeTests : AutoencoderContract
{
    private protected override ITrainer Trainer { get; } = new MultVaeTrainer(new MultVaeOptions { Hidden = 16, Factors = 4, DecoderHidden = 8, Epochs = 80, LearningRate = 0.02, Schedule = LearningSchedule.Constant });

    private protected override string OptionsJson =>
        """{"hidden":300,"factors":50,"decoderHidden":0,"epochs":7,"batchSize":100,"learningRate":0.01,"schedule":"linear","dropout":0.25,"klWeight":0.125,"annealing":0.75,"weightDecay":0.001,"weightExponent":0.5,"patience":3,"seed":9}""";

    private protected override ITrainer Larger(int passes, int patience = 0) =>
        new MultVaeTrainer(new MultVaeOptions { Hidden = 48, Factors = 24, DecoderHidden = 0, Epochs = passes, BatchSize = 64, LearningRate = 0.01, Patience = patience });

    [Theory]
    [InlineData("""{"hidden":-1}""", "0 to 4096")]
    [InlineData("""{"factors":0}""", "factors is 0")]
    [InlineData("""{"dropout":1}""", "0 to 0.95")]
    [InlineData("""{"annealing":2}""", "0 to 1")]
    [InlineData("""{"schedule":"steep"}""", "constant")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("mult-vae", json)).Message.ShouldContain(expected);
}
