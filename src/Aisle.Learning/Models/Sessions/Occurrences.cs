using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Where each item stands in sequences that lie one after another in one array.</summary>
internal sealed class Occurrences
{
    private readonly int[] _starts;
    private readonly int[] _places;

    public Occurrences(Sequences sequences)
    {
        var items = sequences.AllItems;
        this._starts = new int[sequences.Items + 1];
        foreach (var item in items) this._starts[item + 1]++;
        for (var item = 0; item < sequences.Items; item++) this._starts[item + 1] += this._starts[item];
        var next = this._starts.AsSpan(0, sequences.Items).ToArray();
        this._places = new int[items.Length];
        this.RowOf = new int[items.Length];
        for (var row = 0; row < sequences.Users; row++)
        {
            for (var place = (int)sequences.RowStarts[row]; place < sequences.RowStarts[row + 1]; place++)
            {
                this._places[next[items[place]]++] = place;
                this.RowOf[place] = row;
            }
        }
    }

    /// <summary>By place: the sequence that it belongs to.</summary>
    public int[] RowOf { get; }

    /// <summary>Places of an item, ascending.</summary>
    public ReadOnlySpan<int> Of(int item) => this._places.AsSpan(this._starts[item], this.CountOf(item));

    public int CountOf(int item) => this._starts[item + 1] - this._starts[item];
}
