using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>The same numbers at other places.</summary>
internal static class Arrangement
{
    /// <summary>The parts side by side, each row of all of them one row.</summary>
    public static Tensor Concat(this Tape tape, params ReadOnlySpan<Tensor> parts)
    {
        var given = parts.ToArray();
        foreach (var part in given) Shapes.Match(part.Rows, given[0].Rows, "rows of the parts");
        var y = tape.New(given[0].Rows, given.Sum(part => part.Columns), given.Any(part => part.NeedsGradient));
        var first = 0;
        foreach (var part in given)
        {
            for (var row = 0; row < y.Rows; row++) part.Row(row).CopyTo(y.Row(row)[first..]);
            first += part.Columns;
        }

        tape.OnBackward(y, () =>
        {
            var above = y.Gradient;
            var column = 0;
            foreach (var part in given)
            {
                if (part.NeedsGradient)
                {
                    var gradient = part.Gradient;
                    for (var row = 0; row < y.Rows; row++) Vectors.AddScaled(1f, above.Slice((row * y.Columns) + column, part.Columns), gradient.Slice(row * part.Columns, part.Columns));
                }

                column += part.Columns;
            }
        });
        return y;
    }

    /// <summary>Some columns of x.</summary>
    public static Tensor Columns(this Tape tape, Tensor x, int first, int count)
    {
        if (first < 0 || count < 0 || first + count > x.Columns) throw new ArgumentException($"{nameof(Columns)}: {first} to {first + count} are not within the {x.Columns} columns.");
        var y = tape.New(x.Rows, count, x.NeedsGradient);
        for (var row = 0; row < y.Rows; row++) x.Row(row).Slice(first, count).CopyTo(y.Row(row));
        tape.OnBackward(y, () =>
        {
            var gradient = x.Gradient;
            var above = y.Gradient;
            for (var row = 0; row < y.Rows; row++) Vectors.AddScaled(1f, above.Slice(row * count, count), gradient.Slice((row * x.Columns) + first, count));
        });
        return y;
    }

    /// <summary>y[j, i] = x[i, j].</summary>
    public static Tensor Transpose(this Tape tape, Tensor x)
    {
        var y = tape.New(x.Columns, x.Rows, x.NeedsGradient);
        for (var row = 0; row < x.Rows; row++)
        {
            for (var column = 0; column < x.Columns; column++) y.Values[(column * x.Rows) + row] = x.Values[(row * x.Columns) + column];
        }

        tape.OnBackward(y, () =>
        {
            var gradient = x.Gradient;
            var above = y.Gradient;
            for (var row = 0; row < x.Rows; row++)
            {
                for (var column = 0; column < x.Columns; column++) gradient[(row * x.Columns) + column] += above[(column * x.Rows) + row];
            }
        });
        return y;
    }

    /// <summary>The same numbers in rows of another length.</summary>
    public static Tensor Reshape(this Tape tape, Tensor x, int rows, int columns)
    {
        Shapes.Match(rows * columns, x.Length, "numbers before and after");
        var y = tape.New(rows, columns, x.NeedsGradient);
        x.Values.CopyTo(y.Values);
        tape.OnBackward(y, () => Pointwise.AddGradient(tape, x, y, 1f));
        return y;
    }

    /// <summary>The sum of all numbers, 1 × 1.</summary>
    public static Tensor Sum(this Tape tape, Tensor x)
    {
        var y = tape.New(1, 1, x.NeedsGradient);
        var sum = 0.0;
        foreach (var value in x.Values) sum += value;
        y.Values[0] = (float)sum;
        tape.OnBackward(y, () =>
        {
            var above = y.Gradient[0];
            foreach (ref var gradient in x.Gradient) gradient += above;
        });
        return y;
    }
}
