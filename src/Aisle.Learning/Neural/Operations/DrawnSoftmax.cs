using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

internal static class DrawnSoftmax
{
    /// <summary>Scores that are held at a time.</summary>
    private const int BlockScores = 1 << 21;

    private const int LargestBlock = 256;

    /// <summary>
    /// Σ_r weight_r · ln Σ_j exp(scale · x_r · c_j): what a softmax over the candidates takes from the scores of the weight_r targets of row r.
    /// Rows × candidates are never held: blocks of rows are scored and their gradients taken at once.
    /// </summary>
    /// <param name="x">Rows × depth.</param>
    /// <param name="candidates">Candidates × depth, the same for all rows.</param>
    public static Tensor LogSumExp(this Tape tape, Tensor x, Tensor candidates, float[] weights, float scale)
    {
        Shapes.Match(x.Columns, candidates.Columns, "columns of x and of the candidates");
        Shapes.Match(weights.Length, x.Rows, "weights and rows");
        var loss = tape.New(1, 1, x.NeedsGradient || candidates.NeedsGradient);
        var count = candidates.Rows;
        var block = Math.Clamp(BlockScores / Math.Max(1, count) / Tile.Rows * Tile.Rows, Tile.Rows, LargestBlock);
        var scores = tape.Scratch((long)Math.Min(block, x.Rows) * count);
        var dx = loss.NeedsGradient && x.NeedsGradient ? tape.Scratch(x.Length) : null;
        var dcandidates = loss.NeedsGradient && candidates.NeedsGradient ? tape.Scratch(candidates.Length) : null;
        var weighted = tape.Scratch(x.Length).Span[..x.Length];
        weighted.Clear();
        for (var row = 0; row < x.Rows; row++) Vectors.AddScaled(weights[row] * scale, x.Row(row), weighted.Slice(row * x.Columns, x.Columns));
        var logs = new double[x.Rows];
        using (var transposed = PackedRight.Of(candidates.Values, x.Columns, count, isTransposed: true))
        using (var packed = PackedRight.Of(candidates.Values, count, x.Columns, isTransposed: false))
        {
            for (var first = 0; first < x.Rows; first += block)
            {
                var (start, rows) = (first, Math.Min(block, x.Rows - first));
                var part = x.Values.Slice(first * x.Columns, rows * x.Columns);
                var slopes = scores.Span[..(rows * count)];
                DenseProducts.Multiply(part, transposed, slopes, rows, accumulate: false, tape.Threads);
                tape.ForRows(rows, count, (begin, taken) =>
                {
                    for (var row = begin; row < begin + taken; row++)
                        logs[start + row] = weights[start + row] * (double)SoftmaxRow.Apply(scores.Span.Slice(row * count, count), scale);
                });
                if (dx is not null) DenseProducts.Multiply(slopes, packed, dx.Span.Slice(first * x.Columns, rows * x.Columns), rows, accumulate: false, tape.Threads);
                if (dcandidates is not null) DenseProducts.TransposedMultiply(slopes, weighted.Slice(first * x.Columns, rows * x.Columns), dcandidates.Span[..candidates.Length], count, rows, x.Columns, accumulate: first > 0, tape.Threads);
            }
        }

        loss.Values[0] = (float)logs.Sum();
        tape.OnBackward(loss, () =>
        {
            var above = loss.Gradient[0];
            var gradient = dx is null ? default : x.Gradient;
            for (var row = 0; row < x.Rows && dx is not null; row++)
                Vectors.AddScaled(above * weights[row] * scale, dx.Span.Slice(row * x.Columns, x.Columns), gradient.Slice(row * x.Columns, x.Columns));
            if (dcandidates is not null) Vectors.AddScaled(above, dcandidates.Span[..candidates.Length], candidates.Gradient);
        });
        return loss;
    }
}
