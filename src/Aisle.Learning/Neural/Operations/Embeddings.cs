using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

internal static class Embeddings
{
    /// <summary>y[i] = table[rows[i]]; a row of −1 is zeros.</summary>
    public static Tensor Gather(this Tape tape, Tensor table, int[] rows)
    {
        var y = tape.New(rows.Length, table.Columns, table.NeedsGradient);
        EmbeddingRows.Gather(table.Values, table.Columns, rows, y.Values, tape.Threads);
        tape.OnBackward(y, () => EmbeddingRows.ScatterAdd(y.Gradient, y.Columns, rows, GradientOf(table, rows), tape.Threads));
        return y;
    }

    /// <summary>y = x with whole rows zeroed, each with a probability; not made larger, since a row stands for knowledge that may be missing. x itself where the tape does not train.</summary>
    public static Tensor DropRows(this Tape tape, Tensor x, float rate)
    {
        if (rate == 0f || !tape.IsTraining) return x;
        var key = tape.NextKey();
        var y = tape.New(x.Rows, x.Columns, x.NeedsGradient);
        for (var row = 0; row < x.Rows; row++)
        {
            if (CounterNoise.At((uint)row, key) >= rate) x.Row(row).CopyTo(y.Row(row));
            else y.Row(row).Clear();
        }

        tape.OnBackward(y, () =>
        {
            var gradient = x.Gradient;
            var above = y.Gradient;
            for (var row = 0; row < x.Rows; row++)
            {
                if (CounterNoise.At((uint)row, key) >= rate) Vectors.AddScaled(1f, above.Slice(row * x.Columns, x.Columns), gradient.Slice(row * x.Columns, x.Columns));
            }
        });
        return y;
    }

    /// <summary>The gradient of a table, to be added to in the given rows.</summary>
    public static Span<float> GradientOf(Tensor table, int[] rows) => table is Parameter parameter ? parameter.TouchGradient(rows) : table.Gradient;
}
