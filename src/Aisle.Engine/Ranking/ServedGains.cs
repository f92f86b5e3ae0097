using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Feedback;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Ranking;

/// <summary>A served list with what its items gained.</summary>
internal sealed class GainedList(ServedList served)
{
    public ServedList Served { get; } = served;

    /// <summary>By item: whether it was shown.</summary>
    public bool[] Shown { get; } = new bool[served.Items.Count];

    /// <summary>By item: clicks, carts, purchases, revenue, margin, as <see cref="GainWeights.Named"/>.</summary>
    public float[] Gains { get; } = new float[served.Items.Count * ServedGains.Kinds];

    /// <summary>Who it was served to, where an event tells.</summary>
    public UserId? User { get; set; }

    public ReadOnlySpan<float> GainsAt(int place) => this.Gains.AsSpan(place * ServedGains.Kinds, ServedGains.Kinds);
}

/// <summary>
/// Joins served lists with what happened after, by the rules of <see cref="FeedbackStatistics"/>: clicks belong to the list whose id they carry and count
/// once an item; carts and purchases to the list whose id they carry, else to the list through which the shopper clicked the item last, within its window.
/// </summary>
internal sealed class ServedGains
{
    public const int Kinds = 5;
    private const int Click = 0;
    private const int Cart = 1;
    private const int Purchase = 2;
    private const int Revenue = 3;
    private const int Margin = 4;

    private readonly Dictionary<Guid, GainedList> _lists = [];
    private readonly Dictionary<(UserId User, ItemId Item), (GainedList List, DateTimeOffset Time)> _touches = [];
    private readonly Func<Event, ItemId, double> _marginOf;
    private bool _tellsImpressions;

    private ServedGains(IEnumerable<ServedList> lists, Func<Event, ItemId, double> marginOf)
    {
        this._marginOf = marginOf;
        foreach (var list in lists) this._lists[list.List] = new GainedList(list);
    }

    /// <summary>The lists that were shown, oldest first. Items without an impression count as not shown, unless no event tells of impressions: then all do.</summary>
    /// <param name="eventsAfter">Events after a sequence, in their order; those before the first list are not asked for.</param>
    /// <param name="marginOf">What a purchase earned.</param>
    public static List<GainedList> Join(
        IReadOnlyList<ServedList> lists, Func<long, IEnumerable<StoredEvent>> eventsAfter, Func<Event, ItemId, double> marginOf, CancellationToken cancellation)
    {
        if (lists.Count == 0) return [];
        var join = new ServedGains(lists, marginOf);
        // Clocks of senders may be a little behind.
        var first = lists.Min(list => list.Time).AddMinutes(-5);
        foreach (var (_, @event) in eventsAfter(lists.Min(list => list.AfterEvent)))
        {
            cancellation.ThrowIfCancellationRequested();
            if (@event.Time >= first && @event.Item is { } item) join.Add(@event, item);
        }

        if (!join._tellsImpressions)
        {
            foreach (var list in join._lists.Values) list.Shown.AsSpan().Fill(true);
        }

        return [.. join._lists.Values.Where(list => list.Shown.AsSpan().Contains(true)).OrderBy(list => list.Served.Time)];
    }

    private void Add(Event @event, ItemId item)
    {
        var carried = RecommendationId.TryParse(@event.RecommendationId, out var id) ? this._lists.GetValueOrDefault(id.List) : null;
        if (carried is not null && @event.User is { } user) carried.User = user;
        switch (@event.Type)
        {
            case EventType.Impression when carried is not null:
                this._tellsImpressions = true;
                if (PlaceOf(carried, item) is >= 0 and var shown) carried.Shown[shown] = true;
                break;
            case EventType.Click or EventType.View when carried is not null:
                Count(carried, item, @event, Click, 1, once: true);
                this.Remember(@event, item, carried);
                break;
            case EventType.Cart:
                if (carried is not null) this.Remember(@event, item, carried);
                Count(carried ?? this.TouchOf(@event, item), item, @event, Cart, 1, once: true);
                break;
            case EventType.Purchase:
                var cause = carried ?? this.TouchOf(@event, item);
                Count(cause, item, @event, Purchase, 1, once: true);
                Count(cause, item, @event, Revenue, (float)((@event.Price ?? 0) * @event.Quantity), once: false);
                Count(cause, item, @event, Margin, (float)this._marginOf(@event, item), once: false);
                break;
            default:
                break;
        }
    }

    private static void Count(GainedList? list, ItemId item, Event @event, int kind, float gain, bool once)
    {
        if (list is null || @event.Time - list.Served.Time > FeedbackStatistics.Window || PlaceOf(list, item) is not (>= 0 and var place)) return;
        // What gained was shown, even where its impression was lost.
        list.Shown[place] = true;
        ref var sum = ref list.Gains[place * Kinds + kind];
        sum = once ? gain : sum + gain;
    }

    private GainedList? TouchOf(Event @event, ItemId item) =>
        @event.User is { } user && this._touches.TryGetValue((user, item), out var touch) && touch.Time <= @event.Time && @event.Time - touch.Time <= FeedbackStatistics.Window ? touch.List : null;

    private void Remember(Event @event, ItemId item, GainedList list)
    {
        if (@event.User is { } user) this._touches[(user, item)] = (list, @event.Time);
    }

    private static int PlaceOf(GainedList list, ItemId item)
    {
        for (var place = 0; place < list.Served.Items.Count; place++)
            if (list.Served.Items[place] == item) return place;
        return -1;
    }
}
