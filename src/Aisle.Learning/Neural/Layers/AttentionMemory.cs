using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>Keys and values of the last places of one sequence, for one block: a ring, the oldest giving way.</summary>
internal sealed class AttentionMemory(int length, int width)
{
    private readonly float[] _keys = new float[length * width];
    private readonly float[] _values = new float[length * width];
    private readonly float[] _weights = new float[length];
    private int _added;

    /// <summary>Begins anew with the places of a sequence, no more than are kept.</summary>
    /// <param name="inputs">For each place, query, key and value side by side.</param>
    public void Begin(ReadOnlySpan<float> inputs)
    {
        this._added = inputs.Length / (3 * width);
        for (var place = 0; place < this._added; place++)
        {
            var row = inputs.Slice(place * 3 * width, 3 * width);
            row.Slice(width, width).CopyTo(this._keys.AsSpan(place * width));
            row.Slice(2 * width, width).CopyTo(this._values.AsSpan(place * width));
        }
    }

    /// <summary>Attention of one more place to all that are kept and itself.</summary>
    /// <param name="inputs">Query, key and value side by side.</param>
    /// <param name="bias">Heads × distances; empty for none.</param>
    /// <param name="output">Width numbers; overwritten.</param>
    public void Attend(ReadOnlySpan<float> inputs, int heads, ReadOnlySpan<float> bias, Span<float> output)
    {
        var at = this._added % length;
        inputs.Slice(width, width).CopyTo(this._keys.AsSpan(at * width));
        inputs.Slice(2 * width, width).CopyTo(this._values.AsSpan(at * width));
        this._added++;
        var count = Math.Min(this._added, length);
        var depth = width / heads;
        var distances = bias.Length / heads;
        var scale = 1f / MathF.Sqrt(depth);
        output.Clear();
        for (var head = 0; head < heads; head++)
        {
            var query = inputs.Slice(head * depth, depth);
            for (var back = 0; back < count; back++)
            {
                var place = (at - back + length) % length;
                var score = scale * Vectors.Dot(query, this._keys.AsSpan((place * width) + (head * depth), depth));
                this._weights[back] = distances == 0 ? score : score + bias[(head * distances) + Math.Min(distances - 1, back)];
            }

            SoftmaxRow.Apply(this._weights.AsSpan(0, count), 1f);
            for (var back = 0; back < count; back++)
            {
                var place = (at - back + length) % length;
                Vectors.AddScaled(this._weights[back], this._values.AsSpan((place * width) + (head * depth), depth), output.Slice(head * depth, depth));
            }
        }
    }
}
