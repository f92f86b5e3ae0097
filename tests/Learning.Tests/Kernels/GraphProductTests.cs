using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Tests.Kernels;

public sealed class GraphProductTests
{
    private static readonly Interactions Train = Numbers.Sparse(300, 260, 2_500);

    [Theory]
    [InlineData(5, 1, 1)]
    [InlineData(32, 2, 3)]
    [InlineData(64, 3, 2)]
    [InlineData(70, 3, 1)]
    public void Propagate_AllNodes_EqualsReference(int columns, int layers, int threads)
    {
        var graph = new GraphProduct(Train);
        var x = new Parameter("x", graph.Nodes, columns);
        Numbers.Random(x.Length, 3).CopyTo(x.Values);
        var expected = graph.MeanOfLayersReference(x.Values, columns, layers);
        var tape = new Tape(threads);
        Largest(tape.Propagate(x, graph, layers, [.. Enumerable.Range(0, graph.Nodes)]).Values, expected).ShouldBeLessThan(1e-5);
    }

    [Fact]
    public void Propagate_SomeNodes_EqualsThoseOfAll()
    {
        var graph = new GraphProduct(Train);
        var x = new Parameter("x", graph.Nodes, 40);
        Numbers.Random(x.Length, 3).CopyTo(x.Values);
        var tape = new Tape(2);
        var all = tape.Propagate(x, graph, 3, [.. Enumerable.Range(0, graph.Nodes)]);
        int[] asked = [299, 0, 301, 17, 559];
        var some = tape.Propagate(x, graph, 3, asked);
        for (var i = 0; i < asked.Length; i++) some.Row(i).SequenceEqual(all.Row(asked[i])).ShouldBeTrue();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Backward_FewNodes_EqualsReferenceOfTheTranspose(int threads)
    {
        // The operator is symmetric: the gradient is the operator applied to what came from above, which is 0 at nodes that were not asked for.
        const int Columns = 36;
        var graph = new GraphProduct(Train);
        var x = new Parameter("x", graph.Nodes, Columns);
        Numbers.Random(x.Length, 3).CopyTo(x.Values);
        int[] asked = [5, 480, 123, 301, 299];
        var above = Numbers.Random(asked.Length * Columns, 8);
        var tape = new Tape(threads);
        tape.Backward(tape.Sum(tape.Multiply(tape.Propagate(x, graph, 3, asked), tape.Constant(asked.Length, Columns, above))));
        var spread = new float[x.Length];
        for (var i = 0; i < asked.Length; i++) above.AsSpan(i * Columns, Columns).CopyTo(spread.AsSpan(asked[i] * Columns));
        Largest(x.Gradient, graph.MeanOfLayersReference(spread, Columns, 3)).ShouldBeLessThan(1e-5);
    }

    [Fact]
    public void Propagate_NodeWithoutNeighbours_KeepsItsShareOfItself()
    {
        var graph = new GraphProduct(Interactions.From(2, 2, [0], [1]));
        var x = new Parameter("x", 4, 1);
        ((float[])[1f, 8f, 16f, 3f]).CopyTo(x.Values);
        new Tape(1).Propagate(x, graph, 1, [0, 1, 2, 3]).Values.ToArray().ShouldBe([2f, 4f, 8f, 2f]);
    }

    private static double Largest(ReadOnlySpan<float> actual, double[] expected)
    {
        actual.Length.ShouldBe(expected.Length);
        var largest = 0.0;
        for (var i = 0; i < expected.Length; i++) largest = Math.Max(largest, Math.Abs(actual[i] - expected[i]));
        return largest;
    }
}
