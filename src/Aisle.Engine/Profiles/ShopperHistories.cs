using System.Collections.Concurrent;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;

namespace Aisle.Engine.Profiles;

/// <summary>
/// What each shopper did lately, in memory: read from the store at the first question, kept up to date by the event feed from then on.
/// The least recently asked are forgotten when there are more than the capacity; the store still has them.
/// </summary>
public sealed class ShopperHistories
{
    private const int Locks = 1024;

    private readonly IEventStore _store;
    private readonly Catalogue _catalogue;
    private readonly int _capacity;
    private readonly ConcurrentDictionary<UserId, ShopperHistory> _histories = new();

    // Shared by many histories: a million locks of their own would take more room than the events.
    private readonly Lock[] _locks = [.. Enumerable.Range(0, Locks).Select(_ => new Lock())];
    private long _clock;

    public ShopperHistories(IEventStore store, Catalogue catalogue, int capacity = 1_000_000)
    {
        this._store = store;
        this._catalogue = catalogue;
        this._capacity = capacity;
    }

    /// <summary>The shopper's history; empty for one who did nothing yet.</summary>
    public ShopperHistory Of(UserId user)
    {
        if (!this._histories.TryGetValue(user, out var history))
        {
            // The entry stands in the map before it is read, so that an event that arrives meanwhile finds it: it is stored already, and either the
            // reading brings it or its sequence tells that it came after.
            history = this._histories.GetOrAdd(user, key => new ShopperHistory(this._catalogue, this._locks[(uint)key.GetHashCode() % Locks]));
            if (this._histories.Count > this._capacity) this.Forget();
        }

        history.Load(() => this._store.LatestOf(user, ShopperHistory.MaxEvents));
        history.LastAsked = Interlocked.Increment(ref this._clock);
        return history;
    }

    /// <summary>Takes in events just stored; for the feed.</summary>
    public void Add(IReadOnlyList<StoredEvent> events)
    {
        foreach (var stored in events)
            if (stored.Event.User is { } user && this._histories.TryGetValue(user, out var history)) history.Add(stored);
    }

    private void Forget()
    {
        var oldest = this._histories.OrderBy(pair => pair.Value.LastAsked).Take(this._capacity / 10 + 1).Select(pair => pair.Key).ToList();
        foreach (var user in oldest) this._histories.TryRemove(user, out _);
    }
}

/// <summary>One shopper's latest interactions, an array of 24 bytes each: an entry per item and the events one by one are made from it when asked for.</summary>
public sealed class ShopperHistory
{
    /// <summary>Events looked back at; older ones no longer change what is recommended.</summary>
    public const int MaxEvents = 500;

    private const long NotLoaded = -1;

    private readonly Catalogue _catalogue;
    private readonly Lock _lock;

    // As they came, which is not always the order of their times.
    private Step[] _steps = [];
    private int _count;
    private long _loadedUpTo = NotLoaded;
    private int _version;

    internal ShopperHistory(Catalogue catalogue, Lock shared)
    {
        this._catalogue = catalogue;
        this._lock = shared;
    }

    internal long LastAsked { get; set; }

    /// <summary>Another number after each change.</summary>
    public int Version => Volatile.Read(ref this._version);

    /// <summary>Items that the shopper touched, latest first. Made anew at each call.</summary>
    public IReadOnlyList<HistoryItem> Items
    {
        get
        {
            var entries = new Dictionary<int, Entry>();
            lock (this._lock)
            {
                foreach (ref readonly var step in this._steps.AsSpan(0, this._count))
                {
                    var entry = entries.GetValueOrDefault(step.Item);
                    entry.Take(step);
                    entries[step.Item] = entry;
                }
            }

            return [.. entries
                .Select(pair => new HistoryItem(
                    this._catalogue.IdAt(pair.Key), pair.Value.Points, pair.Value.Bought > 0, pair.Value.InCart > 0, DateTimeOffset.FromUnixTimeMilliseconds(pair.Value.Last), pair.Value.LastType))
                .OrderByDescending(item => item.Last)
                .ThenBy(item => item.Item.Value, StringComparer.Ordinal)];
        }
    }

    /// <summary>The latest events that say something for or against an item, oldest first, at most <see cref="MaxEvents"/>. Made anew at each call.</summary>
    public IReadOnlyList<HistoryEvent> Events
    {
        get
        {
            var events = new List<HistoryEvent>(this._count);
            lock (this._lock)
            {
                foreach (ref readonly var step in this._steps.AsSpan(0, this._count))
                    if (step.Points != 0) events.Add(new HistoryEvent(this._catalogue.IdAt(step.Item), step.Type, step.Points, DateTimeOffset.FromUnixTimeMilliseconds(step.Time)));
            }

            // Those of one moment stay as they came.
            return [.. events.OrderBy(step => step.Time)];
        }
    }

    internal void Load(Func<IReadOnlyList<StoredEvent>> read)
    {
        if (Volatile.Read(ref this._loadedUpTo) != NotLoaded) return;
        lock (this._lock)
        {
            if (this._loadedUpTo != NotLoaded) return;
            var events = read();
            for (var i = events.Count - 1; i >= 0; i--) this.Take(events[i].Event);
            Array.Resize(ref this._steps, this._count);
            // What the store held when it was read comes from the feed once more, if it was stored just before.
            Volatile.Write(ref this._loadedUpTo, events.Count == 0 ? 0 : events.Max(stored => stored.Sequence));
        }
    }

    internal void Add(StoredEvent stored)
    {
        lock (this._lock)
        {
            // Before the reading, the store has it: the reading will bring it.
            if (this._loadedUpTo != NotLoaded && stored.Sequence > this._loadedUpTo) this.Take(stored.Event);
        }
    }

    private void Take(Event @event)
    {
        if (@event.Item is not { } item || @event.Type is EventType.Impression) return;
        if (this._count == MaxEvents) this.DropOldest();
        if (this._count == this._steps.Length) Array.Resize(ref this._steps, Math.Min(MaxEvents, this._count + Math.Max(4, this._count / 2)));
        this._steps[this._count++] = new Step(
            @event.Time.ToUnixTimeMilliseconds(), this._catalogue.IndexFor(item), InteractionStrength.Of(@event), (float)@event.Quantity, @event.Type);
        this._version++;
    }

    private void DropOldest()
    {
        var oldest = 0;
        for (var place = 1; place < this._count; place++)
            if (this._steps[place].Time < this._steps[oldest].Time) oldest = place;
        this._steps.AsSpan(oldest + 1, this._count - oldest - 1).CopyTo(this._steps.AsSpan(oldest));
        this._count--;
    }

    /// <param name="Time">Unix milliseconds.</param>
    /// <param name="Item">The catalogue's index.</param>
    private readonly record struct Step(long Time, int Item, float Points, float Quantity, EventType Type);

    private struct Entry
    {
        public float Points;
        public double Bought;
        public double InCart;
        public long Last;
        public EventType LastType;

        public void Take(in Step step)
        {
            this.Points += step.Points;
            this.Bought += step.Type switch { EventType.Purchase => step.Quantity, EventType.Return => -step.Quantity, _ => 0 };
            // Pieces count in the order of arrival, whatever the sender's clock says: taking one of three out leaves two.
            this.InCart = step.Type switch
            {
                EventType.Cart => this.InCart + step.Quantity,
                EventType.RemoveFromCart => Math.Max(0, this.InCart - step.Quantity),
                EventType.Purchase => 0,
                _ => this.InCart,
            };
            if (step.Time < this.Last) return;
            this.Last = step.Time;
            this.LastType = step.Type;
        }
    }
}

/// <param name="Points">Sum of <see cref="InteractionStrength.Of"/>; 0 or less where a return or removal took everything back.</param>
/// <param name="Bought">Bought and not returned.</param>
/// <param name="InCart">Put into the cart; not all of it removed, and not bought since.</param>
public sealed record HistoryItem(ItemId Item, float Points, bool Bought, bool InCart, DateTimeOffset Last, EventType LastType);

/// <summary>One of a shopper's latest events.</summary>
/// <param name="Points">See <see cref="InteractionStrength.Of"/>; below 0 for what takes back.</param>
public readonly record struct HistoryEvent(ItemId Item, EventType Type, float Points, DateTimeOffset Time);
