using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

internal static class Normalisation
{
    /// <summary>Rows to a block of the backward pass: its sums are added up in order, whatever the thread count.</summary>
    private const int Block = 512;

    /// <summary>Each row to mean 0 and variance 1, then times gain plus bias.</summary>
    /// <param name="gain">1 × columns of x.</param>
    /// <param name="bias">1 × columns of x.</param>
    public static Tensor LayerNorm(this Tape tape, Tensor x, Tensor gain, Tensor bias) => Normalise(tape, x, gain, bias);

    /// <summary>Each row to mean square 1, then times gain.</summary>
    public static Tensor RmsNorm(this Tape tape, Tensor x, Tensor gain) => Normalise(tape, x, gain, bias: null);

    /// <summary>Each row brought to a length.</summary>
    public static Tensor RowsOfLength(this Tape tape, Tensor x, float length)
    {
        var gain = new float[x.Columns];
        gain.AsSpan().Fill(length / MathF.Sqrt(x.Columns));
        return tape.RmsNorm(x, tape.Constant(1, gain.Length, gain));
    }

    private static Tensor Normalise(Tape tape, Tensor x, Tensor gain, Tensor? bias)
    {
        Shapes.Match(gain.Length, x.Columns, "the gain and columns of x");
        if (bias is not null) Shapes.Match(bias.Length, x.Columns, "the bias and columns of x");
        var isCentred = bias is not null;
        var columns = x.Columns;
        var y = tape.New(x.Rows, columns, x.NeedsGradient || gain.NeedsGradient);
        var means = tape.Scratch(x.Rows);
        var scales = tape.Scratch(x.Rows);
        tape.ForRows(x.Rows, columns, (first, count) => RowNorms.Apply(
            x.Values.Slice(first * columns, count * columns),
            gain.Values,
            bias is null ? default : bias.Values,
            y.Values.Slice(first * columns, count * columns),
            isCentred ? means.Span.Slice(first, count) : default,
            scales.Span.Slice(first, count)));
        tape.OnBackward(y, () =>
        {
            var blocks = (x.Rows + Block - 1) / Block;
            var sums = tape.Scratch(2L * blocks * columns);
            sums.Span.Clear();
            _ = y.Gradient;
            var accumulate = false;
            if (x.NeedsGradient) _ = x.BeginGradient(out accumulate);
            var unused = x.NeedsGradient ? null : tape.Scratch(x.Length);
            ParallelRows.Run(
                tape.Threads,
                blocks,
                grain: 1,
                (_, block, _) =>
                {
                    var first = block * Block;
                    var count = Math.Min(Block, x.Rows - first);
                    var target = unused is null ? x.BeginGradient(out var _) : unused.Span[..x.Length];
                    RowNorms.PassBack(
                        x.Values.Slice(first * columns, count * columns),
                        gain.Values,
                        isCentred ? means.Span.Slice(first, count) : default,
                        scales.Span.Slice(first, count),
                        y.Gradient.Slice(first * columns, count * columns),
                        target.Slice(first * columns, count * columns),
                        sums.Span.Slice(2 * block * columns, columns),
                        isCentred ? sums.Span.Slice(((2 * block) + 1) * columns, columns) : default,
                        accumulate);
                },
                CancellationToken.None);
            for (var block = 0; block < blocks; block++)
            {
                if (gain.NeedsGradient) Vectors.AddScaled(1f, sums.Span.Slice(2 * block * columns, columns), gain.Gradient);
                if (bias is { NeedsGradient: true }) Vectors.AddScaled(1f, sums.Span.Slice(((2 * block) + 1) * columns, columns), bias.Gradient);
            }
        });
        return y;
    }
}
