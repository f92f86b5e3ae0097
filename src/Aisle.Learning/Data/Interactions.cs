namespace Aisle.Learning.Data;

/// <summary>
/// A sparse users × items matrix in compressed rows: row u holds the items that user u touched, ascending, with a weight
/// and optionally a time each. Immutable; item and user indices are dense. The columns may lie in memory or be mapped from elsewhere.
/// </summary>
public sealed class Interactions
{
    private readonly long[] _rowStarts;
    private readonly ReadOnlyMemory<int> _items;
    private readonly ReadOnlyMemory<float> _weights;
    private readonly ReadOnlyMemory<long> _times;

    /// <summary>Columns may be longer than the pairs: what is beyond is left alone.</summary>
    private Interactions(int items, long[] rowStarts, ReadOnlyMemory<int> columns, ReadOnlyMemory<float> weights, bool hasTimes, ReadOnlyMemory<long> times)
    {
        var count = (int)rowStarts[^1];
        this.Items = items;
        this._rowStarts = rowStarts;
        this._items = columns[..count];
        this._weights = weights[..count];
        this.HasTimes = hasTimes;
        this._times = hasTimes ? times[..count] : default;
    }

    public int Users => this._rowStarts.Length - 1;

    public int Items { get; }

    /// <summary>Stored (user, item) pairs.</summary>
    public long Count => this._rowStarts[^1];

    public bool HasTimes { get; }

    /// <summary>Items of one user, ascending and distinct.</summary>
    public ReadOnlySpan<int> ItemsOf(int user) => this._items.Span.Slice((int)this._rowStarts[user], this.CountOf(user));

    /// <summary>Weights beside <see cref="ItemsOf"/>; finite.</summary>
    public ReadOnlySpan<float> WeightsOf(int user) => this._weights.Span.Slice((int)this._rowStarts[user], this.CountOf(user));

    /// <summary>Unix seconds of the latest interaction of each pair, beside <see cref="ItemsOf"/>; empty without times.</summary>
    public ReadOnlySpan<long> TimesOf(int user) =>
        this.HasTimes ? this._times.Span.Slice((int)this._rowStarts[user], this.CountOf(user)) : default;

    internal ReadOnlySpan<long> RowStarts => this._rowStarts;

    internal ReadOnlySpan<int> AllItems => this._items.Span;

    internal ReadOnlySpan<float> AllWeights => this._weights.Span;

    /// <summary>Empty without times.</summary>
    private ReadOnlySpan<long> AllTimes => this._times.Span;

    public int CountOf(int user) => (int)(this._rowStarts[user + 1] - this._rowStarts[user]);

    /// <summary>
    /// Builds the matrix from triples in any order. Repeated (user, item) pairs become one: weights are added, the latest time is kept.
    /// </summary>
    /// <param name="users">Row of each triple, in [0, userCount).</param>
    /// <param name="items">Column of each triple, in [0, itemCount).</param>
    /// <param name="weights">Finite weight of each triple; empty means 1 each.</param>
    /// <param name="times">Unix seconds of each triple; empty means none.</param>
    /// <exception cref="ArgumentException">Lengths differ, an index is out of range or a weight is not finite; the message names the first such triple.</exception>
    public static Interactions From(
        int userCount, int itemCount, ReadOnlySpan<int> users, ReadOnlySpan<int> items, ReadOnlySpan<float> weights = default, ReadOnlySpan<long> times = default)
    {
        Check(userCount, itemCount, users, items, weights, times);

        var starts = new long[userCount + 1];
        foreach (var user in users) starts[user + 1]++;
        for (var u = 0; u < userCount; u++) starts[u + 1] += starts[u];

        // Counting sort by user; then each short row is sorted by item and its repeats are merged in place.
        var next = starts.AsSpan(0, userCount).ToArray();
        var order = new int[users.Length];
        for (var i = 0; i < users.Length; i++) order[next[users[i]]++] = i;

        var columns = new int[users.Length];
        var values = new float[users.Length];
        var stamps = times.IsEmpty ? null : new long[users.Length];
        var merged = new long[userCount + 1];
        var keys = Array.Empty<int>();
        long written = 0;
        for (var u = 0; u < userCount; u++)
        {
            var row = order.AsSpan((int)starts[u], (int)(starts[u + 1] - starts[u]));
            if (keys.Length < row.Length) keys = new int[Math.Max(row.Length, keys.Length * 2)];
            for (var i = 0; i < row.Length; i++) keys[i] = items[row[i]];
            keys.AsSpan(0, row.Length).Sort(row);

            var rowStart = written;
            for (var i = 0; i < row.Length; i++)
            {
                var weight = weights.IsEmpty ? 1f : weights[row[i]];
                if (written > rowStart && columns[written - 1] == keys[i])
                {
                    values[written - 1] += weight;
                    if (stamps is not null) stamps[written - 1] = Math.Max(stamps[written - 1], times[row[i]]);
                    continue;
                }

                columns[written] = keys[i];
                values[written] = weight;
                if (stamps is not null) stamps[written] = times[row[i]];
                written++;
            }

            merged[u + 1] = written;
        }

        return new Interactions(itemCount, merged, columns, values, stamps is not null, stamps);
    }

    /// <summary>
    /// Takes over rows that are already sorted: row u is columns[rowStarts[u] … rowStarts[u + 1]), ascending and distinct, with finite weights, and times
    /// beside them or none. Whoever owns the memory keeps it as it is for as long as the matrix, and models fitted on it, are used.
    /// </summary>
    /// <exception cref="ArgumentException">The columns do not describe such rows.</exception>
    public static Interactions FromSortedRows(
        int itemCount, long[] rowStarts, ReadOnlyMemory<int> columns, ReadOnlyMemory<float> weights, ReadOnlyMemory<long> times = default)
    {
        ArgumentNullException.ThrowIfNull(rowStarts);
        if (rowStarts.Length == 0 || rowStarts[0] != 0 || rowStarts[^1] != columns.Length || weights.Length != columns.Length)
            throw new ArgumentException($"Row starts must run from 0 to the {columns.Length} columns, which need as many weights.");
        if (times.Length > 0 && times.Length != columns.Length) throw new ArgumentException($"{columns.Length} columns need as many times or none, not {times.Length}.");
        var items = columns.Span;
        var values = weights.Span;
        for (var row = 0; row + 1 < rowStarts.Length; row++)
        {
            if (rowStarts[row + 1] < rowStarts[row] || rowStarts[row + 1] > items.Length) throw new ArgumentException($"Row {row} ends before it starts or beyond the columns.");
            for (var i = (int)rowStarts[row]; i < rowStarts[row + 1]; i++)
            {
                if ((uint)items[i] >= (uint)itemCount || (i > rowStarts[row] && items[i] <= items[i - 1]))
                    throw new ArgumentException($"Row {row}: column {items[i]} is not ascending, or not below {itemCount}.");
                if (!float.IsFinite(values[i])) throw new ArgumentException($"Row {row}, column {items[i]}: weight {values[i]} is not a finite number.");
            }
        }

        return new Interactions(itemCount, rowStarts, columns, weights, times.Length > 0, times);
    }

    internal static Interactions FromSortedRows(int itemCount, long[] rowStarts, int[] columns, float[] weights) =>
        FromSortedRows(itemCount, rowStarts, columns.AsMemory(), weights.AsMemory());

    /// <summary>Joins rows, each with its columns ascending and distinct.</summary>
    internal static Interactions FromRows(int itemCount, (int[] Items, float[] Weights)[] rows)
    {
        var starts = new long[rows.Length + 1];
        for (var row = 0; row < rows.Length; row++) starts[row + 1] = starts[row] + rows[row].Items.Length;
        if (starts[^1] > Array.MaxLength) throw new ArgumentException($"{starts[^1]} pairs do not fit in one array; {Array.MaxLength} do. Keep fewer in each row.");
        var columns = new int[starts[^1]];
        var weights = new float[starts[^1]];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row].Items.CopyTo(columns, starts[row]);
            rows[row].Weights.CopyTo(weights, starts[row]);
        }

        return FromSortedRows(itemCount, starts, columns, weights);
    }

    /// <summary>The same pairs with other weights, in the order of the rows; times are not kept.</summary>
    internal Interactions WithWeights(float[] weights)
    {
        if (weights.Length != this.Count) throw new ArgumentException($"{this.Count} pairs need as many weights, not {weights.Length}.");
        var wrong = Array.FindIndex(weights, weight => !float.IsFinite(weight));
        if (wrong >= 0) throw new ArgumentException($"Pair {wrong}: weight {weights[wrong]} is not a finite number.");
        return new Interactions(this.Items, this._rowStarts, this._items, weights, false, default);
    }

    /// <summary>The items × users matrix: row i lists the users that touched item i, ascending.</summary>
    public Interactions Transpose()
    {
        var items = this.AllItems;
        var weights = this.AllWeights;
        var times = this.AllTimes;
        var starts = new long[this.Items + 1];
        foreach (var item in items) starts[item + 1]++;
        for (var i = 0; i < this.Items; i++) starts[i + 1] += starts[i];

        var next = starts.AsSpan(0, this.Items).ToArray();
        var columns = new int[this.Count];
        var values = new float[this.Count];
        var stamps = !this.HasTimes ? null : new long[this.Count];
        for (var user = 0; user < this.Users; user++)
        {
            for (var i = (int)this._rowStarts[user]; i < this._rowStarts[user + 1]; i++)
            {
                var at = next[items[i]]++;
                columns[at] = user;
                values[at] = weights[i];
                if (stamps is not null) stamps[at] = times[i];
            }
        }

        return new Interactions(this.Users, starts, columns, values, stamps is not null, stamps);
    }

    /// <summary>The same pairs in a matrix with users and items added at its end.</summary>
    internal Interactions Enlarged(int users, int items)
    {
        if (users < this.Users || items < this.Items)
            throw new ArgumentException($"{this.Users} × {this.Items} interactions do not fit into {users} × {items}.");
        var starts = new long[users + 1];
        this._rowStarts.CopyTo(starts, 0);
        starts.AsSpan(this._rowStarts.Length).Fill(this.Count);
        return new Interactions(items, starts, this._items, this._weights, this.HasTimes, this._times);
    }

    /// <summary>The pairs of both, which have one shape; pairs in both become one, weights added. Times are kept where both have them.</summary>
    public Interactions With(Interactions other)
    {
        if (other.Users != this.Users || other.Items != this.Items)
            throw new ArgumentException($"{other.Users} × {other.Items} interactions cannot be added to {this.Users} × {this.Items}.");
        var users = new int[this.Count + other.Count];
        for (var user = 0; user < this.Users; user++)
        {
            users.AsSpan((int)this._rowStarts[user], this.CountOf(user)).Fill(user);
            users.AsSpan((int)(this.Count + other._rowStarts[user]), other.CountOf(user)).Fill(user);
        }

        return From(
            this.Users,
            this.Items,
            users,
            [.. this.AllItems, .. other.AllItems],
            [.. this.AllWeights, .. other.AllWeights],
            this.HasTimes && other.HasTimes ? [.. this.AllTimes, .. other.AllTimes] : []);
    }

    /// <summary>The same pairs with new weights; pairs whose new weight is not positive are left out.</summary>
    /// <param name="map">Old weight to new weight; must be finite.</param>
    public Interactions Reweight(Func<float, float> map)
    {
        var items = this.AllItems;
        var weights = this.AllWeights;
        var times = this.AllTimes;
        var starts = new long[this.Users + 1];
        var columns = new int[this.Count];
        var values = new float[this.Count];
        var stamps = !this.HasTimes ? null : new long[this.Count];
        long written = 0;
        for (var user = 0; user < this.Users; user++)
        {
            for (var i = (int)this._rowStarts[user]; i < this._rowStarts[user + 1]; i++)
            {
                var weight = map(weights[i]);
                if (!(weight > 0)) continue;
                columns[written] = items[i];
                values[written] = weight;
                if (stamps is not null) stamps[written] = times[i];
                written++;
            }

            starts[user + 1] = written;
        }

        return new Interactions(this.Items, starts, columns, values, stamps is not null, stamps);
    }

    /// <summary>The pairs for which <paramref name="keep"/> holds, in the same shape.</summary>
    /// <param name="keep">One entry per pair, in the order of the rows.</param>
    internal Interactions Where(ReadOnlySpan<bool> keep)
    {
        if (keep.Length != this.Count) throw new ArgumentException($"{this.Count} pairs need as many marks, not {keep.Length}.");
        var items = this.AllItems;
        var weights = this.AllWeights;
        var times = this.AllTimes;
        var kept = 0;
        foreach (var mark in keep) kept += mark ? 1 : 0;
        var starts = new long[this.Users + 1];
        var columns = new int[kept];
        var values = new float[kept];
        var stamps = !this.HasTimes ? null : new long[kept];
        long written = 0;
        for (var user = 0; user < this.Users; user++)
        {
            for (var i = (int)this._rowStarts[user]; i < this._rowStarts[user + 1]; i++)
            {
                if (!keep[i]) continue;
                columns[written] = items[i];
                values[written] = weights[i];
                if (stamps is not null) stamps[written] = times[i];
                written++;
            }

            starts[user + 1] = written;
        }

        return new Interactions(this.Items, starts, columns, values, stamps is not null, stamps);
    }

    /// <summary>The rows of the users for whom <paramref name="keep"/> holds; those of the others are empty.</summary>
    internal Interactions WhereUsers(ReadOnlySpan<bool> keep)
    {
        var marks = new bool[this.Count];
        for (var user = 0; user < this.Users; user++) marks.AsSpan((int)this._rowStarts[user], this.CountOf(user)).Fill(keep[user]);
        return this.Where(marks);
    }

    /// <summary>Some rows, in the order given; the items stay.</summary>
    internal Interactions Rows(ReadOnlySpan<int> users)
    {
        var starts = new long[users.Length + 1];
        for (var row = 0; row < users.Length; row++) starts[row + 1] = starts[row] + this.CountOf(users[row]);
        var columns = new int[starts[^1]];
        var values = new float[starts[^1]];
        var stamps = !this.HasTimes ? null : new long[starts[^1]];
        for (var row = 0; row < users.Length; row++)
        {
            this.ItemsOf(users[row]).CopyTo(columns.AsSpan((int)starts[row]));
            this.WeightsOf(users[row]).CopyTo(values.AsSpan((int)starts[row]));
            this.TimesOf(users[row]).CopyTo(stamps.AsSpan((int)(stamps is null ? 0 : starts[row])));
        }

        return new Interactions(this.Items, starts, columns, values, stamps is not null, stamps);
    }

    private static void Check(
        int userCount, int itemCount, ReadOnlySpan<int> users, ReadOnlySpan<int> items, ReadOnlySpan<float> weights, ReadOnlySpan<long> times)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(userCount);
        ArgumentOutOfRangeException.ThrowIfNegative(itemCount);
        if (items.Length != users.Length || (!weights.IsEmpty && weights.Length != users.Length) || (!times.IsEmpty && times.Length != users.Length))
        {
            throw new ArgumentException(
                $"users ({users.Length}), items ({items.Length}), weights ({weights.Length}) and times ({times.Length}) must have one entry per interaction; weights and times may be empty.");
        }

        for (var i = 0; i < users.Length; i++)
        {
            if ((uint)users[i] >= (uint)userCount)
                throw new ArgumentException($"Interaction {i}: user {users[i]} is out of range; there are {userCount} users, numbered from 0.");
            if ((uint)items[i] >= (uint)itemCount)
                throw new ArgumentException($"Interaction {i}: item {items[i]} is out of range; there are {itemCount} items, numbered from 0.");
            if (!weights.IsEmpty && !float.IsFinite(weights[i]))
                throw new ArgumentException($"Interaction {i} (user {users[i]}, item {items[i]}): weight {weights[i]} is not a finite number.");
        }
    }
}
