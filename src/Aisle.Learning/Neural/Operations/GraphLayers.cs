using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>Embeddings mixed along the edges of a graph.</summary>
internal static class GraphLayers
{
    /// <summary>Above this share of all nodes, leaving out the others saves less than finding them costs.</summary>
    private const double MostSome = 0.6;

    /// <summary>
    /// y[i] = mean over k = 0 to layers of (Âᵏ x)[nodes[i]], with Â = D^−½ A D^−½ (light graph convolution). Only what the asked nodes depend on is
    /// computed in the last layer, and only what depends on them in the first layer of the backward pass; Â is its own transpose.
    /// </summary>
    /// <param name="x">A row per node of the graph.</param>
    /// <param name="layers">At least 1.</param>
    /// <param name="nodes">Distinct.</param>
    public static Tensor Propagate(this Tape tape, Tensor x, GraphProduct graph, int layers, int[] nodes)
    {
        Shapes.Match(x.Rows, graph.Nodes, "rows of x and nodes of the graph");
        var columns = x.Columns;
        var y = tape.New(nodes.Length, columns, x.NeedsGradient);
        var scale = 1f / (layers + 1);
        var (z, sum, next) = (tape.Scratch(graph.RoomFor(columns)), tape.Scratch(graph.RoomFor(columns)), tape.Scratch(graph.RoomFor(columns)));
        graph.Spread(x.Values, columns, z.Span, tape.Threads);
        z.Span.CopyTo(sum.Span);
        for (var layer = 1; layer < layers; layer++)
        {
            graph.Step(z.Span, next.Span, sum.Span, columns, only: null, tape.Threads);
            (z, next) = (next, z);
        }

        graph.Finish(z.Span, sum.Span, nodes, y.Values, columns, scale, accumulate: false, only: null, tape.Threads);
        tape.OnBackward(y, () =>
        {
            var only = nodes.Length > MostSome * graph.Nodes ? null : graph.Among(nodes, tape.Threads);
            graph.SpreadSome(y.Gradient, columns, nodes, z.Span);
            z.Span.CopyTo(sum.Span);
            for (var layer = 1; layer < layers; layer++)
            {
                graph.Step(z.Span, next.Span, sum.Span, columns, only, tape.Threads);
                (z, next) = (next, z);
                only = null;
            }

            var gradient = x.BeginGradient(out var accumulate);
            graph.Finish(z.Span, sum.Span, nodes: null, gradient, columns, scale, accumulate, only, tape.Threads);
        });
        return y;
    }
}
