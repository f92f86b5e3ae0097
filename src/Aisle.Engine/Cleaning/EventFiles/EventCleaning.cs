using Aisle.Engine.Events;

namespace Aisle.Engine.Cleaning.EventFiles;

/// <summary>The cleaning that all files of events share: robots' days and implausible sales are left out.</summary>
internal sealed class EventCleaning
{
    private const int MostPrices = 64;

    private readonly Dictionary<string, ShopperPace> _paces = [];
    private readonly Dictionary<string, ValueCounts> _prices = [];
    private readonly Plausibility _plausibility = new();
    private readonly HashSet<string> _users = [];
    private readonly HashSet<string> _items = [];

    /// <summary>Takes in an event of the first reading.</summary>
    public void Learn(Event each)
    {
        if (each.User is { } user && CountsAsDone(each.Type))
        {
            if (!this._paces.TryGetValue(user.Value, out var pace)) this._paces.Add(user.Value, pace = new ShopperPace());
            pace.Add(each.Time, each.Type == EventType.Purchase ? each.Basket : null);
        }

        if (each is { Type: EventType.Purchase, Item: { } item })
        {
            if (!this._prices.TryGetValue(item.Value, out var prices)) this._prices.Add(item.Value, prices = new ValueCounts(MostPrices));
            this._plausibility.AddSale(each.Quantity, prices, each.Price);
        }
    }

    /// <summary>Whether the event stays out, in the second reading.</summary>
    public RowProblem? Judge(Event each)
    {
        if (each.User is { } user && each.Type is not EventType.Return
            && this._paces.TryGetValue(user.Value, out var pace) && pace.IsBotLikeOn(each.Time)) return RowProblem.BotLike;
        return each is { Type: EventType.Purchase, Item: { } item } && this._prices.TryGetValue(item.Value, out var prices)
            ? this._plausibility.Check(each.Quantity, prices, each.Price)
            : null;
    }

    public void Keep(Event each, ImportTally tally)
    {
        if (each.User is { } user) this._users.Add(user.Value);
        else tally.Found("anonymous_events");
        if (each.Item is { } item) this._items.Add(item.Value);
    }

    public void Summarise(ImportTally tally)
    {
        tally.Users = this._users.Count;
        tally.Items = this._items.Count;
    }

    /// <summary>Impressions are the shop's doing; ratings often come in one sitting, imported from elsewhere.</summary>
    private static bool CountsAsDone(EventType type) => type is not (EventType.Impression or EventType.Rating or EventType.Return);
}
