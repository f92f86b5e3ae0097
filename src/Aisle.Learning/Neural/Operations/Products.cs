using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

internal static class Products
{
    /// <summary>y = x · weight + bias.</summary>
    /// <param name="x">Rows × in.</param>
    /// <param name="weight">In × out.</param>
    /// <param name="bias">1 × out, or null for none.</param>
    public static Tensor Linear(this Tape tape, Tensor x, Tensor weight, Tensor? bias = null)
    {
        Shapes.Match(x.Columns, weight.Rows, "columns of x and rows of the weight");
        if (bias is not null) Shapes.Match(bias.Length, weight.Columns, "the bias and columns of the weight");
        var y = tape.New(x.Rows, weight.Columns, x.NeedsGradient || weight.NeedsGradient);
        DenseProducts.Multiply(x.Values, weight.Values, y.Values, x.Rows, x.Columns, weight.Columns, accumulate: false, tape.Threads);
        if (bias is not null)
        {
            tape.ForRows(y.Rows, y.Columns, (first, count) =>
            {
                for (var row = first; row < first + count; row++) Vectors.AddScaled(1f, bias.Values, y.Row(row));
            });
        }

        tape.OnBackward(y, () =>
        {
            var dy = y.Gradient;
            if (x.NeedsGradient)
            {
                var dx = x.BeginGradient(out var accumulate);
                DenseProducts.MultiplyTransposed(dy, weight.Values, dx, x.Rows, weight.Columns, x.Columns, accumulate, tape.Threads);
            }

            if (weight.NeedsGradient)
            {
                var dw = weight.BeginGradient(out var accumulate);
                DenseProducts.TransposedMultiply(x.Values, dy, dw, x.Columns, x.Rows, weight.Columns, accumulate, tape.Threads);
            }

            if (bias is { NeedsGradient: true })
            {
                var db = bias.Gradient;
                for (var row = 0; row < y.Rows; row++) Vectors.AddScaled(1f, dy.Slice(row * y.Columns, y.Columns), db);
            }
        });
        return y;
    }

    /// <summary>y = a · bᵀ.</summary>
    /// <param name="a">Rows × depth.</param>
    /// <param name="b">Columns × depth.</param>
    public static Tensor ProductTransposed(this Tape tape, Tensor a, Tensor b)
    {
        Shapes.Match(a.Columns, b.Columns, "columns of both sides");
        var y = tape.New(a.Rows, b.Rows, a.NeedsGradient || b.NeedsGradient);
        DenseProducts.MultiplyTransposed(a.Values, b.Values, y.Values, a.Rows, a.Columns, b.Rows, accumulate: false, tape.Threads);
        tape.OnBackward(y, () =>
        {
            var dy = y.Gradient;
            if (a.NeedsGradient)
            {
                var da = a.BeginGradient(out var accumulate);
                DenseProducts.Multiply(dy, b.Values, da, a.Rows, b.Rows, a.Columns, accumulate, tape.Threads);
            }

            if (b.NeedsGradient)
            {
                var db = b.BeginGradient(out var accumulate);
                DenseProducts.TransposedMultiply(dy, a.Values, db, b.Rows, a.Rows, a.Columns, accumulate, tape.Threads);
            }
        });
        return y;
    }

    /// <summary>y[i] = a[i] · b[i], rows × 1.</summary>
    public static Tensor RowDots(this Tape tape, Tensor a, Tensor b)
    {
        Shapes.Same(a, b);
        var y = tape.New(a.Rows, 1, a.NeedsGradient || b.NeedsGradient);
        tape.ForRows(a.Rows, a.Columns, (first, count) =>
        {
            for (var row = first; row < first + count; row++) y.Values[row] = Vectors.Dot(a.Row(row), b.Row(row));
        });
        tape.OnBackward(y, () =>
        {
            PassBack(a, b);
            PassBack(b, a);
        });
        return y;

        void PassBack(Tensor to, Tensor other)
        {
            if (!to.NeedsGradient) return;
            var gradient = to.Gradient;
            var above = y.Gradient;
            for (var row = 0; row < to.Rows; row++) Vectors.AddScaled(above[row], other.Row(row), gradient.Slice(row * to.Columns, to.Columns));
        }
    }
}
