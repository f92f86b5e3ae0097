using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>All weights between items, row by row: in one buffer as they were computed, or in several as they were read.</summary>
internal sealed class DenseItemWeights : IItemWeights
{
    /// <summary>Rows are read into buffers of about this size, so that a file cannot ask for more memory than it has numbers.</summary>
    private const int BufferFloats = 1 << 22;

    /// <summary>The square of more does not fit in one buffer.</summary>
    public const int MostItems = 46_304;

    private readonly AlignedFloats[] _buffers;
    private readonly int _rowsPerBuffer;
    private readonly int _stride;

    private DenseItemWeights(AlignedFloats[] buffers, int items, int rowsPerBuffer, int stride)
    {
        this._buffers = buffers;
        this._rowsPerBuffer = rowsPerBuffer;
        this._stride = stride;
        this.Items = items;
    }

    public int Items { get; }

    /// <param name="values">Row-major at <paramref name="stride"/>.</param>
    public static DenseItemWeights Over(AlignedFloats values, int items, int stride) => new([values], items, items, stride);

    public float this[int from, int to] => this.Row(from)[to];

    public ReadOnlySpan<float> Row(int item) => this._buffers[item / this._rowsPerBuffer].Span.Slice(item % this._rowsPerBuffer * this._stride, this.Items);

    /// <summary>The scores are swept in pieces that stay in the first-level cache while the rows stream by.</summary>
    public void Score(ReadOnlySpan<int> items, ReadOnlySpan<float> strengths, Span<float> scores)
    {
        const int Piece = 4096;
        if (items.IsEmpty)
        {
            scores.Fill(float.NegativeInfinity);
            return;
        }

        scores.Clear();
        for (var start = 0; start < scores.Length; start += Piece)
        {
            var length = Math.Min(Piece, scores.Length - start);
            var target = scores.Slice(start, length);
            for (var i = 0; i < items.Length; i++) Vectors.AddScaled(strengths.IsEmpty ? 1f : strengths[i], this.Row(items[i]).Slice(start, length), target);
        }
    }

    public void Save(ModelWriter writer)
    {
        for (var item = 0; item < this.Items; item++) writer.WriteArray(this.Row(item));
    }

    public static DenseItemWeights Load(ModelReader reader, int items)
    {
        if (items > MostItems) throw reader.Broken($"it claims weights between all of {items} items; {MostItems} are possible");
        var stride = InstructionSets.Padded(items);
        var rowsPerBuffer = Math.Max(1, BufferFloats / stride);
        var buffers = new List<AlignedFloats>();
        for (var item = 0; item < items; item++)
        {
            var values = reader.ReadFiniteArray($"the weights of item {item}", items);
            if (item % rowsPerBuffer == 0) buffers.Add(new AlignedFloats((long)Math.Min(rowsPerBuffer, items - item) * stride));
            values.CopyTo(buffers[^1].Span[(item % rowsPerBuffer * stride)..]);
        }

        return new DenseItemWeights([.. buffers], items, rowsPerBuffer, stride);
    }
}
