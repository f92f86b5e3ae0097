using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>Operations on one number, or on two at the same place.</summary>
internal static class Pointwise
{
    /// <summary>y = f(x).</summary>
    public static Tensor Activate<TActivation>(this Tape tape, Tensor x)
        where TActivation : struct, IActivation
    {
        var y = tape.New(x.Rows, x.Columns, x.NeedsGradient);
        tape.ForEach(x.Length, (first, count) => Activations.Apply<TActivation>(x.Values.Slice(first, count), y.Values.Slice(first, count)));
        tape.OnBackward(y, () =>
        {
            _ = x.BeginGradient(out var accumulate);
            tape.ForEach(x.Length, (first, count) => Activations.PassBack<TActivation>(
                x.Values.Slice(first, count), y.Values.Slice(first, count), y.Gradient.Slice(first, count), x.BeginGradient(out _).Slice(first, count), accumulate));
        });
        return y;
    }

    /// <summary>y = a + scale · b.</summary>
    public static Tensor Add(this Tape tape, Tensor a, Tensor b, float scale = 1f)
    {
        Shapes.Same(a, b);
        var y = tape.New(a.Rows, a.Columns, a.NeedsGradient || b.NeedsGradient);
        tape.ForEach(a.Length, (first, count) =>
        {
            var sum = y.Values.Slice(first, count);
            a.Values.Slice(first, count).CopyTo(sum);
            Vectors.AddScaled(scale, b.Values.Slice(first, count), sum);
        });
        tape.OnBackward(y, () =>
        {
            AddGradient(tape, a, y, 1f);
            AddGradient(tape, b, y, scale);
        });
        return y;
    }

    /// <summary>y = x + row, the row added to each.</summary>
    /// <param name="row">1 × columns of x.</param>
    public static Tensor AddRow(this Tape tape, Tensor x, Tensor row)
    {
        Shapes.Match(row.Length, x.Columns, "the row and columns of x");
        var y = tape.New(x.Rows, x.Columns, x.NeedsGradient || row.NeedsGradient);
        tape.ForRows(x.Rows, x.Columns, (first, count) =>
        {
            for (var i = first; i < first + count; i++)
            {
                x.Row(i).CopyTo(y.Row(i));
                Vectors.AddScaled(1f, row.Values, y.Row(i));
            }
        });
        tape.OnBackward(y, () =>
        {
            AddGradient(tape, x, y, 1f);
            if (!row.NeedsGradient) return;
            var gradient = row.Gradient;
            var above = y.Gradient;
            for (var i = 0; i < y.Rows; i++) Vectors.AddScaled(1f, above.Slice(i * y.Columns, y.Columns), gradient);
        });
        return y;
    }

    /// <summary>y = a ∘ b.</summary>
    public static Tensor Multiply(this Tape tape, Tensor a, Tensor b)
    {
        Shapes.Same(a, b);
        var y = tape.New(a.Rows, a.Columns, a.NeedsGradient || b.NeedsGradient);
        tape.ForEach(a.Length, (first, count) => Vectors.Multiply(a.Values.Slice(first, count), b.Values.Slice(first, count), y.Values.Slice(first, count)));
        tape.OnBackward(y, () =>
        {
            PassBack(a, b);
            PassBack(b, a);
        });
        return y;

        void PassBack(Tensor to, Tensor other)
        {
            if (!to.NeedsGradient) return;
            _ = to.Gradient;
            tape.ForEach(y.Length, (first, count) => Vectors.AddProducts(y.Gradient.Slice(first, count), other.Values.Slice(first, count), to.Gradient.Slice(first, count)));
        }
    }

    /// <summary>y = x ∘ row, the row multiplied with each.</summary>
    /// <param name="row">As many numbers as x has columns.</param>
    public static Tensor MultiplyRow(this Tape tape, Tensor x, Tensor row)
    {
        Shapes.Match(row.Length, x.Columns, "the row and columns of x");
        var y = tape.New(x.Rows, x.Columns, x.NeedsGradient || row.NeedsGradient);
        tape.ForRows(x.Rows, x.Columns, (first, count) =>
        {
            for (var i = first; i < first + count; i++) Vectors.Multiply(x.Row(i), row.Values, y.Row(i));
        });
        tape.OnBackward(y, () =>
        {
            var above = y.Gradient;
            if (x.NeedsGradient)
            {
                var gradient = x.Gradient;
                for (var i = 0; i < y.Rows; i++) Vectors.AddProducts(above.Slice(i * y.Columns, y.Columns), row.Values, gradient.Slice(i * y.Columns, y.Columns));
            }

            if (!row.NeedsGradient) return;
            var sum = row.Gradient;
            for (var i = 0; i < y.Rows; i++) Vectors.AddProducts(above.Slice(i * y.Columns, y.Columns), x.Row(i), sum);
        });
        return y;
    }

    /// <summary>y = scale · x.</summary>
    public static Tensor Scale(this Tape tape, Tensor x, float scale)
    {
        var y = tape.New(x.Rows, x.Columns, x.NeedsGradient);
        tape.ForEach(x.Length, (first, count) =>
        {
            var scaled = y.Values.Slice(first, count);
            scaled.Clear();
            Vectors.AddScaled(scale, x.Values.Slice(first, count), scaled);
        });
        tape.OnBackward(y, () => AddGradient(tape, x, y, scale));
        return y;
    }

    /// <summary>y = x with a share of its numbers dropped and the rest made larger by as much (Srivastava et al. 2014); x itself where the tape does not train.</summary>
    public static Tensor Dropout(this Tape tape, Tensor x, float rate)
    {
        if (rate == 0f || !tape.IsTraining) return x;
        var key = tape.NextKey();
        var y = tape.New(x.Rows, x.Columns, x.NeedsGradient);
        tape.ForEach(x.Length, (first, count) => Dropping.Apply(x.Values.Slice(first, count), y.Values.Slice(first, count), rate, FirstPlace(tape, x) + (uint)first, key, accumulate: false));
        tape.OnBackward(y, () => PassDropped(tape, x, y, rate, key));
        return y;
    }

    /// <summary>y = residual + dropout(x).</summary>
    public static Tensor AddDropped(this Tape tape, Tensor residual, Tensor x, float rate)
    {
        if (rate == 0f || !tape.IsTraining) return tape.Add(residual, x);
        Shapes.Same(residual, x);
        var key = tape.NextKey();
        var y = tape.New(x.Rows, x.Columns, x.NeedsGradient || residual.NeedsGradient);
        tape.ForEach(x.Length, (first, count) =>
        {
            residual.Values.Slice(first, count).CopyTo(y.Values.Slice(first, count));
            Dropping.Apply(x.Values.Slice(first, count), y.Values.Slice(first, count), rate, FirstPlace(tape, x) + (uint)first, key, accumulate: true);
        });
        tape.OnBackward(y, () =>
        {
            AddGradient(tape, residual, y, 1f);
            if (x.NeedsGradient) PassDropped(tape, x, y, rate, key);
        });
        return y;
    }

    /// <summary>dx = or += scale · dy.</summary>
    internal static void AddGradient(Tape tape, Tensor x, Tensor y, float scale)
    {
        if (!x.NeedsGradient) return;
        _ = x.BeginGradient(out var accumulate);
        tape.ForEach(y.Length, (first, count) =>
        {
            var gradient = x.BeginGradient(out _).Slice(first, count);
            var above = y.Gradient.Slice(first, count);
            if (!accumulate && scale == 1f)
            {
                above.CopyTo(gradient);
                return;
            }

            if (!accumulate) gradient.Clear();
            Vectors.AddScaled(scale, above, gradient);
        });
    }

    /// <summary>The place of x's first number in the whole batch, of which other processes may hold the rows before.</summary>
    private static uint FirstPlace(Tape tape, Tensor x) => unchecked((uint)(tape.FirstRow * x.Columns));

    private static void PassDropped(Tape tape, Tensor x, Tensor y, float rate, uint key)
    {
        _ = x.BeginGradient(out var accumulate);
        tape.ForEach(x.Length, (first, count) =>
            Dropping.Apply(y.Gradient.Slice(first, count), x.BeginGradient(out _).Slice(first, count), rate, FirstPlace(tape, x) + (uint)first, key, accumulate));
    }
}
