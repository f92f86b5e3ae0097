using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

internal static class Recurrence
{
    /// <summary>The states of gated recurrent units, rows × width; rows lie in the order of time on both sides.</summary>
    /// <param name="inputs">Rows × 3 · width: what the events say to the reset gate, the update gate and the new state.</param>
    /// <param name="weight">Width × 3 · width, of the state before.</param>
    /// <param name="bias">1 × width, of what the reset gate lets through.</param>
    public static Tensor Recur(this Tape tape, Tensor inputs, Tensor weight, Tensor bias, TimeOrder order)
    {
        var width = weight.Rows;
        Shapes.Match(inputs.Rows, order.Rows.Length, "rows of the inputs and of the order");
        Shapes.Match(inputs.Columns, 3 * width, "columns of the inputs and three times the width");
        Shapes.Match(weight.Columns, 3 * width, "columns of the weight and three times the width");
        Shapes.Match(bias.Length, width, "the bias and the width");
        var y = tape.New(inputs.Rows, width, inputs.NeedsGradient || weight.NeedsGradient || bias.NeedsGradient);
        AlignedFloats gates = tape.Scratch(inputs.Length), candidates = tape.Scratch(y.Length);
        GatedRecurrence.Apply(order, width, inputs.Values, weight.Values, bias.Values, gates.Span[..inputs.Length], candidates.Span[..y.Length], y.Values, tape.Threads);
        tape.OnBackward(y, () =>
        {
            AlignedFloats above = tape.Scratch(y.Length), ofInputs = tape.Scratch(inputs.Length), ofProducts = tape.Scratch(inputs.Length);
            y.Gradient.CopyTo(above.Span);
            GatedRecurrence.PassBack(order, width, weight.Values, gates.Span[..inputs.Length], candidates.Span[..y.Length], y.Values, above.Span[..y.Length], ofInputs.Span[..inputs.Length], ofProducts.Span[..inputs.Length], tape.Threads);
            if (inputs.NeedsGradient) PassToInputs(inputs, ofInputs);
            if (bias.NeedsGradient)
            {
                for (var row = 0; row < y.Rows; row++) Vectors.AddScaled(1f, ofProducts.Span.Slice((((row * 3) + 2) * width), width), bias.Gradient);
            }

            if (weight.NeedsGradient) PassToWeight(tape, y, weight, order, ofProducts.Span[..inputs.Length]);
        });
        return y;
    }

    private static void PassToInputs(Tensor inputs, AlignedFloats slopes)
    {
        var gradient = inputs.BeginGradient(out var accumulate);
        if (accumulate) Vectors.AddScaled(1f, slopes.Span[..inputs.Length], gradient);
        else slopes.Span[..inputs.Length].CopyTo(gradient);
    }

    /// <summary>One product for all steps: the states before, of all but the first step, against the slopes of their products.</summary>
    private static void PassToWeight(Tape tape, Tensor states, Tensor weight, TimeOrder order, ReadOnlySpan<float> slopes)
    {
        var width = weight.Rows;
        var first = order.Count == 0 ? 0 : order.Steps[1];
        var rows = states.Rows - first;
        var before = tape.Scratch((long)rows * width).Span[..(rows * width)];
        for (var t = 1; t < order.Count; t++)
        {
            var count = (order.Steps[t + 1] - order.Steps[t]) * width;
            states.Values.Slice(order.Steps[t - 1] * width, count).CopyTo(before.Slice((order.Steps[t] - first) * width, count));
        }

        var gradient = weight.BeginGradient(out var accumulate);
        DenseProducts.TransposedMultiply(before, slopes[(first * 3 * width)..], gradient, width, rows, 3 * width, accumulate, tape.Threads);
    }
}
