using System.Collections.Concurrent;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;

namespace Aisle.Engine.Profiles;

/// <summary>
/// What each shopper did lately, in memory: read from the store at the first question, kept up to date by the event feed from then on.
/// The least recently asked are forgotten when there are more than the capacity; the store still has them.
/// </summary>
public sealed class ShopperHistories(IEventStore store, int capacity = 50_000)
{
    private readonly ConcurrentDictionary<UserId, ShopperHistory> _histories = new();
    private long _clock;

    /// <summary>The shopper's history; empty for one who did nothing yet.</summary>
    public ShopperHistory Of(UserId user)
    {
        if (!this._histories.TryGetValue(user, out var history))
        {
            // The entry stands in the map before it is read, so that an event that arrives meanwhile finds it and is not missed:
            // Load and Add take the same lock, and an event that both bring counts once.
            history = this._histories.GetOrAdd(user, _ => new ShopperHistory());
            history.Load(() => store.LatestOf(user, ShopperHistory.MaxEvents));
            if (this._histories.Count > capacity) this.Forget();
        }
        else
        {
            history.Load(() => store.LatestOf(user, ShopperHistory.MaxEvents));
        }

        history.LastAsked = Interlocked.Increment(ref this._clock);
        return history;
    }

    /// <summary>Takes in events just stored; for the feed.</summary>
    public void Add(IReadOnlyList<StoredEvent> events)
    {
        foreach (var (_, @event) in events)
            if (@event.User is { } user && this._histories.TryGetValue(user, out var history)) history.Add(@event);
    }

    private void Forget()
    {
        var oldest = this._histories.OrderBy(pair => pair.Value.LastAsked).Take(capacity / 10 + 1).Select(pair => pair.Key).ToList();
        foreach (var user in oldest) this._histories.TryRemove(user, out _);
    }
}

/// <summary>One shopper's latest interactions: an entry per item, and event by event.</summary>
public sealed class ShopperHistory
{
    /// <summary>Events looked back at; older ones no longer change what is recommended.</summary>
    public const int MaxEvents = 500;

    private readonly Lock _lock = new();
    // Ids that the load brought and those taken before it: bounded, since later ones come from the feed alone.
    private readonly HashSet<EventId> _seen = [];
    private readonly Dictionary<ItemId, Entry> _entries = [];
    // Ascending by time; those of one moment as they came.
    private readonly List<HistoryEvent> _latest = [];
    private bool _loaded;
    private volatile IReadOnlyList<HistoryItem>? _items;
    private volatile IReadOnlyList<HistoryEvent>? _events;

    internal long LastAsked { get; set; }

    /// <summary>Items that the shopper touched, latest first.</summary>
    public IReadOnlyList<HistoryItem> Items
    {
        get
        {
            if (this._items is { } items) return items;
            lock (this._lock)
            {
                return this._items = [.. this._entries
                    .Select(pair => new HistoryItem(pair.Key, pair.Value.Points, pair.Value.Bought > 0, pair.Value.InCart > 0, pair.Value.Last, pair.Value.LastType))
                    .OrderByDescending(item => item.Last)
                    .ThenBy(item => item.Item.Value, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>The latest events that say something for or against an item, oldest first, at most <see cref="MaxEvents"/>.</summary>
    public IReadOnlyList<HistoryEvent> Events
    {
        get
        {
            if (this._events is { } events) return events;
            lock (this._lock) return this._events = [.. this._latest];
        }
    }

    internal void Load(Func<IReadOnlyList<Event>> read)
    {
        if (Volatile.Read(ref this._loaded)) return;
        lock (this._lock)
        {
            if (this._loaded) return;
            var events = read();
            for (var i = events.Count - 1; i >= 0; i--)
                if (this._seen.Add(events[i].Id)) this.Take(events[i]);
            Volatile.Write(ref this._loaded, true);
        }
    }

    internal void Add(Event @event)
    {
        lock (this._lock)
        {
            // The feed delivers once; only what the load has read, or is about to read, can come twice.
            if (this._loaded ? !this._seen.Contains(@event.Id) : this._seen.Add(@event.Id)) this.Take(@event);
        }
    }

    private void Take(Event @event)
    {
        if (@event.Item is not { } item || @event.Type is EventType.Impression) return;

        var points = InteractionStrength.Of(@event);
        if (points != 0) this.PutInOrder(new HistoryEvent(item, @event.Type, points, @event.Time));
        var entry = this._entries.GetValueOrDefault(item);
        entry.Points += points;
        entry.Bought += @event.Type switch { EventType.Purchase => @event.Quantity, EventType.Return => -@event.Quantity, _ => 0 };
        // Pieces count in the order of arrival, whatever the sender's clock says: taking one of three out leaves two.
        entry.InCart = @event.Type switch
        {
            EventType.Cart => entry.InCart + @event.Quantity,
            EventType.RemoveFromCart => Math.Max(0, entry.InCart - @event.Quantity),
            EventType.Purchase => 0,
            _ => entry.InCart,
        };
        if (@event.Time >= entry.Last)
        {
            entry.Last = @event.Time;
            entry.LastType = @event.Type;
        }

        this._entries[item] = entry;
        this._items = null;
    }

    private void PutInOrder(HistoryEvent @event)
    {
        var place = this._latest.Count;
        while (place > 0 && this._latest[place - 1].Time > @event.Time) place--;
        this._latest.Insert(place, @event);
        if (this._latest.Count > MaxEvents) this._latest.RemoveAt(0);
        this._events = null;
    }

    private struct Entry
    {
        public float Points;
        public double Bought;
        public double InCart;
        public DateTimeOffset Last;
        public EventType LastType;
    }
}

/// <param name="Points">Sum of <see cref="InteractionStrength.Of"/>; 0 or less where a return or removal took everything back.</param>
/// <param name="Bought">Bought and not returned.</param>
/// <param name="InCart">Put into the cart; not all of it removed, and not bought since.</param>
public sealed record HistoryItem(ItemId Item, float Points, bool Bought, bool InCart, DateTimeOffset Last, EventType LastType);

/// <summary>One of a shopper's latest events.</summary>
/// <param name="Points">See <see cref="InteractionStrength.Of"/>; below 0 for what takes back.</param>
public readonly record struct HistoryEvent(ItemId Item, EventType Type, float Points, DateTimeOffset Time);
