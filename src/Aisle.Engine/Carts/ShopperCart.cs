using Aisle.Engine.Catalog;
using Aisle.Engine.Events;

namespace Aisle.Engine.Carts;

/// <summary>One product in a cart.</summary>
public sealed record CartLine(Item Item, int Quantity)
{
    public double Price => this.Item.Price ?? 0;

    public double Total => this.Price * this.Quantity;
}

/// <summary>
/// The shopper's cart, told from their events: a cart event puts pieces in, a removal takes them out, a purchase empties the line.
/// There is no second record that could disagree, and the cart follows the shopper from device to device.
/// </summary>
public sealed class ShopperCart
{
    /// <summary>What lies in the cart for longer is forgotten.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);

    public const int MaxQuantity = 99;

    private ShopperCart(IReadOnlyList<CartLine> lines) => this.Lines = lines;

    public static ShopperCart Empty { get; } = new([]);

    public IReadOnlyList<CartLine> Lines { get; }

    public int Pieces => this.Lines.Sum(line => line.Quantity);

    public double Total => this.Lines.Sum(line => line.Total);

    /// <summary>A cart as somebody else tells it. Items that the catalogue does not describe are lines without a price.</summary>
    public static ShopperCart Told(IEnumerable<(ItemId Item, int Quantity)> lines, Catalogue catalogue) => new(
        [.. lines.Select(line => new CartLine(catalogue.Find(line.Item) ?? new Item { Id = line.Item, Title = line.Item.Value }, line.Quantity))]);

    public int QuantityOf(ItemId item) => this.Lines.FirstOrDefault(line => line.Item.Id == item)?.Quantity ?? 0;

    /// <param name="latest">The shopper's events, newest first.</param>
    public static ShopperCart From(IReadOnlyList<Event> latest, Catalogue catalogue, DateTimeOffset now)
    {
        var pieces = new Dictionary<ItemId, double>();
        var order = new List<ItemId>();
        for (var i = latest.Count - 1; i >= 0; i--)
        {
            if (latest[i].Item is not { } item || latest[i].Time < now - Lifetime) continue;
            switch (latest[i].Type)
            {
                case EventType.Cart:
                    pieces[item] = pieces.GetValueOrDefault(item) + latest[i].Quantity;
                    order.Remove(item);
                    order.Add(item);
                    break;
                case EventType.RemoveFromCart:
                    pieces[item] = Math.Max(0, pieces.GetValueOrDefault(item) - latest[i].Quantity);
                    break;
                case EventType.Purchase:
                    pieces.Remove(item);
                    break;
            }
        }

        var lines = new List<CartLine>();
        foreach (var item in order)
        {
            var quantity = (int)Math.Min(MaxQuantity, pieces.GetValueOrDefault(item));
            if (quantity > 0 && catalogue.Find(item) is { } known) lines.Add(new CartLine(known, quantity));
        }

        return new ShopperCart(lines);
    }
}
