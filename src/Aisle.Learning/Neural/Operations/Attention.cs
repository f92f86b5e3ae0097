using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

internal static class Attention
{
    /// <summary>Attention of each place of a sequence to the places of the same sequence.</summary>
    /// <param name="inputs">Rows × 3 · width: queries, keys and values side by side.</param>
    /// <param name="starts">Sequence s is rows starts[s] … starts[s + 1).</param>
    /// <param name="heads">Divides the width.</param>
    /// <param name="isCausal">Whether a place sees only itself and what is before it.</param>
    /// <param name="dropRate">Of the attention weights.</param>
    /// <param name="bias">Heads × distances, added to the scores by distance (the last stands for all beyond); null for none.</param>
    public static Tensor Attend(this Tape tape, Tensor inputs, int[] starts, int heads, bool isCausal, float dropRate = 0f, Tensor? bias = null)
    {
        Shapes.Match(starts[^1], inputs.Rows, "the end of the last sequence and the rows");
        Shapes.Match(inputs.Columns % (3 * heads), 0, "what three times the heads leave of the columns and nothing");
        if (bias is not null) Shapes.Match(bias.Rows, heads, "rows of the bias and heads");
        var isDropped = tape.IsTraining && dropRate > 0;
        var shape = new AttentionShape(starts, heads, inputs.Columns / 3, isCausal, isDropped ? dropRate : 0f, isDropped ? tape.NextKey() : 0)
        {
            FirstPlace = isDropped ? AttentionShape.PlacesOf(tape.RowsBefore, heads) : 0,
        };
        var y = tape.New(inputs.Rows, shape.Width, inputs.NeedsGradient);
        var weights = tape.Scratch(shape.WeightStarts[^1]);
        SegmentAttention.Apply(shape, inputs.Values, bias is null ? default : bias.Values, weights.Span, y.Values, tape.Threads);
        tape.OnBackward(y, () =>
        {
            var sequences = starts.Length - 1;
            var said = bias is { NeedsGradient: true } ? tape.Scratch((long)sequences * bias.Length).Span[..(sequences * bias.Length)] : default;
            SegmentAttention.PassBack(shape, inputs.Values, weights.Span, y.Gradient, inputs.Gradient, said, tape.Threads);
            for (var s = 0; s < sequences && !said.IsEmpty; s++) Vectors.AddScaled(1f, said.Slice(s * bias!.Length, bias.Length), bias.Gradient);
        });
        return y;
    }
}
