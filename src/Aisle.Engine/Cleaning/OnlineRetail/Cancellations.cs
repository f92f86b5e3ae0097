using Aisle.Engine.Catalog;
using Aisle.Engine.Events;

namespace Aisle.Engine.Cleaning.OnlineRetail;

/// <summary>
/// Matches cancellations to the purchases that they take back: same customer, same stock code, the latest earlier purchase of which enough is
/// left. Purchases that the store holds from earlier imports take part too, so that a month's file may cancel what last month's sold.
/// Only purchases of a customer and code that some row cancels are remembered.
/// </summary>
internal sealed class Cancellations
{
    /// <summary>Events of a shopper looked back at in the store.</summary>
    private const int MostStored = 20_000;

    /// <summary>Open purchases of one product by one customer that a cancellation looks back at; keeps a hostile file from costing the square of its rows.</summary>
    private const int MostOpen = 1000;

    private readonly Dictionary<(Customer Customer, Product Product), List<Movement>> _movements = [];
    private readonly Dictionary<long, string?> _baskets = [];
    private readonly HashSet<long> _takenBackWhole = [];

    public bool Any => this._movements.Count > 0;

    public void Expect(Customer customer, Product product) => this._movements.TryAdd((customer, product), []);

    /// <summary>Whether some row cancels this customer's purchases of this product.</summary>
    public bool Concern(SalesRows row) => row.Customer is { } customer && this._movements.ContainsKey((customer, row.Product));

    public void AddPurchase(SalesRows row, EventId id, bool wholeOnly) =>
        this._movements[(row.Customer!, row.Product)].Add(new Movement(row.Line, id, row.Time, row.Quantity, IsReturn: false, row.Invoice, wholeOnly));

    public void AddCancellation(SalesRows row, EventId id) =>
        this._movements[(row.Customer!, row.Product)].Add(new Movement(row.Line, id, row.Time, -row.Quantity, IsReturn: true, null, WholeOnly: false));

    /// <summary>Whether the cancellation in this line takes back a purchase, and the invoice of that purchase.</summary>
    public bool TryGetBasket(long line, out string? basket) => this._baskets.TryGetValue(line, out basket);

    /// <summary>Whether the purchase in this line was taken back by a cancellation of the same quantity.</summary>
    public bool IsTakenBackWhole(long line) => this._takenBackWhole.Contains(line);

    public void Settle(IEventStore store)
    {
        if (store.LastSequence() > 0) this.AddStored(store);
        foreach (var movements in this._movements.Values) this.Settle(movements);
        this._movements.Clear();
    }

    private void Settle(List<Movement> movements)
    {
        // At the same minute a purchase comes first; otherwise the file's order decides.
        var ordered = movements.OrderBy(each => each.Time).ThenBy(each => each.IsReturn).ThenBy(each => each.Line);
        var open = new List<(Movement Purchase, double Left)>();
        foreach (var movement in ordered)
        {
            if (!movement.IsReturn)
            {
                if (open.Count == MostOpen) open.RemoveAt(0);
                open.Add((movement, movement.Quantity));
                continue;
            }

            var at = open.FindLastIndex(each =>
                each.Purchase.WholeOnly ? each.Left == movement.Quantity && each.Left == each.Purchase.Quantity : each.Left >= movement.Quantity);
            if (at < 0) continue;
            var (purchase, left) = open[at];
            this._baskets[movement.Line] = purchase.Basket;
            if (movement.Quantity == purchase.Quantity) this._takenBackWhole.Add(purchase.Line);
            if (left > movement.Quantity) open[at] = (purchase, left - movement.Quantity);
            else open.RemoveAt(at);
        }
    }

    private void AddStored(IEventStore store)
    {
        foreach (var customer in this._movements.GroupBy(pair => pair.Key.Customer, pair => (pair.Key.Product, pair.Value)))
        {
            var byItem = customer.ToDictionary(each => new ItemId(each.Product.Id), each => each.Value);
            var inFile = byItem.Values.SelectMany(each => each).Select(each => each.Id).ToHashSet();
            foreach (var (_, stored) in store.LatestOf(customer.Key.Id, MostStored))
            {
                if (stored.Type is not (EventType.Purchase or EventType.Return) || inFile.Contains(stored.Id)) continue;
                if (stored.Item is { } item && byItem.TryGetValue(item, out var movements))
                    movements.Add(new Movement(-1, stored.Id, stored.Time, stored.Quantity, stored.Type == EventType.Return, stored.Basket, WholeOnly: false));
            }
        }
    }

    /// <param name="Line">−1 for an event of the store.</param>
    /// <param name="WholeOnly">An implausible purchase: kept only if all of it is taken back at once.</param>
    private sealed record Movement(long Line, EventId Id, DateTimeOffset Time, double Quantity, bool IsReturn, string? Basket, bool WholeOnly);
}
