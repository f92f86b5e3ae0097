using System.Globalization;
using Aisle.Engine.Events;
using Aisle.Learning;

namespace Aisle.Engine.Carts;

/// <summary>What an event tells a <see cref="CartTimeline"/>.</summary>
/// <param name="Time">Unix milliseconds.</param>
/// <param name="Item">The catalogue's index; −1 for none.</param>
/// <param name="Price">Of a piece; NaN where it is not known.</param>
/// <param name="Order">Names the order of a purchase; 0 for anything else.</param>
internal readonly record struct CartStep(long Time, int Item, EventType Type, float Price, float Quantity, ulong Order)
{
    /// <summary>Null for what says nothing of a cart.</summary>
    public static CartStep? Of(Event @event, Func<Catalog.ItemId, int> indexOf)
    {
        if (@event.Type is EventType.Impression or EventType.Return or EventType.Rating or EventType.Custom) return null;
        return new CartStep(
            @event.Time.ToUnixTimeMilliseconds(), @event.Item is { } item ? indexOf(item) : -1, @event.Type, (float)(@event.Price ?? double.NaN), (float)@event.Quantity,
            @event.Type == EventType.Purchase ? OrderOf(@event) : 0);
    }

    // Purchases without a basket are an order a day, as everywhere.
    private static ulong OrderOf(Event purchase) => purchase.Basket is { } basket
        ? UnitHash.Of("basket", basket)
        : UnitHash.Of("day", purchase.Time.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture));
}
