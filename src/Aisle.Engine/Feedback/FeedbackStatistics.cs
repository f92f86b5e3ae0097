using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Feedback;

/// <summary>What lists caused, by day, placement and model: kept up to date by the event feed.</summary>
/// <remarks>
/// An impression and a click belong to the list whose id they carry; the same item of the same list clicked again counts once. A cart or a purchase
/// belongs to the list whose id it carries, else to the list through which the shopper clicked the item last, if that was at most
/// <see cref="Window"/> before (last touch). Without an id and a click it belongs to none.
/// </remarks>
public sealed class FeedbackStatistics
{
    /// <summary>How long after a click a cart or a purchase is still the list's.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromDays(7);

    private const string NoPlacement = "";
    private const int LargestMemory = 1_000_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, Counts> _counts = [];
    private readonly Dictionary<(UserId User, ItemId Item), Touch> _touches = [];
    private DateTimeOffset _latest;

    /// <summary>Takes in events just stored; for the feed.</summary>
    public void Add(IReadOnlyList<StoredEvent> events)
    {
        lock (this._lock)
        {
            foreach (var (_, @event) in events) this.Add(@event);
            if (this._touches.Count > LargestMemory) this.Forget();
        }
    }

    /// <summary>The rows of some days, ascending by day, placement and model.</summary>
    public IReadOnlyList<FeedbackRow> Rows(DateOnly from, DateOnly to)
    {
        lock (this._lock)
        {
            return [.. this._counts
                .Where(entry => entry.Key.Day >= from && entry.Key.Day <= to)
                .Select(entry => new FeedbackRow(entry.Key.Day, entry.Key.Placement, entry.Key.Model, entry.Value.ToCounts()))
                .OrderBy(row => row.Day).ThenBy(row => row.Placement, StringComparer.Ordinal).ThenBy(row => row.Model)];
        }
    }

    /// <summary>First and last day with anything that lists caused; null where there is none.</summary>
    public (DateOnly First, DateOnly Last)? Days()
    {
        lock (this._lock) return this._counts.Count == 0 ? null : (this._counts.Keys.Min(key => key.Day), this._counts.Keys.Max(key => key.Day));
    }

    private void Add(Event @event)
    {
        if (@event.Item is not { } item) return;
        if (@event.Time > this._latest) this._latest = @event.Time;
        var carried = RecommendationId.TryParse(@event.RecommendationId, out var id) ? new Origin(@event.Placement ?? NoPlacement, id.Model, @event.RecommendationId!) : null;
        switch (@event.Type)
        {
            case EventType.Impression when carried is not null:
                this.CountsOf(@event, carried).Impressions++;
                break;
            case EventType.Click when carried is not null:
            case EventType.View when carried is not null:
                if (this.TouchOf(@event, item) is { } before && before.Origin.List == carried.List) break;
                this.CountsOf(@event, carried).Clicks++;
                this.Remember(@event, item, carried);
                break;
            case EventType.Cart:
                if (carried is not null) this.Remember(@event, item, carried);
                if ((carried ?? this.TouchOf(@event, item)?.Origin) is { } cause) this.CountsOf(@event, cause).Carts++;
                break;
            case EventType.Purchase:
                if ((carried ?? this.TouchOf(@event, item)?.Origin) is { } origin)
                {
                    var counts = this.CountsOf(@event, origin);
                    counts.Purchases++;
                    counts.Revenue += (@event.Price ?? 0) * @event.Quantity;
                }

                break;
            default:
                break;
        }
    }

    private Touch? TouchOf(Event @event, ItemId item) =>
        @event.User is { } user && this._touches.TryGetValue((user, item), out var touch) && @event.Time - touch.Time <= Window && touch.Time <= @event.Time ? touch : null;

    private void Remember(Event @event, ItemId item, Origin origin)
    {
        if (@event.User is { } user) this._touches[(user, item)] = new Touch(origin, @event.Time);
    }

    private Counts CountsOf(Event @event, Origin origin)
    {
        var key = new Key(DateOnly.FromDateTime(@event.Time.UtcDateTime), origin.Placement, origin.Model);
        if (!this._counts.TryGetValue(key, out var counts)) this._counts[key] = counts = new Counts();
        return counts;
    }

    /// <summary>Clicks that nothing can follow any more; if those are few, the older half.</summary>
    private void Forget()
    {
        var times = this._touches.Values.Select(touch => touch.Time).Order().ToList();
        var middle = times[times.Count / 2];
        var limit = this._latest - Window > middle ? this._latest - Window : middle;
        foreach (var (key, touch) in this._touches)
            if (touch.Time <= limit) this._touches.Remove(key);
    }

    private readonly record struct Key(DateOnly Day, string Placement, int? Model);

    private sealed record Origin(string Placement, int? Model, string List);

    private sealed record Touch(Origin Origin, DateTimeOffset Time);

    private sealed class Counts
    {
        public long Impressions;
        public long Clicks;
        public long Carts;
        public long Purchases;
        public double Revenue;

        public FeedbackCounts ToCounts() => new(this.Impressions, this.Clicks, this.Carts, this.Purchases, this.Revenue);
    }
}

/// <param name="Placement">Empty where the events name none.</param>
/// <param name="Model">Version of the model; null where none served.</param>
public sealed record FeedbackRow(DateOnly Day, string Placement, int? Model, FeedbackCounts Counts);

/// <param name="Carts">Carts that the lists caused.</param>
/// <param name="Purchases">Purchases that the lists caused, lines of orders.</param>
/// <param name="Revenue">What those purchases cost, in the shop's currency.</param>
public sealed record FeedbackCounts(long Impressions, long Clicks, long Carts, long Purchases, double Revenue)
{
    public static readonly FeedbackCounts None = new(0, 0, 0, 0, 0);

    /// <summary>Clicks for an impression; null without impressions.</summary>
    public double? ClickThrough => this.Impressions > 0 ? (double)this.Clicks / this.Impressions : null;

    public static FeedbackCounts Sum(IEnumerable<FeedbackCounts> parts) => parts.Aggregate(
        None, (sum, part) => new FeedbackCounts(sum.Impressions + part.Impressions, sum.Clicks + part.Clicks, sum.Carts + part.Carts, sum.Purchases + part.Purchases, sum.Revenue + part.Revenue));

    /// <summary>95 % interval of the click-through rate (Wilson 1927), which holds for few impressions too; null without impressions.</summary>
    public (double Low, double High)? ClickThroughInterval
    {
        get
        {
            if (this.Impressions == 0) return null;
            const double z = 1.959964;
            double n = this.Impressions;
            // Clicks without an impression (an impression that was not sent) must not lead beyond 1.
            var p = Math.Min(1, this.Clicks / n);
            var middle = (p + z * z / (2 * n)) / (1 + z * z / n);
            var half = z / (1 + z * z / n) * Math.Sqrt(p * (1 - p) / n + z * z / (4 * n * n));
            return (Math.Max(0, middle - half), Math.Min(1, middle + half));
        }
    }
}
