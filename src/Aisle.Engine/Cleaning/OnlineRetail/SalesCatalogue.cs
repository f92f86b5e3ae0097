using Aisle.Engine.Catalog;

namespace Aisle.Engine.Cleaning.OnlineRetail;

/// <summary>Makes catalogue items out of sales. What the shop's own catalogue tells of an item always stands above it.</summary>
internal static class SalesCatalogue
{
    private const string SourceAttribute = "source";
    private const string Source = "online-retail";

    /// <summary>The item to add or change; null where the catalogue stays as it is.</summary>
    public static Item? ItemOf(Product product, ICatalogStore catalogue)
    {
        var id = new ItemId(product.Id);
        var price = product.Prices.Median();
        if (catalogue.Find(id) is not { } known)
        {
            return new Item
            {
                Id = id,
                Title = Fit(product.Title()),
                Price = price,
                AvailableFrom = product.FirstSale,
                Attributes = new Dictionary<string, string> { [SourceAttribute] = Source },
            };
        }

        var isOurs = known.Attributes.GetValueOrDefault(SourceAttribute) == Source;
        var changed = isOurs
            ? known with { Title = Fit(product.Title()), Price = price, AvailableFrom = known.AvailableFrom < product.FirstSale ? known.AvailableFrom : product.FirstSale }
            : known.Price is null ? known with { Price = price } : known;
        return changed == known ? null : changed;
    }

    private static string Fit(string title) => title.Length <= Item.MaxTitleLength ? title : title[..Item.MaxTitleLength];
}
