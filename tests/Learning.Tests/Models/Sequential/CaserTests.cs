using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class CaserTests : ModelContract
{
    // Few epochs: the order is by chance, and convolutions learn it by heart.
    private static readonly CaserOptions Small = new() { Dimensions = 16, Length = 8, HorizontalFilters = 8, VerticalFilters = 2, Epochs = 15, BatchSize = 8, LearningRate = 0.01, DropRate = 0.3 };

    private protected override ITrainer Trainer { get; } = new CaserTrainer(Small);

    private protected override string OptionsJson =>
        """{"dimensions":32,"length":3,"horizontalFilters":7,"verticalFilters":2,"ahead":3,"dropRate":0.3,"loss":"bce","negatives":7,"epochs":3,"patience":2,"batchSize":16,"learningRate":0.01,"weightDecay":0.1,"averageDecay":0.5,"seed":9}""";

    private protected override bool ExplanationsAddUp => false;

    private protected override Dataset DataOf(Interactions interactions) => OrderedData.Shuffled(interactions);

    [Fact]
    public void ScoreHistory_LongerThanIsRead_ReadsTheLastEvents()
    {
        var model = new CaserTrainer(Small with { Length = 4, Epochs = 2 }).Fit(this.DataOf(this.Board), new FitContext { Threads = 1 });
        Folded(model, [8, 6, 1, 3, 5, 7], []).ShouldBe(Folded(model, [1, 3, 5, 7], []));
    }

    [Fact]
    public void Fit_SeveralAhead_LearnsWhatComesAfterTheNext()
    {
        // Rows 0 1 2 3 …: with one event ahead the next stands first, with two the one after it stands second.
        int[][] rows = [.. Enumerable.Range(0, 40).Select(row => Enumerable.Range(0, 8).Select(i => (row + i) % 20).ToArray())];
        var model = new CaserTrainer(Small with { Ahead = 2, Epochs = 60, DropRate = 0 }).Fit(OrderedData.Of(20, rows), new FitContext { Threads = 1 });
        int[] best = [.. Folded(model, [3, 4, 5], []).Index().OrderByDescending(pair => pair.Item).Take(2).Select(pair => pair.Index)];
        best.Order().ShouldBe([6, 7]);
    }
}
