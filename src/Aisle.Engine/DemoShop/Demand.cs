using System.Runtime.InteropServices;

namespace Aisle.Engine.DemoShop;

/// <summary>
/// What draws shoppers to products on a given day: general appeal, fashion, novelty and season. Worked out once a day, because
/// every step of every visit asks for it.
/// </summary>
internal sealed class Demand
{
    private const double DayMs = 86_400_000;
    private const double FashionDays = 14;
    private const double NoveltyDays = 18;
    private const int ArrivalDays = 30;

    private readonly Product[] _products;
    private readonly int[][] _byKind;
    private readonly float[] _pull;
    private readonly float[] _novelty;
    private readonly double[] _shelf;
    private readonly List<int> _arrivals = [];
    private readonly float[] _weights;
    private readonly Dictionary<Product, int> _indexOf;
    private long _day = long.MinValue;

    public Demand(Assortment assortment, IReadOnlyList<Product> products)
    {
        this._products = [.. products];
        this._byKind = [.. assortment.Kinds.Select(kind => Enumerable.Range(0, products.Count).Where(i => products[i].Kind == kind).ToArray())];
        this._pull = new float[products.Count];
        this._novelty = new float[products.Count];
        this._shelf = new double[products.Count];
        this._weights = new float[products.Count];
        this._indexOf = new Dictionary<Product, int>(products.Count, ReferenceEqualityComparer.Instance);
        for (var i = 0; i < products.Count; i++) this._indexOf[products[i]] = i;
    }

    /// <summary>Moves to the day of a time; times of one day may come in any order.</summary>
    public void MoveTo(long time)
    {
        var day = (long)(time / DayMs);
        if (day == this._day) return;
        this._day = day;
        this._arrivals.Clear();
        var dayOfYear = DateTimeOffset.FromUnixTimeMilliseconds(time).DayOfYear;
        var noon = (day + 0.5) * DayMs;
        var total = 0.0;
        for (var i = 0; i < this._products.Length; i++)
        {
            var product = this._products[i];
            var age = (noon - product.AvailableFrom) / DayMs;
            this._pull[i] = age < 0 ? 0 : (float)(product.Appeal * Fashion(product, noon));
            this._novelty[i] = age < 0 ? 0 : (float)(1.6 * Math.Exp(-age / NoveltyDays));
            if (age is >= 0 and < ArrivalDays) this._arrivals.Add(i);
            this._shelf[i] = total += this._pull[i] * product.Appeal * product.Kind.Season.Factor(dayOfYear);
        }
    }

    public bool IsOnSale(Product product) => product.AvailableFrom / DayMs <= this._day;

    /// <summary>A product of a kind, as this shopper would choose.</summary>
    public Product? FromKind(int kind, Shopper shopper, Chance chance) => this.Choose(this._byKind[kind], shopper, chance, kindWeights: default);

    /// <summary>A product of the last month, as this shopper would choose.</summary>
    public Product? NewArrival(Shopper shopper, ReadOnlySpan<float> kindWeights, Chance chance) =>
        this.Choose(CollectionsMarshal.AsSpan(this._arrivals), shopper, chance, kindWeights);

    /// <summary>What the front page shows to everyone: taste plays no part.</summary>
    public Product FromWholeShop(Chance chance)
    {
        var at = Array.BinarySearch(this._shelf, chance.Unit() * this._shelf[^1]);
        return this._products[Math.Min(at < 0 ? ~at : at + 1, this._products.Length - 1)];
    }

    /// <summary>The share of a draw from the whole shop that falls on the product.</summary>
    internal double ShelfShare(Product product)
    {
        var at = this._indexOf[product];
        return (this._shelf[at] - (at > 0 ? this._shelf[at - 1] : 0)) / this._shelf[^1];
    }

    /// <summary>The weight that a shopper's choice gives a product beside others of its kind.</summary>
    internal double Pull(Product product, Shopper shopper) => this.Pull(this._indexOf[product], shopper);

    /// <summary>The sum of <see cref="Pull(Product, Shopper)"/> over a kind.</summary>
    internal double PullOfKind(int kind, Shopper shopper)
    {
        var sum = 0.0;
        foreach (var i in this._byKind[kind]) sum += this.Pull(i, shopper);
        return sum;
    }

    private double Pull(int index, Shopper shopper)
    {
        var product = this._products[index];
        var pull = this._pull[index] * (1 + this._novelty[index] * shopper.Curiosity);
        return pull > 0 ? pull * Math.Exp(shopper.Affinity(product)) : 0;
    }

    private Product? Choose(ReadOnlySpan<int> among, Shopper shopper, Chance chance, ReadOnlySpan<float> kindWeights)
    {
        var weights = this._weights.AsSpan(0, among.Length);
        for (var i = 0; i < among.Length; i++)
        {
            var pull = this.Pull(among[i], shopper);
            if (!kindWeights.IsEmpty) pull *= kindWeights[this._products[among[i]].Kind.Index];
            weights[i] = (float)pull;
        }

        var chosen = chance.PickByWeight(weights);
        return chosen < 0 ? null : this._products[among[chosen]];
    }

    /// <summary>Some products are talked about for a month and sell three times as much.</summary>
    private static double Fashion(Product product, double time)
    {
        if (product.FashionTime == 0) return 1;
        var days = (time - product.FashionTime) / DayMs;
        return 1 + 2 * Math.Exp(-days * days / (2 * FashionDays * FashionDays));
    }
}
