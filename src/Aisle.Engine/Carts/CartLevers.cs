using System.Globalization;

namespace Aisle.Engine.Carts;

/// <summary>Names what might help a cart: each lever has a cause that is a fact of this cart, and where the model sees the cause, its part in what the model says.</summary>
internal static class CartLevers
{
    /// <summary>Who stopped for so long is not shopping any more.</summary>
    private const double ReminderMinutes = 30;

    /// <summary>So much lower is worth a word.</summary>
    private const double Drop = 0.99;

    /// <summary>So little log-odds say nothing that anybody should act on.</summary>
    private const double LeastLogOdds = 0.05;

    /// <param name="gap">What is missing for free delivery; null for nothing.</param>
    /// <param name="ratioOf">How a line's price changed since it was put in; null where that is not known.</param>
    /// <returns>Those whose cause weighs most first; those of which the model says nothing last.</returns>
    public static IReadOnlyList<CartLever> Of(IReadOnlyList<OrderedLine> lines, double? gap, Func<CartLine, double?> ratioOf, CartProspect? prospect)
    {
        var found = new List<CartLever>();
        if (prospect is { MinutesSince: >= ReminderMinutes }) found.Add(new(CartLeverKind.Reminder, [], PartOf(prospect, "time"), "Remind the shopper of the cart", "提醒顾客购物车中的商品"));
        if (gap is { } missing)
        {
            var amount = missing.ToString("0.00", CultureInfo.InvariantCulture);
            found.Add(new(CartLeverKind.FreeDelivery, [], PartOf(prospect, "delivery"), $"Offer something for {amount} that makes delivery free", $"推荐可补足 {amount} 免运费差额的商品"));
        }

        var fallen = lines.Where(line => ratioOf(line.Line) < Drop).Select(line => line.Line.Item.Id).ToList();
        if (fallen.Count > 0)
            found.Add(new(CartLeverKind.PriceDrop, fallen, PartOf(prospect, "prices"), "Say that the price fell since it was put in", "告知商品加入后已降价"));
        else if (PartOf(prospect, "value") is >= LeastLogOdds and { } dear)
            found.Add(new(CartLeverKind.PriceDrop, lines.Count > 0 ? [lines.MaxBy(line => line.Line.Total)!.Line.Item.Id] : [], dear, "A lower price: the cart's value speaks against a purchase", "给予优惠：购物车金额不利于下单"));
        var few = lines.Where(line => line is { Few: not null, State: CartLineState.OnSale }).Select(line => line.Line.Item.Id).ToList();
        if (few.Count > 0) found.Add(new(CartLeverKind.LowStock, few, null, "Say that few pieces are left", "告知库存所剩无几"));
        return [.. found.OrderByDescending(lever => lever.LogOdds ?? double.NegativeInfinity)];
    }

    private static double? PartOf(CartProspect? prospect, string factor) => prospect?.Factors.FirstOrDefault(known => known.Name == factor)?.LogOdds;
}
