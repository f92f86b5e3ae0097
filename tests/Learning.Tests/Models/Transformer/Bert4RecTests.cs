using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class Bert4RecTests : ModelContract
{
    private static readonly Bert4RecOptions Small = new() { Dimensions = 16, Blocks = 1, Length = 32, Epochs = 40, BatchSize = 8, LearningRate = 0.01, DropRate = 0.1 };

    private protected override ITrainer Trainer { get; } = new Bert4RecTrainer(Small);

    private protected override string OptionsJson =>
        """{"dimensions":32,"blocks":3,"heads":2,"length":20,"maskShare":0.4,"lastShare":0.1,"dropRate":0.3,"loss":"sampled-softmax","negatives":7,"epochs":3,"patience":2,"batchSize":16,"learningRate":0.01,"weightDecay":0.1,"averageDecay":0.5,"seed":9}""";

    private protected override bool ExplanationsAddUp => false;

    private protected override Dataset DataOf(Interactions interactions) => OrderedData.Shuffled(interactions);

    [Fact]
    public void ScoreHistory_LongerThanIsRead_ReadsTheLastEvents()
    {
        var model = new Bert4RecTrainer(Small with { Length = 4, Epochs = 2 }).Fit(this.DataOf(this.Board), new FitContext { Threads = 1 });
        Folded(model, [9, 8, 1, 3, 5, 7], []).ShouldBe(Folded(model, [1, 3, 5, 7], []));
        Folded(model, [3, 5, 7], []).ShouldNotBe(Folded(model, [1, 3, 5, 7], []));
    }
}
