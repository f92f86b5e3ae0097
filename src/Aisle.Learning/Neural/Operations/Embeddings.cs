using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

internal static class Embeddings
{
    /// <summary>y[i] = table[rows[i]]; a row of −1 is zeros.</summary>
    public static Tensor Gather(this Tape tape, Tensor table, int[] rows)
    {
        var y = tape.New(rows.Length, table.Columns, table.NeedsGradient);
        EmbeddingRows.Gather(table.Values, table.Columns, rows, y.Values, tape.Threads);
        tape.OnBackward(y, () => EmbeddingRows.ScatterAdd(y.Gradient, y.Columns, rows, 1f, GradientOf(table, rows), tape.Threads));
        return y;
    }

    /// <summary>y[i] = mean (or sum) of table[values[starts[i]]…table[values[starts[i + 1] − 1]]; zeros for none. For bags of words, categories, histories.</summary>
    public static Tensor GatherBags(this Tape tape, Tensor table, int[] starts, int[] values, bool isMean)
    {
        var y = tape.New(starts.Length - 1, table.Columns, table.NeedsGradient);
        float ShareOf(int row) => isMean ? 1f / Math.Max(1, starts[row + 1] - starts[row]) : 1f;
        tape.ForRows(y.Rows, y.Columns, (first, count) =>
        {
            for (var row = first; row < first + count; row++)
            {
                var sum = y.Row(row);
                sum.Clear();
                for (var i = starts[row]; i < starts[row + 1]; i++) Vectors.AddScaled(ShareOf(row), table.Row(values[i]), sum);
            }
        });
        tape.OnBackward(y, () =>
        {
            var gradient = GradientOf(table, values);
            var above = y.Gradient;
            for (var row = 0; row < y.Rows; row++)
            {
                for (var i = starts[row]; i < starts[row + 1]; i++)
                    Vectors.AddScaled(ShareOf(row), above.Slice(row * y.Columns, y.Columns), gradient.Slice(values[i] * y.Columns, y.Columns));
            }
        });
        return y;
    }

    /// <summary>The gradient of a table, to be added to in the given rows.</summary>
    public static Span<float> GradientOf(Tensor table, int[] rows) => table is Parameter parameter ? parameter.TouchGradient(rows) : table.Gradient;
}
