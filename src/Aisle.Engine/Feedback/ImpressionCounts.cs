using Aisle.Engine.Catalog;
using Aisle.Engine.Events;

namespace Aisle.Engine.Feedback;

/// <summary>How often each item was shown and clicked, day by day: kept up to date by the event feed, the latest <see cref="MostDays"/> days.</summary>
public sealed class ImpressionCounts(Catalogue catalogue)
{
    public const int MostDays = 90;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<DateOnly, Dictionary<int, (int Impressions, int Clicks)>> _days = [];

    /// <summary>Takes in events just stored; for the feed.</summary>
    public void Add(IReadOnlyList<StoredEvent> events)
    {
        lock (this._lock)
        {
            foreach (var (_, @event) in events)
                if (@event is { Item: { } item, Type: EventType.Impression or EventType.Click }) this.Add(DateOnly.FromDateTime(@event.Time.UtcDateTime), catalogue.IndexFor(item), @event.Type);
        }
    }

    /// <summary>The last day of which anything is known; null before the first.</summary>
    public DateOnly? LastDay
    {
        get
        {
            lock (this._lock) return this._days.Count == 0 ? null : this._days.Keys.Last();
        }
    }

    /// <summary>Impressions and clicks of some days, by the catalogue's index.</summary>
    public IReadOnlyDictionary<int, (long Impressions, long Clicks)> Between(DateOnly first, DateOnly last)
    {
        var sums = new Dictionary<int, (long Impressions, long Clicks)>();
        lock (this._lock)
        {
            foreach (var (day, items) in this._days)
            {
                if (day < first || day > last) continue;
                foreach (var (item, counts) in items)
                {
                    var (impressions, clicks) = sums.GetValueOrDefault(item);
                    sums[item] = (impressions + counts.Impressions, clicks + counts.Clicks);
                }
            }
        }

        return sums;
    }

    private void Add(DateOnly day, int item, EventType type)
    {
        if (!this._days.TryGetValue(day, out var items))
        {
            // Older than what is kept: it would go at once.
            if (this._days.Count >= MostDays && day < this._days.Keys.First()) return;
            this._days[day] = items = [];
            if (this._days.Count > MostDays) this._days.Remove(this._days.Keys.First());
        }

        var (impressions, clicks) = items.GetValueOrDefault(item);
        items[item] = type == EventType.Impression ? (impressions + 1, clicks) : (impressions, clicks + 1);
    }
}
