using Aisle.Engine.Catalog;
using Aisle.Engine.DemoShop;
using Aisle.Engine.Events;

namespace Aisle.Engine.Simulation;

/// <param name="Recommendation">The id that the server gave the list; null for lists that the simulator made.</param>
internal sealed record ShownList(IReadOnlyList<Product> Items, string? Recommendation);

/// <summary>Fills the lists of a shop's pages.</summary>
internal interface IListSource
{
    /// <param name="page">The product whose page it is; null for the front page.</param>
    /// <param name="truth">What the shopper is drawn to at this moment; no list that a shop could make knows it.</param>
    ShownList Fill(Shopper shopper, Product? page, int count, Chance chance, Attraction truth);
}

/// <summary>The products that the shopper is likeliest to click and put into the cart at this moment, by the truth: how far any list can come in this world.</summary>
internal sealed class IdealLists(IReadOnlyList<Product> products) : IListSource
{
    public ShownList Fill(Shopper shopper, Product? page, int count, Chance chance, Attraction truth) =>
        new([.. products.OrderByDescending(product => truth.Of(product, page) * Math.Min(1, ShoppingTrip.CartChance(shopper, product))).Take(count)], null);
}

/// <summary>Lists drawn from what is in stock, each product as likely as the next.</summary>
internal sealed class RandomLists(IReadOnlyList<Product> products, long now) : IListSource
{
    private readonly List<Product> _products = [.. products.Where(product => product.Item.Stock > 0 && product.AvailableFrom <= now)];

    public ShownList Fill(Shopper shopper, Product? page, int count, Chance chance, Attraction truth)
    {
        var drawn = new List<Product>(count);
        while (drawn.Count < Math.Min(count, this._products.Count))
        {
            var product = chance.Pick(this._products);
            if (!drawn.Contains(product)) drawn.Add(product);
        }

        return new ShownList(drawn, null);
    }
}

/// <summary>What sells most, with a memory of a month: the baseline for calibration, counted from the simulated events themselves.</summary>
internal sealed class PopularLists(IReadOnlyList<Product> products) : IListSource
{
    private const double MonthMs = 30 * 86_400_000.0;
    private const int Kept = 40;

    private readonly Dictionary<ItemId, Product> _products = products.ToDictionary(product => product.Item.Id);
    private readonly Dictionary<Product, double> _sales = [];
    private Product[] _top = [];
    private long _day;

    public void Count(Event happened)
    {
        var weight = happened.Type switch { EventType.Purchase => 5, EventType.Cart => 2, EventType.View => 0.2, _ => 0.0 };
        if (weight == 0) return;

        // Weights grow with time instead of being forgotten: only their proportions count.
        var time = happened.Time.ToUnixTimeMilliseconds();
        var product = this._products[happened.Item!.Value];
        this._sales[product] = this._sales.GetValueOrDefault(product) + (weight * Math.Exp(((time / MonthMs) - 600) * Math.Log(2)));
        if (time / 86_400_000 == this._day) return;
        this._day = time / 86_400_000;
        this._top = [.. this._sales.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.Item.Id.Value, StringComparer.Ordinal).Select(pair => pair.Key).Take(Kept)];
    }

    public ShownList Fill(Shopper shopper, Product? page, int count, Chance chance, Attraction truth) => new([.. this._top.Where(product => product != page).Take(count)], null);
}
