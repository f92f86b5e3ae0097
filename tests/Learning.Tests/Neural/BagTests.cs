using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;
using Aisle.Learning.Tests.Kernels;
using static Aisle.Learning.Tests.Neural.Gradients;

namespace Aisle.Learning.Tests.Neural;

public sealed class BagTests
{
    private static readonly Bags Items = Bags.Of([[1, 4, 4], [], [0, 5, 1, 2]]);

    [Fact]
    public void BagScores_RepeatedAndNone_PassGradientsBack()
    {
        Parameter x = Random("x", 3, 5, 1), table = Random("table", 6, 5, 2, isTable: true);
        Check([x, table], tape => tape.Weigh(tape.BagScores(x, table, Items)));
    }

    [Fact]
    public void SumBags_LearnedWeights_PassGradientsBack()
    {
        Parameter table = Random("table", 6, 5, 1, isTable: true), weights = Random("weights", 7, 1, 2);
        Check([table, weights], tape => tape.Weigh(tape.SumBags(table, Items, weights)));
    }

    [Fact]
    public void SumBags_OfScores_PassGradientsThroughBoth()
    {
        Parameter x = Random("x", 3, 5, 1), table = Random("table", 6, 5, 2, isTable: true);
        Check([x, table], tape => tape.Weigh(tape.SumBags(table, Items, tape.Activate<Sigmoid>(tape.BagScores(x, table, Items)))));
    }

    [Fact]
    public void SumBags_FixedWeights_PassGradientsBackToTheRowsTouched()
    {
        var table = Random("table", 6, 5, 1, isTable: true);
        var bags = new WeightedBags(new Bags([0, 2, 2, 5], [1, 4, 0, 4, 2]), [0.5f, -2f, 1f, 3f, 0.25f]);
        Check([table], tape => tape.Weigh(tape.SumBags(table, bags)));
        Check([table], tape => tape.Weigh(tape.SumBags(table, Items.Means())));
        table.ClearGradient();
        var tape = new Tape(1);
        tape.Backward(tape.Sum(tape.SumBags(table, bags)));
        table.Touched.Order().ToArray().ShouldBe([0, 1, 2, 4], "rows 3 and 5 are in no bag");
    }

    [Fact]
    public void SumBags_ByHand_IsTheProductOfASparseMatrix()
    {
        var table = new Parameter("table", 5, 2);
        ((float[])[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]).CopyTo(table.Values);
        var bags = new WeightedBags(new Bags([0, 2, 2, 5], [1, 4, 0, 4, 2]), [0.5f, -2f, 1f, 3f, 0.25f]);
        new Tape(1).SumBags(table, bags).Values.ToArray().ShouldBe([-16.5f, -18f, 0f, 0f, 29.25f, 33.5f]);
    }

    [Fact]
    public void SumBags_ManyItems_GiveTheSameGradientsOnAnyThreads()
    {
        int[] items = [.. Enumerable.Range(0, 6000).Select(i => i * 7 % 97)];
        var bags = new Bags([.. Enumerable.Range(0, 301).Select(i => i * 20)], items);
        float[][] gradients = [.. ((int[])[1, 2, 5]).Select(threads =>
        {
            Parameter table = Random("table", 97, 8, 1, isTable: true), weights = Random("weights", 6000, 1, 2);
            var tape = new Tape(threads);
            tape.Backward(tape.Weigh(tape.SumBags(table, bags, weights)));
            return (float[])[.. table.TouchGradient([]), .. weights.Gradient];
        })];
        gradients[1].ShouldBe(gradients[0]);
        gradients[2].ShouldBe(gradients[0]);
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(3000, 1)]
    [InlineData(3000, 5)]
    public void ScatterAdd_AnyThreads_IsThePlainTwin(int count, int threads)
    {
        const int columns = 19;
        var random = new RandomStream(3);
        var owners = new int[count];
        var rows = new int[count];
        for (var i = 0; i < count; i++) (owners[i], rows[i]) = (random.Below(7), random.Below(11));
        float[] weights = Numbers.Random(count, 1), x = Numbers.Random(7 * columns, 2), table = Numbers.Random(11 * columns, 3), expected = [.. table];
        EmbeddingRows.ScatterAdd(weights, x, columns, owners, rows, table, threads);
        EmbeddingRows.ScatterAddReference(weights, x, columns, owners, rows, expected);
        for (var i = 0; i < table.Length; i++) ((double)table[i]).ShouldBe(expected[i], 1e-4 * count / 10);
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(3000, 3)]
    public void ScatterAdd_AbsentRows_IsThePlainTwin(int count, int threads)
    {
        const int columns = 19;
        var random = new RandomStream(4);
        var rows = new int[count];
        foreach (ref var row in rows.AsSpan()) row = random.Below(12) - 1;
        float[] x = Numbers.Random(count * columns, 2), table = Numbers.Random(11 * columns, 3), expected = [.. table];
        EmbeddingRows.ScatterAdd(x, columns, rows, table, threads);
        EmbeddingRows.ScatterAddReference([], x, columns, [], rows, expected);
        for (var i = 0; i < table.Length; i++) ((double)table[i]).ShouldBe(expected[i], 1e-4 * count / 10);
        Should.Throw<ArgumentOutOfRangeException>(() => EmbeddingRows.ScatterAdd([1f], x, columns, [0], [-1], table, threads));
    }

    [Fact]
    public void MeansAndUnits_OfEachBag_HaveSumOneAndNormOne()
    {
        Items.Means().Weights.Sum(weight => (double)weight).ShouldBe(2, 1e-6);
        Items.Units().Weights.Sum(weight => (double)weight * weight).ShouldBe(2, 1e-6);
    }

    [Fact]
    public void Of_SparseRows_KeepsItemsAndWeights()
    {
        var bags = WeightedBags.Of(Interactions.From(3, 4, [0, 0, 2], [1, 3, 0], [1f, 0.5f, 2f]));
        bags.Bags.Starts.ShouldBe([0, 2, 2, 3]);
        bags.Bags.Items.ShouldBe([1, 3, 0]);
        bags.Weights.ShouldBe([1f, 0.5f, 2f]);
    }

    [Fact]
    public void Normalised_EachBag_HasLengthOne()
    {
        var normalised = new WeightedBags(new Bags([0, 2, 2, 3], [5, 1, 5]), [3f, 4f, 0.1f]).Normalised();
        Numbers.LargestDifference(normalised.Weights, [0.6f, 0.8f, 1f]).ShouldBeLessThan(1e-6);
        normalised.Bags.Items.ShouldBe([5, 1, 5]);
    }

    [Fact]
    public void Dropped_ManyMembers_LosesTheShareAskedForAndKeepsTheSum()
    {
        var bags = new WeightedBags(new Bags([0, 60_000, 100_000], [.. Enumerable.Range(0, 100_000)]), [.. Enumerable.Repeat(1f, 100_000)]);
        var dropped = bags.Dropped(0.3f, key: 9);
        dropped.Bags.Items.Length.ShouldBeInRange(69_500, 70_500);
        dropped.Bags.Starts[1].ShouldBeInRange(41_600, 42_400);
        dropped.Bags.Starts[2].ShouldBe(dropped.Bags.Items.Length);
        dropped.Bags.Of(1).ToArray().ShouldAllBe(item => item >= 60_000);
        dropped.Weights.ShouldAllBe(weight => weight == 1f / (1 - 0.3f));
        dropped.Bags.Items.ShouldBe(bags.Dropped(0.3f, key: 9).Bags.Items);
        dropped.Bags.Items.ShouldNotBe(bags.Dropped(0.3f, key: 10).Bags.Items);
        bags.Dropped(0f, key: 9).ShouldBe(bags);
    }
}
