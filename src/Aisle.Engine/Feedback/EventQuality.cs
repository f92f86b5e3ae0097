using Aisle.Engine.Catalog;
using Aisle.Engine.Events;

namespace Aisle.Engine.Feedback;

/// <summary>What events lack, by day and type: kept up to date by the event feed.</summary>
public sealed class EventQuality(Catalogue catalogue)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(DateOnly Day, EventType Type), Gaps> _gaps = [];

    /// <summary>Takes in events just stored; for the feed.</summary>
    public void Add(IReadOnlyList<StoredEvent> events)
    {
        lock (this._lock)
        {
            foreach (var (_, @event) in events)
            {
                var key = (DateOnly.FromDateTime(@event.Time.UtcDateTime), @event.Type);
                var gaps = this._gaps.GetValueOrDefault(key);
                gaps.Events++;
                if (@event.User is null) gaps.WithoutUser++;
                if (@event is { Type: EventType.Purchase, Price: null }) gaps.WithoutPrice++;
                if (@event.Item is { } item && catalogue.KnownItems > 0 && catalogue.Find(item) is null) gaps.UnknownItem++;
                this._gaps[key] = gaps;
            }
        }
    }

    public IReadOnlyList<(DateOnly Day, EventType Type, Gaps Gaps)> Days()
    {
        lock (this._lock) return [.. this._gaps.Select(entry => (entry.Key.Day, entry.Key.Type, entry.Value)).OrderBy(entry => entry.Day)];
    }
}

/// <summary>Events of a day and type, and how many of them lack something.</summary>
public struct Gaps
{
    public long Events { get; set; }

    public long WithoutUser { get; set; }

    /// <summary>Purchases alone.</summary>
    public long WithoutPrice { get; set; }

    /// <summary>Items that the catalogue does not describe, where there is one.</summary>
    public long UnknownItem { get; set; }
}
