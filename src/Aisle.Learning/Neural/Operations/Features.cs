using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>What rows (items) are made of: weighted features, and for each feature the rows that have it, along which gradients go back.</summary>
internal sealed class FeatureRows(Interactions rows)
{
    /// <summary>Rows × features.</summary>
    public Interactions Rows { get; } = rows;

    /// <summary>Features × rows.</summary>
    public Interactions Columns { get; } = rows.Transpose();
}

internal static class Features
{
    /// <summary>y[i] = Σ weight · table[feature] over the features of row i; zeros for none.</summary>
    /// <param name="table">Features × columns.</param>
    public static Tensor SumFeatures(this Tape tape, FeatureRows features, Tensor table)
    {
        Shapes.Match(features.Rows.Items, table.Rows, "features and rows of the table");
        var y = tape.New(features.Rows.Users, table.Columns, table.NeedsGradient);
        y.Values.Clear();
        AddSums(tape, features.Rows, table, y.Values.Length, () => y.Values, () => table.Values);
        tape.OnBackward(y, () =>
        {
            _ = y.Gradient;
            _ = table.Gradient;
            AddSums(tape, features.Columns, table, table.Length, () => table.Gradient, () => y.Gradient);
        });
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

    private delegate Span<float> Numbers();

    /// <summary>to[r] += Σ weight · from[c] over the entries of each sparse row: rows are shared out, each summed in its own order.</summary>
    private static void AddSums(Tape tape, Interactions sparse, Tensor shape, int length, Numbers to, Numbers from)
    {
        var columns = shape.Columns;
        Shapes.Match(length, sparse.Users * columns, "rows of the result");
        var perRow = columns * (int)Math.Max(1, sparse.Count / Math.Max(1, sparse.Users));
        tape.ForRows(sparse.Users, perRow, (first, count) =>
        {
            var source = from();
            var target = to();
            for (var row = first; row < first + count; row++)
            {
                var own = sparse.ItemsOf(row);
                var weights = sparse.WeightsOf(row);
                var sum = target.Slice(row * columns, columns);
                for (var i = 0; i < own.Length; i++) Vectors.AddScaled(weights[i], source.Slice(own[i] * columns, columns), sum);
            }
        });
    }
}
