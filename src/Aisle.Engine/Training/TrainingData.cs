using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Learning.Data;

namespace Aisle.Engine.Training;

/// <summary>
/// The store's events as dense columns: one entry per event that says something about liking an item, by shopper and time. The columns, and the data
/// sets made of them, lie in one space; with a space on disk what a model reads of them streams through memory, and the same models come out.
/// </summary>
public sealed class TrainingData : IDisposable
{
    private readonly IColumnSpace _space;
    private readonly List<int> _basketRows = [];
    private readonly List<int> _basketItems = [];
    private readonly Dictionary<string, int> _baskets = [];
    private readonly Dictionary<(double? HalfLife, long From, long Before), (Interactions Matrix, Sequences Rows)> _made = [];

    /// <summary>Shopper u has entries _rowStarts[u] … _rowStarts[u + 1), by time; those of one moment as they were stored.</summary>
    private long[] _rowStarts = [0];
    private Memory<int> _items;
    private Memory<float> _points;
    private Memory<long> _times;
    private Memory<byte> _kinds;
    private (long First, long Last) _span;

    private TrainingData(IColumnSpace space) => this._space = space;

    public IdMap Users { get; } = new();

    /// <summary>Items of the events, then those that only the catalogue knows: new products, which models of content can recommend.</summary>
    public IdMap Items { get; } = new();

    /// <summary>Items with events, the first of <see cref="Items"/>.</summary>
    public int TouchedItems { get; private set; }

    /// <summary>What the catalogue tells of <see cref="Items"/>.</summary>
    public CatalogueContent Content { get; private set; } = CatalogueContent.None;

    /// <summary>Sequence of the last event read.</summary>
    public long LastSequence { get; private set; }

    public int Events => this._items.Length;

    public int Baskets => this._baskets.Count;

    public DateTimeOffset? First => this.Events == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(this._span.First);

    public DateTimeOffset? Last => this.Events == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(this._span.Last);

    /// <summary>As the other, with everything in memory.</summary>
    public static TrainingData Read(IEventStore store, Catalogue catalogue, long upTo, Action<long>? read, CancellationToken cancellation) =>
        Read(store, catalogue, new MemoryColumns(), upTo, read, cancellation);

    /// <summary>Reads every event once, then the catalogue.</summary>
    /// <param name="space">Where the events are held; goes when the data do.</param>
    /// <param name="upTo">Sequence of the last event that is read.</param>
    /// <param name="read">Told the number of events read so far, now and then.</param>
    internal static TrainingData Read(IEventStore store, Catalogue catalogue, IColumnSpace space, long upTo, Action<long>? read, CancellationToken cancellation)
    {
        const int tellEvery = 50_000;
        var data = new TrainingData(space);
        using var unordered = space.Another();
        var rows = new ShopperRows(unordered);
        long count = 0;
        foreach (var stored in store.Read())
        {
            if (stored.Sequence > upTo) break;
            data.Add(stored.Event, rows);
            data.LastSequence = stored.Sequence;
            if (++count % tellEvery != 0) continue;
            cancellation.ThrowIfCancellationRequested();
            read?.Invoke(count);
        }

        read?.Invoke(count);
        data.TouchedItems = data.Items.Count;
        foreach (var item in catalogue.Items) data.Items.Add(item.Id.Value);
        data.Content = CatalogueContent.Of(catalogue, data.Items);
        data.PutInOrder(rows);
        return data;
    }

    /// <summary>Ends the columns and all data sets made of them, also for models that were fitted on them and still look at them.</summary>
    public void Dispose() => this._space.Dispose();

    /// <summary>Lets models learn from vectors of the items' texts too.</summary>
    public void Take(IReadOnlyList<float[]> vectors) => this.Content = this.Content.WithVectors(vectors);

    /// <summary>
    /// Everything: users × items, weights damped, times in Unix seconds; beside it the events in order, oldest first, with times and with kinds, which are
    /// the numbers of <see cref="EventType"/>; and what the catalogue tells. The events are those that say something for an item: what takes back is no
    /// step towards the next one, and a pair that was taken back altogether stands in neither.
    /// </summary>
    /// <param name="halfLifeDays">An interaction this much older than the last one counts half; null for no decay. Of the events none fades.</param>
    public Dataset All(double? halfLifeDays) => this.Of(long.MinValue, long.MaxValue, halfLifeDays);

    /// <summary>Purchases: baskets × items, weight 1, and what the catalogue tells. Anonymous baskets are rows like any other; a basket has no order.</summary>
    public Dataset AllBaskets() => this.Content.With(
        Interactions.From(this._baskets.Count, this.Items.Count, this._basketRows.ToArray(), this._basketItems.ToArray()).Reweight(_ => 1));

    /// <summary>
    /// Splits by one moment for all: what came before trains; what a shopper with a past took up after it, and had not touched before,
    /// is to be predicted.
    /// </summary>
    /// <param name="validationShare">Share of events after the moment, in (0, 1).</param>
    public TrainingSplit Split(double validationShare)
    {
        var at = this.MomentAfter((long)(this.Events * (1 - validationShare)));
        var train = this.Of(long.MinValue, at, halfLifeDays: null);
        var validation = this.NewPairs(train.Interactions, this.Between(at, long.MaxValue, halfLifeDays: null));
        return new TrainingSplit(halfLife => this.Of(long.MinValue, at, halfLife), validation, DateTimeOffset.FromUnixTimeSeconds(at));
    }

    private void Add(Event @event, ShopperRows rows)
    {
        if (@event.Item is not { } itemId || InteractionStrength.Of(@event) is var points && points == 0) return;
        var item = this.Items.Add(itemId.Value);
        if (@event.User is { } user) rows.Add(this.Users.Add(user.Value), @event.Time.ToUnixTimeSeconds(), item, points, (byte)@event.Type);
        if (@event.Type == EventType.Purchase) this.AddToBasket(@event, item);
    }

    private void AddToBasket(Event purchase, int item)
    {
        // A shop that does not tell its orders: what a shopper bought on one day is one basket.
        var key = purchase.Basket ?? $"{purchase.User}\n{purchase.Time.UtcDateTime:yyyyMMdd}";
        if (!this._baskets.TryGetValue(key, out var basket)) this._baskets[key] = basket = this._baskets.Count;
        this._basketRows.Add(basket);
        this._basketItems.Add(item);
    }

    private void PutInOrder(ShopperRows rows)
    {
        this._rowStarts = new long[this.Users.Count + 1];
        this._items = this._space.New<int>(rows.Count);
        this._points = this._space.New<float>(rows.Count);
        this._times = this._space.New<long>(rows.Count);
        this._kinds = this._space.New<byte>(rows.Count);
        this._span = (long.MaxValue, long.MinValue);
        rows.InOrder(this.Users.Count, (user, own) =>
        {
            var first = (int)this._rowStarts[user];
            this._rowStarts[user + 1] = first + own.Length;
            if (own.IsEmpty) return;
            var (items, points) = (this._items.Slice(first, own.Length), this._points.Slice(first, own.Length));
            var (times, kinds) = (this._times.Slice(first, own.Length), this._kinds.Slice(first, own.Length));
            for (var i = 0; i < own.Length; i++)
            {
                items.Span[i] = own[i].Item;
                points.Span[i] = own[i].Points;
                times.Span[i] = own[i].Time;
                kinds.Span[i] = own[i].Kind;
            }

            this._span = (Math.Min(this._span.First, own[0].Time), Math.Max(this._span.Last, own[^1].Time));
        });
    }

    /// <summary>The moment before which a number of events lie, those of the moment itself after it: what a sort of all times would have at that place.</summary>
    private long MomentAfter(long count)
    {
        const int bins = 1 << 16;
        var (low, high) = this._span;
        while (low < high)
        {
            var width = ((high - low) / bins) + 1;
            var counts = new long[bins];
            foreach (var time in this._times.Span)
            {
                if (time >= low && time <= high) counts[(time - low) / width]++;
            }

            var bin = 0;
            for (; count >= counts[bin]; bin++) count -= counts[bin];
            (low, high) = (low + (bin * width), Math.Min(high, low + ((bin + 1) * width) - 1));
        }

        return low;
    }

    /// <summary>What is told of a window of time. Made once: in memory two uses share it, and on disk it takes its place once.</summary>
    private Dataset Of(long from, long before, double? halfLifeDays)
    {
        var key = (halfLifeDays, from, before);
        if (!this._made.TryGetValue(key, out var made))
        {
            var matrix = this.Between(from, before, halfLifeDays);
            this._made[key] = made = (matrix, this.RowsOf(matrix, from, before));
        }

        return this.Content.With(made.Matrix) with { Sequences = made.Rows };
    }

    /// <summary>The events of a window whose pairs stand in its matrix, but for those that take back.</summary>
    private Sequences RowsOf(Interactions matrix, long from, long before)
    {
        var (count, _) = this.CountBetween(from, before);
        var (items, times, kinds) = (this._space.New<int>(count), this._space.New<long>(count), this._space.New<byte>(count));
        var starts = new long[this.Users.Count + 1];
        var at = 0;
        for (var user = 0; user < this.Users.Count; user++)
        {
            var known = matrix.ItemsOf(user);
            var window = this.WindowOf(user, from, before);
            var (own, points) = (this._items[window], this._points[window]);
            for (var i = 0; i < own.Length; i++)
            {
                if (points.Span[i] <= 0 || known.BinarySearch(own.Span[i]) < 0) continue;
                items.Span[at] = own.Span[i];
                times.Span[at] = this._times[window].Span[i];
                kinds.Span[at++] = this._kinds[window].Span[i];
            }

            starts[user + 1] = at;
        }

        return Sequences.FromRows(this.Items.Count, starts, items[..at], times[..at], kinds[..at]);
    }

    /// <summary>The pairs of a window: points of all its events added, decayed and damped; those that come to nothing are left out.</summary>
    private Interactions Between(long from, long before, double? halfLifeDays)
    {
        const double secondsPerDay = 86_400;
        var (count, last) = this.CountBetween(from, before);
        var rows = new PairRows(this._space, this.Users.Count, this.Items.Count, count, hasTimes: true);
        List<(int Item, int Place)> pairs = [];
        for (var user = 0; user < this.Users.Count; user++)
        {
            var window = this.WindowOf(user, from, before);
            var items = this._items[window].Span;
            var points = this._points[window].Span;
            var times = this._times[window].Span;
            pairs.Clear();
            for (var i = 0; i < items.Length; i++) pairs.Add((items[i], i));
            pairs.Sort();
            for (var i = 0; i < pairs.Count;)
            {
                var (item, sum, latest) = (pairs[i].Item, 0f, long.MinValue);
                for (; i < pairs.Count && pairs[i].Item == item; i++)
                {
                    var time = times[pairs[i].Place];
                    var fade = halfLifeDays is { } halfLife ? (float)Math.Pow(2, (time - last) / secondsPerDay / halfLife) : 1f;
                    sum += points[pairs[i].Place] * fade;
                    latest = Math.Max(latest, time);
                }

                var weight = InteractionStrength.Damp(sum);
                if (weight > 0) rows.Add(item, weight, latest);
            }

            rows.EndRow();
        }

        return rows.ToMatrix();
    }

    /// <summary>Pairs of shoppers with a past that stand in the later matrix alone.</summary>
    private Interactions NewPairs(Interactions earlier, Interactions later)
    {
        var rows = new PairRows(this._space, later.Users, later.Items, (int)later.Count, hasTimes: false);
        for (var user = 0; user < later.Users; user++)
        {
            var known = earlier.ItemsOf(user);
            foreach (var item in known.IsEmpty ? [] : later.ItemsOf(user))
            {
                if (known.BinarySearch(item) < 0) rows.Add(item, 1f, 0);
            }

            rows.EndRow();
        }

        return rows.ToMatrix();
    }

    /// <summary>Where a shopper's events of a window lie in the columns: times ascend, so they lie together.</summary>
    private Range WindowOf(int user, long from, long before)
    {
        var first = (int)this._rowStarts[user];
        var times = this._times.Span[first..(int)this._rowStarts[user + 1]];
        return (first + CountBefore(times, from))..(first + CountBefore(times, before));
    }

    private static int CountBefore(ReadOnlySpan<long> times, long moment)
    {
        var (low, high) = (0, times.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (times[middle] < moment) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private (int Count, long Last) CountBetween(long from, long before)
    {
        var (count, last) = (0, long.MinValue);
        foreach (var time in this._times.Span)
        {
            if (time < from || time >= before) continue;
            count++;
            last = Math.Max(last, time);
        }

        return (count, last);
    }

    /// <summary>A matrix in the making, pair after pair.</summary>
    private sealed class PairRows(IColumnSpace space, int users, int items, int most, bool hasTimes)
    {
        private readonly Memory<int> _items = space.New<int>(most);
        private readonly Memory<float> _weights = space.New<float>(most);
        private readonly Memory<long> _times = space.New<long>(hasTimes ? most : 0);
        private readonly long[] _starts = new long[users + 1];
        private int _row;
        private int _count;

        public void Add(int item, float weight, long time)
        {
            this._items.Span[this._count] = item;
            this._weights.Span[this._count] = weight;
            if (hasTimes) this._times.Span[this._count] = time;
            this._count++;
        }

        public void EndRow() => this._starts[++this._row] = this._count;

        public Interactions ToMatrix() =>
            Interactions.FromSortedRows(items, this._starts, this._items[..this._count], this._weights[..this._count], hasTimes ? this._times[..this._count] : default);
    }
}

/// <param name="Train">What came before the moment, by half-life in days, the events in order among it; see <see cref="TrainingData.All"/>.</param>
/// <param name="Validation">Users × items to be predicted; rows of users without a past are empty.</param>
/// <param name="At">The moment between the two.</param>
public sealed record TrainingSplit(Func<double?, Dataset> Train, Interactions Validation, DateTimeOffset At);
