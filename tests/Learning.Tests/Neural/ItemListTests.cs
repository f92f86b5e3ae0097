using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;
using Aisle.Learning.Tests.Kernels;
using static Aisle.Learning.Tests.Neural.Gradients;

namespace Aisle.Learning.Tests.Neural;

public sealed class ItemListTests
{
    private static readonly ItemLists Lists = ItemLists.Of([[1, 4, 4], [], [0, 5, 1, 2]]);

    [Fact]
    public void ListScores_RepeatedAndNone_PassGradientsBack()
    {
        Parameter x = Random("x", 3, 5, 1), table = Random("table", 6, 5, 2, isTable: true);
        Check([x, table], tape => tape.Weigh(tape.ListScores(x, table, Lists)));
    }

    [Fact]
    public void ListSums_RepeatedAndNone_PassGradientsBack()
    {
        Parameter table = Random("table", 6, 5, 1, isTable: true), weights = Random("weights", 7, 1, 2);
        Check([table, weights], tape => tape.Weigh(tape.ListSums(table, Lists, weights)));
    }

    [Fact]
    public void ListSums_OfScores_PassGradientsThroughBoth()
    {
        Parameter x = Random("x", 3, 5, 1), table = Random("table", 6, 5, 2, isTable: true);
        Check([x, table], tape => tape.Weigh(tape.ListSums(table, Lists, tape.Activate<Sigmoid>(tape.ListScores(x, table, Lists)))));
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(3000, 1)]
    [InlineData(3000, 5)]
    public void ScatterAddOwned_AnyThreads_IsThePlainTwin(int count, int threads)
    {
        const int columns = 19;
        var random = new RandomStream(3);
        var owners = new int[count];
        var rows = new int[count];
        for (var i = 0; i < count; i++) (owners[i], rows[i]) = (random.Below(7), random.Below(11));
        float[] weights = Numbers.Random(count, 1), x = Numbers.Random(7 * columns, 2), table = Numbers.Random(11 * columns, 3), expected = [.. table];
        EmbeddingRows.ScatterAddOwned(weights, x, columns, owners, rows, table, threads);
        EmbeddingRows.ScatterAddOwnedReference(weights, x, columns, owners, rows, expected);
        for (var i = 0; i < table.Length; i++) ((double)table[i]).ShouldBe(expected[i], 1e-4 * count / 10);
    }

    [Fact]
    public void UnitWeights_OfEachList_HaveNormOne() =>
        Lists.UnitWeights().Select(weight => (double)weight * weight).Sum().ShouldBe(2, 1e-6);
}
