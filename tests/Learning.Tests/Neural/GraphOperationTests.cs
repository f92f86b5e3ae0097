using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;
using Aisle.Learning.Tests.Kernels;
using static Aisle.Learning.Tests.Neural.Gradients;

namespace Aisle.Learning.Tests.Neural;

public sealed class GraphOperationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Propagate_SomeAndAllNodes_PassesGradientsBack(int layers)
    {
        var graph = new GraphProduct(Interactions.From(4, 3, [0, 0, 1, 2, 2], [0, 1, 1, 0, 1]));
        var x = Random("x", 7, 5, 1);
        Check([x], tape => tape.Weigh(tape.Propagate(x, graph, layers, [5, 0, 3])));
        Check([x], tape => tape.Weigh(tape.Propagate(x, graph, layers, [6, 5, 4, 3, 2, 1, 0])));
    }

    [Fact]
    public void LogSumExp_SeveralBlocks_PassesGradientsBack()
    {
        Parameter x = Random("x", 300, 3, 1), candidates = Random("candidates", 5, 3, 2);
        var weights = Array.ConvertAll(Numbers.Random(300, 4), value => 0.01f * (2f + value));
        Check([x, candidates], tape => tape.LogSumExp(x, candidates, weights, 2.5f));
    }

    [Fact]
    public void CatalogueNoughts_SeveralBlocks_PassesGradientsBack()
    {
        Parameter x = Random("x", 600, 3, 1), candidates = Random("candidates", 5, 3, 2);
        var (rows, columns) = (Array.ConvertAll(Numbers.Random(600, 4), value => 2f + value), Array.ConvertAll(Numbers.Random(5, 5), value => 2f + value));
        Check([x, candidates], tape => tape.CatalogueNoughts(x, candidates, rows, columns, 0.3f));
    }

    [Fact]
    public void CatalogueNoughts_OneRow_IsTheWeightedSum()
    {
        var x = new Parameter("x", 1, 2);
        ((float[])[1f, 2f]).CopyTo(x.Values);
        var candidates = new Parameter("candidates", 2, 2);
        ((float[])[1f, 0f, 0f, 1f]).CopyTo(candidates.Values);
        ((double)new Tape(1).CatalogueNoughts(x, candidates, [3f], [0.5f, 0.25f], 0.1f).Values[0])
            .ShouldBe((1.6 * Math.Log(1 + Math.E)) + (0.85 * Math.Log(1 + Math.Exp(2))), 1e-5);
    }

    [Fact]
    public void LogSumExp_OneRow_IsTheLogarithmOfTheSum()
    {
        var x = new Parameter("x", 1, 2);
        ((float[])[1f, 2f]).CopyTo(x.Values);
        var candidates = new Parameter("candidates", 2, 2);
        ((float[])[1f, 0f, 0f, 1f]).CopyTo(candidates.Values);
        ((double)new Tape(1).LogSumExp(x, candidates, [3f], 0.5f).Values[0]).ShouldBe(3 * Math.Log(Math.Exp(0.5) + Math.Exp(1)), 1e-5);
    }
}
