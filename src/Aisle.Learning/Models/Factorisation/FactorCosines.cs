using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Likeness of items as the cosine of their rows. Rows of zeros are like nothing: items that have them are unknown.</summary>
internal sealed class FactorCosines
{
    private readonly FactorMatrix _items;
    private readonly int _width;
    private readonly float[] _lengths;

    /// <param name="width">Columns that count, from the first.</param>
    public FactorCosines(FactorMatrix items, int width)
    {
        (this._items, this._width) = (items, width);
        this._lengths = new float[items.Rows];
        for (var item = 0; item < items.Rows; item++) this._lengths[item] = MathF.Sqrt(Vectors.Dot(this.Row(item), this.Row(item)));
    }

    public IEnumerable<int> Unknown => Enumerable.Range(0, this._lengths.Length).Where(item => !this.IsKnown(item));

    /// <summary>‖y‖ over the columns that count.</summary>
    public float LengthOf(int item) => this._lengths[item];

    public bool IsKnown(int item) => this._lengths[item] > 0f;

    public void Of(int item, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        if (!this.IsKnown(item)) return;
        for (var other = 0; other < scores.Length; other++)
        {
            if (other != item && this.IsKnown(other)) scores[other] = Vectors.Dot(this.Row(item), this.Row(other)) / (this._lengths[item] * this._lengths[other]);
        }
    }

    private ReadOnlySpan<float> Row(int item) => this._items.Values(item)[..this._width];
}
