using Aisle.Engine.Catalog;
using Aisle.Engine.Events;

namespace Aisle.Engine.Recommending;

/// <summary>How often each item was shown and clicked lately: kept up to date by the event feed; both fade with a half-life of two weeks.</summary>
public sealed class ItemExposure(Catalogue catalogue, TimeProvider time)
{
    /// <summary>Half-life of impressions and clicks, in days.</summary>
    public const double HalfLife = 14;

    /// <summary>Items that exploration chooses among, and the longest list of the most clicked.</summary>
    private const int MostCandidates = 200;

    // The prior of an item's click-through rate weighs as much as so many impressions of the shop's own rate.
    private const double PriorImpressions = 20;
    private const double PriorRate = 0.02;

    /// <summary>Faded clicks from which an item is among the most clicked: one or two are chance.</summary>
    private const double LeastClicks = 3;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, (double Below, long At, int[] Items)> _underexposed = [];
    private (long At, RankedItem[] Items)? _mostClicked;
    private Counters[] _items = new Counters[1024];
    private double _now;
    private double _impressions;
    private double _clicks;

    /// <summary>Takes in events just stored; for the feed.</summary>
    public void Add(IReadOnlyList<StoredEvent> events)
    {
        lock (this._lock)
        {
            foreach (var (_, @event) in events)
            {
                if (@event.Item is not { } item || @event.Type is not (EventType.Impression or EventType.Click)) continue;
                var index = catalogue.IndexFor(item);
                if (index >= this._items.Length) Array.Resize(ref this._items, Math.Max(index + 1, this._items.Length * 2));
                var day = @event.Time.ToUnixTimeMilliseconds() / 86_400_000.0;
                this._now = Math.Max(this._now, day);
                ref var counters = ref this._items[index];
                counters.Decay(day);
                var kept = double.Exp2((day - counters.Day) / HalfLife);
                if (@event.Type == EventType.Impression) (counters.Impressions, this._impressions) = (counters.Impressions + kept, this._impressions + 1);
                else (counters.Clicks, this._clicks) = (counters.Clicks + kept, this._clicks + 1);
            }
        }
    }

    /// <summary>Faded impressions and clicks of an item.</summary>
    public (double Impressions, double Clicks) Of(int index)
    {
        lock (this._lock)
        {
            if (index >= this._items.Length) return (0, 0);
            var counters = this._items[index];
            counters.Decay(this._now);
            return (counters.Impressions, counters.Clicks);
        }
    }

    /// <summary>The mean and the standard deviation of what is believed of an item's click-through rate: a Beta distribution that starts at the shop's own rate.</summary>
    public (double Mean, double Deviation) Belief(int index)
    {
        var (impressions, clicks) = this.Of(index);
        var rate = (this._clicks + PriorImpressions * PriorRate) / (this._impressions + PriorImpressions);
        var a = PriorImpressions * rate + clicks;
        var b = PriorImpressions * (1 - rate) + Math.Max(0, impressions - clicks);
        return (a / (a + b), Math.Sqrt(a * b / ((a + b) * (a + b) * (a + b + 1))));
    }

    /// <summary>
    /// Described items by the click-through rate that they surely have: the mean less a standard deviation of what is believed of it. What was shown often
    /// gains nothing by that alone. Refreshed every few seconds.
    /// </summary>
    internal IReadOnlyList<RankedItem> MostClicked()
    {
        lock (this._lock)
        {
            if (this._mostClicked is { } known && time.GetElapsedTime(known.At) < ItemStatistics.RefreshInterval) return known.Items;
        }

        var items = Enumerable.Range(0, catalogue.Count)
            .Where(index => catalogue.ItemAt(index) is not null && this.Of(index).Clicks >= LeastClicks)
            .Select(index => this.Belief(index) is var belief ? new RankedItem(index, belief.Mean - belief.Deviation) : default)
            .OrderByDescending(item => item.Score).ThenBy(item => item.Index)
            .Take(MostCandidates)
            .ToArray();
        lock (this._lock) this._mostClicked = (time.GetTimestamp(), items);
        return items;
    }

    /// <summary>Described items shown less than so often, those of the highest hopes first and of equal ones the newest; refreshed every few seconds.</summary>
    internal IReadOnlyList<int> Underexposed(int below)
    {
        lock (this._lock)
        {
            if (this._underexposed.TryGetValue(below, out var known) && time.GetElapsedTime(known.At) < ItemStatistics.RefreshInterval) return known.Items;
        }

        var items = Enumerable.Range(0, catalogue.Count)
            .Where(index => catalogue.ItemAt(index) is not null && this.Of(index).Impressions < below)
            .Select(index => (Index: index, Belief: this.Belief(index), From: catalogue.ItemAt(index)?.AvailableFrom ?? DateTimeOffset.MinValue))
            .OrderByDescending(item => item.Belief.Mean + item.Belief.Deviation).ThenByDescending(item => item.From).ThenByDescending(item => item.Index)
            .Take(MostCandidates)
            .Select(item => item.Index)
            .ToArray();
        lock (this._lock) this._underexposed[below] = (below, time.GetTimestamp(), items);
        return items;
    }

    private struct Counters
    {
        public double Impressions;
        public double Clicks;
        public double Day;

        public void Decay(double day)
        {
            if (day <= this.Day) return;
            var kept = this.Day > 0 ? double.Exp2((this.Day - day) / HalfLife) : 0;
            this.Impressions *= kept;
            this.Clicks *= kept;
            this.Day = day;
        }
    }
}
