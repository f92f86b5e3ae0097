using Aisle.Engine.DemoShop;

namespace Aisle.Engine.Simulation;

/// <summary>
/// The truth behind clicks. What a shopper would look for unasked is known from the demo shop: q, the probability that the next product
/// looked at is this one, by taste, budget, season, novelty, fashion and the page. A list saves the search: examined, a product is clicked
/// with probability w / (1 + w), w = <see cref="Ease"/> · products · q · <see cref="Tiredness"/>.
/// </summary>
internal sealed class Attraction(Assortment assortment, IReadOnlyList<Product> products, ShoppingTrip trip)
{
    /// <summary>The odds of a click on a product that is exactly as likely to be looked for as one drawn from the catalogue.</summary>
    public const double Ease = 0.01;

    private readonly Dictionary<int, double> _pullOfKind = [];
    private readonly double[] _weightOfCategory = new double[assortment.Categories.Count];
    private ListMemory _memory = new();
    private double _weights;

    /// <summary>Takes up the shopper and the day of the trip's present visit.</summary>
    public void Begin(ListMemory memory)
    {
        this._memory = memory;
        this._pullOfKind.Clear();
        Array.Clear(this._weightOfCategory);
        this._weights = 0;
        for (var kind = 0; kind < assortment.Kinds.Count; kind++)
        {
            this._weightOfCategory[assortment.Kinds[kind].Category] += trip.KindWeights[kind];
            this._weights += trip.KindWeights[kind];
        }
    }

    /// <summary>The probability of a click on the product where it is examined in a list on a page.</summary>
    /// <param name="page">The product whose page it is; null for the front page.</param>
    public double Of(Product product, Product? page)
    {
        if (!trip.Demand.IsOnSale(product) || product == page) return 0;
        var odds = Ease * products.Count * this.Sought(product, page) * Tiredness(this._memory, product, trip.Now);
        return odds / (1 + odds);
    }

    /// <summary>q: how likely the shopper's next step leads there without a list, as <see cref="ShoppingTrip"/> draws it.</summary>
    private double Sought(Product product, Product? page)
    {
        var kind = product.Kind.Index;
        var withinKind = trip.Demand.Pull(product, trip.Shopper) / this.PullOfKind(kind);
        var ofInterest = trip.KindWeights[kind] / this._weights * withinKind;
        var ofShelf = trip.Demand.ShelfShare(product);
        if (page is null) return (0.88 * ofInterest) + (0.12 * ofShelf);

        var sought = (0.23 * ofInterest) + (0.07 * ofShelf) + (0.12 * CompanionShare(page, product));
        if (product.Kind == page.Kind) sought += 0.40 * withinKind;
        var ofCategory = this._weightOfCategory[product.Kind.Category];
        if (product.Kind.Category == page.Kind.Category && ofCategory > 0) sought += 0.18 * trip.KindWeights[kind] / ofCategory * withinKind;
        return sought;
    }

    private double PullOfKind(int kind)
    {
        if (this._pullOfKind.TryGetValue(kind, out var pull)) return pull;
        return this._pullOfKind[kind] = trip.Demand.PullOfKind(kind, trip.Shopper);
    }

    /// <summary>The share of a step to what goes with a product that falls on another: kinds by their place, the better match three times of four.</summary>
    internal static double CompanionShare(Product page, Product other)
    {
        var pairs = page.GoesWith.Count / ProductRange.MatchesPerKind;
        var share = 0.0;
        for (var at = 0; at < page.GoesWith.Count; at++)
        {
            if (page.GoesWith[at] != other) continue;
            var (place, match) = Math.DivRem(at, ProductRange.MatchesPerKind);
            var ofKind = (place == pairs - 1 ? 1 : ProductBelow((place + 1) / (1.15 * pairs))) - ProductBelow(place / (1.15 * pairs));
            share += 0.88 * ofKind * (match == 0 ? 0.75 : 0.25);
        }

        return share;
    }

    /// <summary>
    /// What was shown, looked at or bought lately draws less. Impressions: 0.9 each, forgotten with a week's rate; a look: 0.7, forgotten with
    /// three days'; a purchase: 0.05, forgotten with a season's, and for what is used up by 1 − exp(−(days / days until it is used up)²).
    /// </summary>
    internal static double Tiredness(ListMemory memory, Product product, long now)
    {
        var factor = Math.Pow(0.9, memory.ImpressionsOf(product, now));
        if (memory.SeenAt(product) is { } seen) factor *= 1 - (0.3 * Math.Exp(-ListMemory.Days(seen, now) / 3));
        if (memory.BoughtAt(product) is not { } bought) return factor;
        var days = ListMemory.Days(bought, now);
        var used = days / Math.Max(1, product.Kind.RepeatDays);
        return factor * (product.Kind.RepeatDays > 0 ? 1 - Math.Exp(-used * used) : 1 - (0.95 * Math.Exp(-days / 90)));
    }

    /// <summary>The probability that the product of two uniform numbers lies below x.</summary>
    private static double ProductBelow(double x) => x <= 0 ? 0 : x >= 1 ? 1 : x * (1 - Math.Log(x));
}
