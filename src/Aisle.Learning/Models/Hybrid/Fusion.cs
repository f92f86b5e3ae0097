using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Brings one shopper's scores of one member to the scale on which members are added.</summary>
internal readonly record struct Fusion(EnsembleFusion Kind, double RankConstant, int Depth)
{
    /// <summary>Spreads below this are rounding: such scores tell items no better apart than equal ones.</summary>
    private const double LeastSpread = 1e-20;

    public bool IsByRank => this.Kind is EnsembleFusion.ReciprocalRank or EnsembleFusion.Borda;

    /// <summary>
    /// Factor of a score. The mean is not taken off: that would move all scores of a shopper alike, change no order, and keep a score from
    /// being a sum over the history.
    /// </summary>
    public float Scale(RowSummary summary) => Scale(this.Kind == EnsembleFusion.MinMax ? (double)summary.Highest - summary.Lowest : summary.Deviation);

    public static float Scale(double spread) => spread > LeastSpread ? (float)(1 / spread) : 0f;

    /// <summary>Points of a place, counted from 0; none beyond the depth.</summary>
    public float Points(int place) =>
        place >= this.Depth ? 0f
        : this.Kind == EnsembleFusion.Borda ? (float)(this.Depth - place) / this.Depth
        : (float)(1 / (this.RankConstant + place + 1));
}

/// <summary>Takes the items of a history out of a row of scores, so that they neither stretch its scale nor take up places, and puts them back.</summary>
internal ref struct MaskedScores
{
    private readonly Span<float> _row;
    private readonly ReadOnlySpan<int> _items;
    private readonly float[] _scores;

    public MaskedScores(Span<float> row, ReadOnlySpan<int> items)
    {
        this._row = row;
        this._items = items;
        this._scores = System.Buffers.ArrayPool<float>.Shared.Rent(items.Length);
        for (var i = 0; i < items.Length; i++) (this._scores[i], row[items[i]]) = (row[items[i]], float.NegativeInfinity);
    }

    /// <summary>Backwards: of an item that stands in the history twice, the first place holds its score.</summary>
    public void Restore()
    {
        for (var i = this._items.Length - 1; i >= 0; i--) this._row[this._items[i]] = this._scores[i];
        System.Buffers.ArrayPool<float>.Shared.Return(this._scores);
    }
}
