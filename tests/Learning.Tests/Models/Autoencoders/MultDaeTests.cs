using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class MultDaeTests : AutoencoderContract
{
    private protected override ITrainer Trainer { get; } = new MultDaeTrainer(new MultDaeOptions { Factors = 8, Epochs = 40, LearningRate = 0.02 });

    private protected override string OptionsJson =>
        """{"hidden":300,"factors":50,"decoderHidden":70,"epochs":7,"batchSize":100,"learningRate":0.01,"schedule":"cosine","dropout":0.25,"weightDecay":0.001,"weightExponent":0.5,"patience":3,"seed":9}""";

    private protected override ITrainer Larger(int passes, int patience = 0) =>
        new MultDaeTrainer(new MultDaeOptions { Factors = 32, Epochs = passes, BatchSize = 64, LearningRate = 0.01, Patience = patience });

    [Fact]
    public void Fit_HiddenLayers_RankTheWithheldItemFirst()
    {
        var model = new MultDaeTrainer(new MultDaeOptions { Hidden = 16, Factors = 8, DecoderHidden = 16, Epochs = 60, LearningRate = 0.02 }).Fit(this.Board, new FitContext());
        for (var user = 0; user < Checkerboard.Size; user++) Best(Scores(model, user), this.Board.ItemsOf(user)).ShouldBe(user);
    }

    [Theory]
    [InlineData("""{"epochs":0}""", "1 to 10000")]
    [InlineData("""{"weightExponent":-1}""", "weightExponent is -1")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("mult-dae", json)).Message.ShouldContain(expected);
}
