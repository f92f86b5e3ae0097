using Aisle.Engine.Catalog;
using Aisle.Engine.Events;

namespace Aisle.Engine.Recommending;

/// <summary>
/// Live popularity of every item: exponentially decayed rates of interest over a short and a long memory, kept up to date by the
/// event feed. Anonymous baskets count here like everyone's.
/// </summary>
/// <remarks>
/// "Now" is the time of the latest event, not the clock's: a shop whose data ends in 2011 still has best sellers.
/// A decayed rate with half-life h is r(t) = Σ strength · 2^((tᵢ − t)/h) · ln 2 / h: points per day around t.
/// </remarks>
public sealed class ItemStatistics(Catalogue catalogue, TimeProvider time)
{
    /// <summary>Rankings are computed again at most this often: sorting a large catalogue for each event would cost more than it tells.</summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1);

    /// <summary>Half-life of best sellers, in days.</summary>
    public const double LongHalfLife = 30;

    /// <summary>Half-life of what is trending, in days.</summary>
    public const double ShortHalfLife = 3;

    private readonly Lock _lock = new();
    private Counters[] _items = new Counters[1024];
    private double _now;
    private long _version;
    private volatile Rankings? _rankings;
    private long _rankedAt;

    /// <summary>Time of the latest event of an item; the beginning of Unix time before the first.</summary>
    public DateTimeOffset LatestEvent => DateTimeOffset.UnixEpoch.AddDays(Volatile.Read(ref this._now));

    /// <summary>Takes in events just stored; for the feed.</summary>
    public void Add(IReadOnlyList<StoredEvent> events)
    {
        lock (this._lock)
        {
            foreach (var (_, @event) in events)
                if (@event.Item is { } item && @event.Type is not EventType.Impression) this.Add(catalogue.IndexFor(item), @event);
            this._version++;
        }
    }

    /// <summary>Item indexes ordered by each measure, at most <see cref="RefreshInterval"/> behind the events.</summary>
    public Rankings Ranked()
    {
        if (this._rankings is { } recent && time.GetElapsedTime(Volatile.Read(ref this._rankedAt)) < RefreshInterval) return recent;
        lock (this._lock)
        {
            if (this._rankings is not { } current || current.Version != this._version || current.Count != catalogue.Count) this._rankings = this.Rank();
            Volatile.Write(ref this._rankedAt, time.GetTimestamp());
            return this._rankings;
        }
    }

    /// <summary>An item's rate of interest over the short and the long memory, in points a day, and its decayed sales.</summary>
    public (double Short, double Long, double Sold) Of(int index)
    {
        lock (this._lock)
        {
            if (index >= this._items.Length) return (0, 0, 0);
            var item = this._items[index];
            item.Decay(this._now);
            return (item.Short * Math.Log(2) / ShortHalfLife, item.Long * Math.Log(2) / LongHalfLife, item.Sold);
        }
    }

    private void Add(int index, Event @event)
    {
        if (index >= this._items.Length) Array.Resize(ref this._items, Math.Max(index + 1, this._items.Length * 2));
        ref var counters = ref this._items[index];
        var day = @event.Time.ToUnixTimeMilliseconds() / 86_400_000.0;
        if (counters.First == 0 || day < counters.First) counters.First = day;
        this._now = Math.Max(this._now, day);

        var interest = InteractionStrength.Of(@event);
        var sold = @event.Type switch { EventType.Purchase => 1.0, EventType.Return => -1.0, _ => 0 };
        counters.Decay(day);
        // An event that arrives late has decayed already.
        var age = counters.Time - day;
        counters.Short += interest * double.Exp2(-age / ShortHalfLife);
        counters.Long += interest * double.Exp2(-age / LongHalfLife);
        counters.Sold += sold * double.Exp2(-age / LongHalfLife);
    }

    private Rankings Rank()
    {
        var count = catalogue.Count;
        if (this._items.Length < count) Array.Resize(ref this._items, count);
        var sellers = new double[count];
        var trending = new double[count];
        var newest = new double[count];
        for (var index = 0; index < count; index++)
        {
            var item = this._items[index];
            item.Decay(this._now);
            var fast = Math.Max(0, item.Short) * Math.Log(2) / ShortHalfLife;
            var slow = Math.Max(0, item.Long) * Math.Log(2) / LongHalfLife;
            // Sales decide; where a shop sends views alone, views order what sold equally.
            sellers[index] = Math.Max(0, item.Sold) + 1e-3 * slow;
            // How far today's rate stands above its own past, in units of the past's noise (variance of a Poisson rate ~ its mean);
            // the constant keeps an item with a single look from leading.
            trending[index] = (fast - slow) / Math.Sqrt(slow + 1.0);
            var from = catalogue.ItemAt(index)?.AvailableFrom;
            newest[index] = from is { } time ? time.ToUnixTimeMilliseconds() / 86_400_000.0 : item.First;
        }

        return new Rankings(this._version, count, sellers, trending, newest);
    }

    private struct Counters
    {
        public double Short;
        public double Long;
        public double Sold;
        public double Time;
        public double First;

        public void Decay(double now)
        {
            if (now <= this.Time) return;
            if (this.Time > 0)
            {
                var elapsed = now - this.Time;
                this.Short *= double.Exp2(-elapsed / ShortHalfLife);
                var slow = double.Exp2(-elapsed / LongHalfLife);
                this.Long *= slow;
                this.Sold *= slow;
            }

            this.Time = now;
        }
    }
}

/// <summary>The catalogue in the order of each measure, with the measure's values by index.</summary>
public sealed class Rankings
{
    internal Rankings(long version, int count, double[] sellers, double[] trending, double[] newest)
    {
        this.Version = version;
        this.Count = count;
        this.BestSellers = Order(sellers, _ => true);
        this.Trending = Order(trending, value => value > 0);
        this.NewArrivals = Order(newest, _ => true);
    }

    internal long Version { get; }

    internal int Count { get; }

    /// <summary>Every item, by decayed sales.</summary>
    public IReadOnlyList<RankedItem> BestSellers { get; }

    /// <summary>Items that are wanted more than in their own past.</summary>
    public IReadOnlyList<RankedItem> Trending { get; }

    /// <summary>Every item, the latest first.</summary>
    public IReadOnlyList<RankedItem> NewArrivals { get; }

    private static RankedItem[] Order(double[] values, Func<double, bool> keep) =>
        [.. Enumerable.Range(0, values.Length)
            .Where(index => keep(values[index]))
            .OrderByDescending(index => values[index])
            .ThenBy(index => index)
            .Select(index => new RankedItem(index, values[index]))];
}

public readonly record struct RankedItem(int Index, double Score);
