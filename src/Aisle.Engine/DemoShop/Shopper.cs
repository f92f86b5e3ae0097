using Aisle.Engine.Profiles;

namespace Aisle.Engine.DemoShop;

/// <summary>A shopper with the tastes that no event tells outright, and what they have done so far.</summary>
internal sealed class Shopper
{
    private const int Remembered = 24;

    public required User User { get; init; }

    public required bool ReadsChinese { get; init; }

    /// <summary>Interest in each kind of product, by kind; the sum is about 1.</summary>
    public required float[] KindInterest { get; init; }

    /// <summary>Liking of each brand, by <see cref="Brand.Index"/>: of its style, and more for brands that the shopper comes back to.</summary>
    public required float[] BrandLiking { get; init; }

    /// <summary>Liking of each <see cref="ColourFamily"/>.</summary>
    public required float[] ColourLiking { get; init; }

    /// <summary>Where on <see cref="Product.PriceRank"/> the shopper feels at home, −1 to 1.</summary>
    public required double Budget { get; init; }

    /// <summary>Pull of new products, around 1.</summary>
    public required double Curiosity { get; init; }

    /// <summary>Inclination to buy, around 1.</summary>
    public required double Decision { get; init; }

    /// <summary>Visits in a year, if the shopper stays for all of it.</summary>
    public required double VisitsPerYear { get; init; }

    /// <summary>Days before the end on which the shopper comes first and goes last.</summary>
    public required (double First, double Last) Days { get; init; }

    /// <summary>Hour of the day (UTC) around which visits gather.</summary>
    public required double Hour { get; init; }

    /// <summary>Products in the cart, with the time at which they were put there.</summary>
    public List<(Product Product, int Quantity, long Time)> Cart { get; } = [];

    /// <summary>Products seen lately, the latest last; those that mattered more than once.</summary>
    public List<Product> Memory { get; } = [];

    public void Remember(Product product)
    {
        if (this.Memory.Count == Remembered) this.Memory.RemoveAt(0);
        this.Memory.Add(product);
    }

    /// <summary>How well a product suits this shopper: the logarithm of its odds against a middling one.</summary>
    public double Affinity(Product product)
    {
        var away = product.PriceRank - this.Budget;
        return 0.4 + this.BrandLiking[product.Brand.Index] + this.ColourLiking[(int)product.Family] - 1.1 * away * away;
    }
}
