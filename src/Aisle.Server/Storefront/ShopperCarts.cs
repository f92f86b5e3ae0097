using Aisle.Engine.Carts;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using EventId = Aisle.Engine.Events.EventId;

namespace Aisle.Server.Storefront;

/// <summary>Reads carts and changes them; each change is an event, durable before the shopper sees it.</summary>
internal sealed class ShopperCarts(Catalogue catalogue, IEventStore events, CartService carts, EventIntake intake, TimeProvider time)
{
    public ShopperCart Of(UserId shopper) => carts.CartOf(shopper);

    /// <summary>Puts pieces of a product into the cart.</summary>
    /// <returns>False where the product cannot be bought now.</returns>
    public async Task<bool> AddAsync(UserId shopper, ItemId item, int quantity, string? placement, string? recommendation, CancellationToken cancellation)
    {
        if (catalogue.Find(item) is not { } known || !this.IsOnSale(known)) return false;
        var room = ShopperCart.MaxQuantity - this.Of(shopper).QuantityOf(item);
        if (Math.Min(quantity, room) is > 0 and var added)
            await this.RecordAsync(shopper, known, EventType.Cart, added, cancellation, placement, recommendation);
        return true;
    }

    /// <summary>Sets the pieces of a line; 0 removes it.</summary>
    public async Task SetQuantityAsync(UserId shopper, ItemId item, int quantity, CancellationToken cancellation)
    {
        if (this.Of(shopper).Lines.FirstOrDefault(line => line.Item.Id == item) is not { } line) return;
        var change = Math.Clamp(quantity, 0, ShopperCart.MaxQuantity) - line.Quantity;
        if (change > 0) await this.RecordAsync(shopper, line.Item, EventType.Cart, change, cancellation);
        else if (change < 0) await this.RecordAsync(shopper, line.Item, EventType.RemoveFromCart, -change, cancellation);
    }

    /// <summary>Buys what lies in the cart.</summary>
    /// <param name="order">Names the order; the same order sent twice, by an impatient finger, is bought once.</param>
    public async Task BuyAsync(UserId shopper, Guid order, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var purchases = this.Of(shopper).Lines.Where(line => this.IsOnSale(line.Item)).Select(line => new Event
        {
            Id = EventId.From($"order {order:N} of {shopper}: {line.Item.Id}"),
            Type = EventType.Purchase,
            User = shopper,
            Item = line.Item.Id,
            Time = now,
            Quantity = line.Quantity,
            Price = line.Item.Price,
            Basket = order.ToString("N"),
        });
        await intake.AcceptAsync([.. purchases], cancellation);
    }

    /// <summary>What was bought with an order; empty where the shopper has no such order.</summary>
    public IReadOnlyList<CartLine> Order(UserId shopper, Guid order)
    {
        var basket = order.ToString("N");
        return [.. events.LatestOf(shopper, ShopperHistory.MaxEvents)
            .Select(stored => stored.Event)
            .Where(happened => happened.Type == EventType.Purchase && happened.Basket == basket)
            .Select(happened => (Item: catalogue.Find(happened.Item!.Value), happened.Quantity))
            .Where(line => line.Item is not null)
            .Select(line => new CartLine(line.Item!, (int)line.Quantity))];
    }

    public bool IsOnSale(Item item) => item is not { Stock: <= 0 } && !(item.AvailableFrom > time.GetUtcNow());

    private Task<IntakeReceipt> RecordAsync(
        UserId shopper, Item item, EventType type, int quantity, CancellationToken cancellation, string? placement = null, string? recommendation = null)
    {
        var now = time.GetUtcNow();
        var happened = new Event
        {
            Id = new EventId(Guid.CreateVersion7(now)),
            Type = type,
            User = shopper,
            Item = item.Id,
            Time = now,
            Quantity = quantity,
            Price = item.Price,
            Placement = placement,
            RecommendationId = recommendation,
        };
        // Placement and recommendation come from a form: what breaks the rules is left out rather than refused.
        if (EventRules.Check(happened, now) is not null) happened = happened with { Placement = null, RecommendationId = null };
        return intake.AcceptAsync([happened], cancellation);
    }
}
