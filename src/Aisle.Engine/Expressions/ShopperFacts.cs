using Aisle.Engine.Catalog;
using Aisle.Engine.Events;

namespace Aisle.Engine.Expressions;

/// <summary>What expressions ask about a shopper, drawn from the latest events. Immutable.</summary>
public sealed class ShopperFacts
{
    /// <summary>Of somebody of whom nothing is known.</summary>
    public static readonly ShopperFacts None = new([]);

    private readonly Dictionary<ItemId, Touches> _items = [];

    /// <param name="events">The latest events of one shopper, newest first.</param>
    public ShopperFacts(IReadOnlyList<Event> events)
    {
        var orders = new Dictionary<string, double>();
        double pieces = 0;
        for (var i = events.Count - 1; i >= 0; i--)
        {
            var @event = events[i];
            if (@event.Item is { } item && @event.Type != EventType.Impression) this.Take(item, @event);
            if (@event.Type != EventType.Purchase) continue;
            this.LastOrder = @event.Time;
            // Purchases without a basket are an order a day.
            var order = @event.Basket is { } basket ? "b" + basket : "d" + @event.Time.UtcDateTime.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);
            orders.TryAdd(order, 0);
            if (@event.Price is not { } price) continue;
            orders[order] += price * @event.Quantity;
            pieces += @event.Quantity;
        }

        this.Orders = orders.Count;
        this.Spent = orders.Values.Sum();
        var priced = orders.Values.Count(sum => sum > 0);
        if (priced > 0) this.AverageBasket = this.Spent / priced;
        if (pieces > 0) this.AveragePrice = this.Spent / pieces;
        foreach (var touches in this._items.Values) this.CartPieces += touches.InCart;
    }

    /// <summary>Orders among the events.</summary>
    public int Orders { get; }

    /// <summary>What the purchases among the events cost; those without a price count 0.</summary>
    public double Spent { get; }

    /// <summary>Mean sum of an order; NaN where no purchase has a price.</summary>
    public double AverageBasket { get; } = double.NaN;

    /// <summary>Mean price of a bought piece; NaN where no purchase has a price.</summary>
    public double AveragePrice { get; } = double.NaN;

    public DateTimeOffset? LastOrder { get; }

    /// <summary>Pieces in the cart.</summary>
    public double CartPieces { get; }

    /// <summary>When the shopper last did something with an item; null for never. Bought counts while not all of it was returned, in cart while some of it is.</summary>
    internal DateTimeOffset? Last(ItemId item, Touch touch)
    {
        if (!this._items.TryGetValue(item, out var touches)) return null;
        return touch switch
        {
            Touch.Bought => touches.Bought > 0 ? touches.BoughtAt : null,
            Touch.InCart => touches.InCart > 0 ? touches.CartAt : null,
            Touch.Favourite => touches.FavouriteAt,
            _ => touches.ViewedAt,
        };
    }

    private void Take(ItemId item, Event @event)
    {
        var touches = this._items.GetValueOrDefault(item);
        switch (@event.Type)
        {
            case EventType.View or EventType.Click:
                touches.ViewedAt = @event.Time;
                break;
            case EventType.Cart:
                touches.InCart += @event.Quantity;
                touches.CartAt = @event.Time;
                break;
            case EventType.RemoveFromCart:
                touches.InCart = Math.Max(0, touches.InCart - @event.Quantity);
                break;
            case EventType.Purchase:
                touches.Bought += @event.Quantity;
                touches.BoughtAt = @event.Time;
                touches.InCart = 0;
                break;
            case EventType.Return:
                touches.Bought -= @event.Quantity;
                break;
            case EventType.Favourite:
                touches.FavouriteAt = @event.Time;
                break;
            default:
                return;
        }

        this._items[item] = touches;
    }

    private struct Touches
    {
        public DateTimeOffset? ViewedAt;
        public DateTimeOffset? CartAt;
        public DateTimeOffset? BoughtAt;
        public DateTimeOffset? FavouriteAt;
        public double Bought;
        public double InCart;
    }
}

/// <summary>What a shopper can have done with an item.</summary>
internal enum Touch
{
    Viewed,
    InCart,
    Bought,
    Favourite,
}
