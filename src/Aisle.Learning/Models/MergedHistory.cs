namespace Aisle.Learning.Models;

/// <summary>
/// A history in which each item stands once, as in a matrix: at its latest place, with the sum of its weights and the age and kind of its latest row.
/// </summary>
internal sealed class MergedHistory
{
    private readonly int[] _items;
    private readonly float[] _weights;
    private readonly float[] _ages;
    private readonly byte[] _kinds;

    /// <summary>By merged row: the place in the history that it stands at.</summary>
    private readonly int[] _places;
    private readonly int _rows;

    private MergedHistory(History history, int[] places, float[] weights)
    {
        this._rows = history.Items.Length;
        this._places = places;
        this._weights = weights;
        this._items = new int[places.Length];
        this._ages = history.Ages.IsEmpty ? [] : new float[places.Length];
        this._kinds = history.Kinds.IsEmpty ? [] : new byte[places.Length];
        for (var i = 0; i < places.Length; i++)
        {
            this._items[i] = history.Items[places[i]];
            if (this._ages.Length > 0) this._ages[i] = history.Ages[places[i]];
            if (this._kinds.Length > 0) this._kinds[i] = history.Kinds[places[i]];
        }
    }

    public int Count => this._items.Length;

    public History History => new(this._items, this._weights, this._ages, this._kinds);

    /// <returns>Null where no item stands in the history twice.</returns>
    public static MergedHistory? Of(History history)
    {
        var latest = new Dictionary<int, int>(history.Items.Length);
        for (var place = 0; place < history.Items.Length; place++) latest[history.Items[place]] = place;
        if (latest.Count == history.Items.Length) return null;

        var places = latest.Values.ToArray();
        Array.Sort(places);
        var weights = new float[places.Length];
        for (var place = 0; place < history.Items.Length; place++)
            weights[Array.BinarySearch(places, latest[history.Items[place]])] += history.Weight(place);
        return new MergedHistory(history, places, weights);
    }

    /// <summary>Gives what merged rows contributed to the places that they stand at; the other rows of an item have 0.</summary>
    /// <param name="own">Row-major, items × <see cref="Count"/>.</param>
    /// <param name="contributions">Row-major, items × rows of the history; overwritten.</param>
    public void PutBack(ReadOnlySpan<float> own, Span<float> contributions)
    {
        contributions.Clear();
        for (var row = 0; row < own.Length / this.Count; row++)
        {
            for (var i = 0; i < this.Count; i++) contributions[(row * this._rows) + this._places[i]] = own[(row * this.Count) + i];
        }
    }
}
