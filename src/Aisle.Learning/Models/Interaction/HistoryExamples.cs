using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>
/// What a shopper took up, and what they had done by then: the events before it where the order is known, else everything else they touched.
/// </summary>
internal sealed class HistoryExamples
{
    private readonly int[] _items;
    private readonly int[] _starts;
    private readonly int[] _users;
    private readonly int[] _places;
    private readonly long[] _times;
    private readonly int _length;

    private HistoryExamples(int[] items, int[] starts, int[] users, int[] places, long[] times, bool isOrdered, int length)
    {
        this._times = times;
        this._items = items;
        this._starts = starts;
        this._users = users;
        this._places = places;
        this._length = length;
        this.IsOrdered = isOrdered;
    }

    /// <summary>Whether histories are told oldest first.</summary>
    public bool IsOrdered { get; }

    public int Count => this._users.Length;

    /// <param name="length">Most events of a history; the latest are taken, or any where the order is unknown.</param>
    public static HistoryExamples Of(Dataset data, int length)
    {
        var order = data.InOrder();
        var rows = data.Interactions.Users;
        var starts = new int[rows + 1];
        for (var user = 0; user < rows; user++) starts[user + 1] = starts[user] + (order?.CountOf(user) ?? data.Interactions.CountOf(user));
        var items = (order is null ? data.Interactions.AllItems : order.AllItems).ToArray();
        List<int> users = [], places = [];
        for (var user = 0; user < rows; user++)
        {
            var count = starts[user + 1] - starts[user];
            for (var place = order is null ? 0 : 1; place < count && count > 1; place++)
            {
                users.Add(user);
                places.Add(starts[user] + place);
            }
        }

        return new HistoryExamples(items, starts, [.. users], [.. places], order is null ? [] : order.AllTimes.ToArray(), order is not null, length);
    }

    public bool HasTimes => this._times.Length > 0;

    /// <summary>Unix seconds at which the target was taken up.</summary>
    public long TimeOf(int example) => this._times[this._places[example]];

    public int UserOf(int example) => this._users[example];

    public int TargetOf(int example) => this._items[this._places[example]];

    /// <summary>Adds the history of an example, oldest first where the order is known. The target itself does not stand in it.</summary>
    public void AddHistory(int example, ref RandomStream random, List<int> history)
    {
        var user = this._users[example];
        var target = this.TargetOf(example);
        int first = this._starts[user], end = this.IsOrdered ? this._places[example] : this._starts[user + 1];
        if (this.IsOrdered)
        {
            for (var place = Math.Max(first, end - this._length); place < end; place++)
            {
                if (this._items[place] != target) history.Add(this._items[place]);
            }

            return;
        }

        // A window of the circle of the user's items, begun anywhere: with few items all of them.
        var count = end - first;
        var begin = count - 1 > this._length ? random.Below(count) : 0;
        for (int i = 0, added = 0; i < count && added < this._length; i++)
        {
            var item = this._items[first + ((begin + i) % count)];
            if (item == target) continue;
            history.Add(item);
            added++;
        }
    }

    /// <summary>All that a user did, as far as it is read.</summary>
    public ReadOnlySpan<int> HistoryOf(int user) => Last(this._items.AsSpan(this._starts[user], this._starts[user + 1] - this._starts[user]), this._length);

    /// <summary>The last events of a history that is longer than what is read.</summary>
    public static ReadOnlySpan<int> Last(ReadOnlySpan<int> history, int length) => history[Math.Max(0, history.Length - length)..];
}
