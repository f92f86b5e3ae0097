using System.Buffers;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// The scores of one history, asked of some items at a time. A family that can find its best items without scoring all of them makes one; what it says of
/// an item is what <see cref="IModel.ScoreHistory"/> says, only which items are the best is nearly right.
/// </summary>
internal abstract class PartialScores : IDisposable
{
    /// <summary>Candidates beyond a list's places: what a coarse look ranks a little too low is not missed.</summary>
    private const int Margin = 16;

    /// <summary>One more for so many places.</summary>
    private const int PlacesPerCandidate = 8;

    /// <summary>The best so many items, or nearly, perhaps with others, in no order; none that is unknown.</summary>
    public abstract int[] Candidates(int count);

    /// <summary>Scores of some items; −∞ for those that are unknown.</summary>
    public abstract void Of(ReadOnlySpan<int> items, Span<float> scores);

    /// <summary>How many items are known, and how their scores are spread, some left out.</summary>
    /// <param name="without">Items, each once.</param>
    public abstract (int Count, double Deviation) Spread(ReadOnlySpan<int> without);

    /// <summary>The lowest score of a known item, or nearly.</summary>
    public abstract float FindLowest();

    public abstract void Dispose();

    /// <summary>The best items, best first, ties by lower index.</summary>
    /// <returns>How many places were filled: fewer than there are where fewer items are known.</returns>
    public int Rank(Span<int> items, Span<float> scores)
    {
        var candidates = this.Candidates(items.Length + (items.Length / PlacesPerCandidate) + Margin);
        // In the order of the items, ties among places are ties among items.
        Array.Sort(candidates);
        var exact = new float[candidates.Length];
        this.Of(candidates, exact);
        var count = TopK.Select(exact, items, scores);
        for (var i = 0; i < count; i++) items[i] = candidates[items[i]];
        return count;
    }
}

/// <summary>Scores that were worked out for all items.</summary>
internal sealed class RowScores : PartialScores
{
    private readonly float[] _rented;
    private readonly int _items;

    public RowScores(IModel model, History history)
    {
        this._items = model.Items;
        this._rented = ArrayPool<float>.Shared.Rent(this._items);
        model.ScoreHistory(history, this.Row);
    }

    private Span<float> Row => this._rented.AsSpan(0, this._items);

    public override int[] Candidates(int count)
    {
        var items = new int[Math.Min(count, this._items)];
        return items[..TopK.Select(this.Row, items, new float[items.Length])];
    }

    public override void Of(ReadOnlySpan<int> items, Span<float> scores)
    {
        for (var i = 0; i < items.Length; i++) scores[i] = this._rented[items[i]];
    }

    public override (int Count, double Deviation) Spread(ReadOnlySpan<int> without)
    {
        var masked = new MaskedScores(this.Row, without);
        var summary = ScoreRows.Summarise(this.Row);
        masked.Restore();
        return (summary.Count, summary.Deviation);
    }

    public override float FindLowest() => ScoreRows.Summarise(this.Row).Lowest;

    public override void Dispose() => ArrayPool<float>.Shared.Return(this._rented);
}
