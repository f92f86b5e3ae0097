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

    /// <summary>y[i] = Σ weights[j] · table[values[j]] over j from starts[i] to starts[i + 1]; zeros for none. For told features, and for attention to a history.</summary>
    /// <param name="weights">A number for each value; its gradient is passed back too.</param>
    public static Tensor GatherWeightedBags(this Tape tape, Tensor table, int[] starts, int[] values, Tensor weights)
    {
        Shapes.Match(weights.Length, values.Length, "weights and values");
        Shapes.Match(starts[^1], values.Length, "the end of the last bag and the values");
        var y = tape.New(starts.Length - 1, table.Columns, table.NeedsGradient || weights.NeedsGradient);
        tape.ForRows(y.Rows, y.Columns, (first, count) =>
        {
            for (var row = first; row < first + count; row++)
            {
                var sum = y.Row(row);
                sum.Clear();
                for (var i = starts[row]; i < starts[row + 1]; i++) Vectors.AddScaled(weights.Values[i], table.Row(values[i]), sum);
            }
        });
        tape.OnBackward(y, () =>
        {
            _ = y.Gradient;
            if (weights.NeedsGradient)
            {
                _ = weights.Gradient;
                tape.ForRows(y.Rows, y.Columns, (first, count) =>
                {
                    var gradient = weights.Gradient;
                    for (var row = first; row < first + count; row++)
                    {
                        var above = y.Gradient.Slice(row * y.Columns, y.Columns);
                        for (var i = starts[row]; i < starts[row + 1]; i++) gradient[i] += Vectors.Dot(above, table.Row(values[i]));
                    }
                });
            }

            if (table.NeedsGradient) ScatterWeighted(tape, table, starts, values, weights, y);
        });
        return y;
    }

    /// <summary>Each thread owns a share of the table's rows and takes the bags in order, so that no sum depends on the threads.</summary>
    private static void ScatterWeighted(Tape tape, Tensor table, int[] starts, int[] values, Tensor weights, Tensor y)
    {
        _ = GradientOf(table, values);
        var shares = values.Length < 4096 ? 1 : tape.Threads;
        ParallelRows.Run(
            tape.Threads,
            shares,
            grain: 1,
            (_, share, _) =>
            {
                var gradient = GradientOf(table, []);
                var above = y.Gradient;
                for (var row = 0; row < y.Rows; row++)
                {
                    for (var i = starts[row]; i < starts[row + 1]; i++)
                    {
                        if (values[i] % shares == share)
                            Vectors.AddScaled(weights.Values[i], above.Slice(row * y.Columns, y.Columns), gradient.Slice(values[i] * y.Columns, y.Columns));
                    }
                }
            },
            CancellationToken.None);
    }

    /// <summary>The gradient of a table, to be added to in the given rows.</summary>
    public static Span<float> GradientOf(Tensor table, int[] rows) => table is Parameter parameter ? parameter.TouchGradient(rows) : table.Gradient;
}
