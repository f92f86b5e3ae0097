namespace Aisle.Learning.Data;

/// <summary>
/// What each user (or session) touched, oldest first, with repeats; optionally when. Immutable; indices are dense. The columns may lie in memory or
/// be mapped from elsewhere: nothing here copies them.
/// </summary>
public sealed class Sequences
{
    private readonly long[] _rowStarts;
    private readonly ReadOnlyMemory<int> _items;
    private readonly ReadOnlyMemory<long> _times;
    private readonly ReadOnlyMemory<byte> _kinds;

    private Sequences(int items, long[] rowStarts, ReadOnlyMemory<int> rowItems, (bool Are, ReadOnlyMemory<long> Column) times, (bool Are, ReadOnlyMemory<byte> Column) kinds)
    {
        this.Items = items;
        this._rowStarts = rowStarts;
        this._items = rowItems;
        (this.HasTimes, this._times) = times;
        (this.HasKinds, this._kinds) = kinds;
    }

    public int Users => this._rowStarts.Length - 1;

    public int Items { get; }

    /// <summary>Events of all users together.</summary>
    public long Count => this._rowStarts[^1];

    public bool HasTimes { get; }

    /// <summary>Whether it is known what each event was (a view, a purchase…).</summary>
    public bool HasKinds { get; }

    /// <summary>Items of one user, oldest first.</summary>
    public ReadOnlySpan<int> ItemsOf(int user) => this._items.Span.Slice((int)this._rowStarts[user], this.CountOf(user));

    /// <summary>Unix seconds beside <see cref="ItemsOf"/>, ascending; empty without times.</summary>
    public ReadOnlySpan<long> TimesOf(int user) => this.HasTimes ? this._times.Span.Slice((int)this._rowStarts[user], this.CountOf(user)) : default;

    /// <summary>Kinds beside <see cref="ItemsOf"/>, numbered by the caller; empty without kinds.</summary>
    public ReadOnlySpan<byte> KindsOf(int user) => this.HasKinds ? this._kinds.Span.Slice((int)this._rowStarts[user], this.CountOf(user)) : default;

    internal ReadOnlySpan<long> RowStarts => this._rowStarts;

    internal ReadOnlySpan<int> AllItems => this._items.Span;

    /// <summary>Empty without times.</summary>
    internal ReadOnlySpan<long> AllTimes => this._times.Span;

    /// <summary>Empty without kinds.</summary>
    internal ReadOnlySpan<byte> AllKinds => this._kinds.Span;

    public int CountOf(int user) => (int)(this._rowStarts[user + 1] - this._rowStarts[user]);

    /// <summary>Builds the sequences from rows that are in order already.</summary>
    /// <param name="itemCount">Items are 0 … itemCount − 1.</param>
    /// <param name="times">Unix seconds beside each row, ascending; null for none.</param>
    /// <param name="kinds">What each event was, beside each row; null for none.</param>
    /// <exception cref="ArgumentException">An item is out of range or times do not ascend; the message names the first such place.</exception>
    public static Sequences From(int itemCount, IReadOnlyList<int[]> rows, IReadOnlyList<long[]>? times = null, IReadOnlyList<byte[]>? kinds = null)
    {
        if (kinds is not null && kinds.Count != rows.Count) throw new ArgumentException($"{rows.Count} sequences were given but kinds of {kinds.Count}.");
        if (times is not null && times.Count != rows.Count) throw new ArgumentException($"{rows.Count} sequences were given but times of {times.Count}.");
        var starts = new long[rows.Count + 1];
        for (var user = 0; user < rows.Count; user++) starts[user + 1] = starts[user] + rows[user].Length;
        var items = new int[starts[^1]];
        var stamps = times is null ? null : new long[starts[^1]];
        var marks = kinds is null ? null : new byte[starts[^1]];
        for (var user = 0; user < rows.Count; user++)
        {
            foreach (var item in rows[user])
            {
                if ((uint)item >= (uint)itemCount)
                    throw new ArgumentException($"User {user}: item {item} is out of range; there are {itemCount} items, numbered from 0.");
            }

            rows[user].CopyTo(items, starts[user]);
            if (kinds is not null)
            {
                if (kinds[user].Length != rows[user].Length) throw new ArgumentException($"User {user} has {rows[user].Length} items but {kinds[user].Length} kinds; give one each.");
                kinds[user].CopyTo(marks!, starts[user]);
            }

            if (times is null) continue;
            if (times[user].Length != rows[user].Length) throw new ArgumentException($"User {user} has {rows[user].Length} items but {times[user].Length} times; give one each.");
            for (var i = 1; i < times[user].Length; i++)
            {
                if (times[user][i] < times[user][i - 1]) throw new ArgumentException($"User {user}: event {i} is earlier than the one before it; give the oldest first.");
            }

            times[user].CopyTo(stamps!, starts[user]);
        }

        return new Sequences(itemCount, starts, items, (stamps is not null, stamps), (marks is not null, marks));
    }

    /// <summary>The pairs of a matrix with times, each user's oldest first; a pair stands once, at its latest time. Equal times keep the order of items.</summary>
    public static Sequences From(Interactions interactions)
    {
        if (!interactions.HasTimes) throw new ArgumentException("Interactions without times have no order; give times, or the sequences themselves.");
        var starts = new long[interactions.Users + 1];
        var items = new int[interactions.Count];
        var stamps = new long[interactions.Count];
        for (var user = 0; user < interactions.Users; user++)
        {
            var count = interactions.CountOf(user);
            starts[user + 1] = starts[user] + count;
            var rowItems = items.AsSpan((int)starts[user], count);
            var rowTimes = stamps.AsSpan((int)starts[user], count);
            interactions.ItemsOf(user).CopyTo(rowItems);
            interactions.TimesOf(user).CopyTo(rowTimes);
            SortByTime(rowTimes, rowItems);
        }

        return new Sequences(interactions.Items, starts, items, (true, stamps), (false, default));
    }

    /// <summary>
    /// Takes over rows that lie one after another: row u is rowItems[rowStarts[u] … rowStarts[u + 1]), times beside it ascending, or empty for none,
    /// and kinds likewise. Whoever owns the memory keeps it as it is for as long as the sequences, and models fitted on them, are used.
    /// </summary>
    /// <exception cref="ArgumentException">The columns do not describe such rows.</exception>
    public static Sequences FromRows(int itemCount, long[] rowStarts, ReadOnlyMemory<int> rowItems, ReadOnlyMemory<long> times, ReadOnlyMemory<byte> kinds)
    {
        ArgumentNullException.ThrowIfNull(rowStarts);
        if (kinds.Length > 0 && kinds.Length != rowItems.Length) throw new ArgumentException($"{rowItems.Length} events need as many kinds or none, not {kinds.Length}.");
        if (rowStarts.Length == 0 || rowStarts[0] != 0 || rowStarts[^1] != rowItems.Length || (times.Length > 0 && times.Length != rowItems.Length))
            throw new ArgumentException($"Row starts must run from 0 to the {rowItems.Length} events, which need as many times or none.");
        var items = rowItems.Span;
        var stamps = times.Span;
        for (var row = 0; row + 1 < rowStarts.Length; row++)
        {
            if (rowStarts[row + 1] < rowStarts[row] || rowStarts[row + 1] > items.Length) throw new ArgumentException($"Row {row} ends before it starts or beyond the events.");
            for (var i = (int)rowStarts[row]; i < rowStarts[row + 1]; i++)
            {
                if ((uint)items[i] >= (uint)itemCount) throw new ArgumentException($"Row {row}: item {items[i]} is not below {itemCount}.");
                if (stamps.Length > 0 && i > rowStarts[row] && stamps[i] < stamps[i - 1]) throw new ArgumentException($"Row {row}: times do not ascend.");
            }
        }

        return new Sequences(itemCount, rowStarts, rowItems, (times.Length > 0, times), (kinds.Length > 0, kinds));
    }

    /// <summary>The events that a test of user and place lets through, in the same order; users whose events are all left out stay, without any.</summary>
    public Sequences Where(Func<int, int, bool> keeps)
    {
        var starts = new long[this._rowStarts.Length];
        List<int> places = [];
        for (var user = 0; user < this.Users; user++)
        {
            for (var i = 0; i < this.CountOf(user); i++)
            {
                if (keeps(user, i)) places.Add((int)this._rowStarts[user] + i);
            }

            starts[user + 1] = places.Count;
        }

        return new Sequences(this.Items, starts, At(this._items), (this.HasTimes, At(this._times)), (this.HasKinds, At(this._kinds)));

        ReadOnlyMemory<T> At<T>(ReadOnlyMemory<T> column)
        {
            var all = column.Span;
            var kept = new T[all.IsEmpty ? 0 : places.Count];
            for (var i = 0; i < kept.Length; i++) kept[i] = all[places[i]];
            return kept;
        }
    }

    /// <summary>Each user's events followed by those added. Times are kept where both have them, and so are kinds.</summary>
    /// <param name="added">At least as many users and items; what is beyond is new. Not earlier than what is there.</param>
    /// <exception cref="ArgumentException">It has fewer users or items, or an event of a user is earlier than the user's last.</exception>
    public Sequences Append(Sequences added)
    {
        if (added.Users < this.Users || added.Items < this.Items)
            throw new ArgumentException($"{added.Users} users and {added.Items} items were added to {this.Users} and {this.Items}; the added part must have at least as many of both.");
        var starts = new long[added.Users + 1];
        var items = new int[this.Count + added.Count];
        var times = this.HasTimes && added.HasTimes ? new long[items.Length] : null;
        var kinds = this.HasKinds && added.HasKinds ? new byte[items.Length] : null;
        for (var user = 0; user < added.Users; user++)
        {
            var old = user < this.Users ? this.CountOf(user) : 0;
            starts[user + 1] = starts[user] + old + added.CountOf(user);
            var at = (int)starts[user];
            if (old > 0) this.ItemsOf(user).CopyTo(items.AsSpan(at));
            added.ItemsOf(user).CopyTo(items.AsSpan(at + old));
            if (old > 0 && kinds is not null) this.KindsOf(user).CopyTo(kinds.AsSpan(at));
            added.KindsOf(user).CopyTo(kinds is null ? default : kinds.AsSpan(at + old));
            if (times is null) continue;
            if (old > 0) this.TimesOf(user).CopyTo(times.AsSpan(at));
            added.TimesOf(user).CopyTo(times.AsSpan(at + old));
            if (old > 0 && added.CountOf(user) > 0 && times[at + old] < times[at + old - 1])
                throw new ArgumentException($"User {user}: an event was added that is earlier than the user's last one. Fit anew on all events together.");
        }

        return new Sequences(added.Items, starts, items, (times is not null, times), (kinds is not null, kinds));
    }

    /// <summary>How often each item occurs.</summary>
    internal int[] CountItems()
    {
        var counts = new int[this.Items];
        foreach (var item in this._items.Span) counts[item]++;
        return counts;
    }

    /// <summary>Users × items: the weight of a pair is how often it happened, its time the latest.</summary>
    public Interactions ToInteractions()
    {
        var users = new int[this.Count];
        for (var user = 0; user < this.Users; user++) users.AsSpan((int)this._rowStarts[user], this.CountOf(user)).Fill(user);
        return Interactions.From(this.Users, this.Items, users, this.AllItems, default, this.AllTimes);
    }

    /// <summary>A stable sort: pairs of time and place, so that equal times keep their order.</summary>
    private static void SortByTime(Span<long> times, Span<int> items)
    {
        var order = new (long Time, int Place)[times.Length];
        for (var i = 0; i < order.Length; i++) order[i] = (times[i], i);
        Array.Sort(order);
        var before = items.ToArray();
        for (var i = 0; i < order.Length; i++)
        {
            times[i] = order[i].Time;
            items[i] = before[order[i].Place];
        }
    }
}
