using Aisle.Engine.Catalog;

namespace Aisle.Engine.DemoShop;

/// <summary>An item with what only the simulation knows of it.</summary>
internal sealed class Product
{
    public required Item Item { get; init; }

    public required Kind Kind { get; init; }

    public required Brand Brand { get; init; }

    public required Words? Collection { get; init; }

    public required ColourFamily Family { get; init; }

    /// <summary>Place of the price among its kind: −1 cheapest, 1 dearest.</summary>
    public double PriceRank { get; set; }

    /// <summary>How much shoppers in general are drawn to it; median 1, long-tailed.</summary>
    public required double Appeal { get; init; }

    /// <summary>Unix milliseconds.</summary>
    public required long AvailableFrom { get; init; }

    /// <summary>Middle of a fashion for this product in Unix milliseconds; 0 for none.</summary>
    public required long FashionTime { get; init; }

    /// <summary>Products that go with it: for each complementary kind in turn, the two best matches.</summary>
    public List<Product> GoesWith { get; } = [];
}
