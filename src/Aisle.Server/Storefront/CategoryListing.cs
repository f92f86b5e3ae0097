using System.Globalization;
using Aisle.Engine.Catalog;
using Aisle.Engine.Recommending;

namespace Aisle.Server.Storefront;

/// <summary>What a category page is asked for; what makes no sense is set right rather than refused.</summary>
public sealed record ListingQuery
{
    public const string Personal = "for-you";

    /// <summary>What a page can be sorted by, with the words for it.</summary>
    public static readonly IReadOnlyList<(string Name, string Label)> Orders =
        [(Personal, "For you"), ("new", "Newest"), ("price-up", "Price, low to high"), ("price-down", "Price, high to low")];

    public string Order { get; private init; } = Personal;

    public double? MinPrice { get; private init; }

    public double? MaxPrice { get; private init; }

    public string? Brand { get; private init; }

    public int Page { get; private init; } = 1;

    public static ListingQuery From(IQueryCollection query)
    {
        var order = query["sort"].ToString();
        var brand = query["brand"].ToString();
        return new ListingQuery
        {
            Order = Orders.Any(known => known.Name == order) ? order : Personal,
            MinPrice = Price(query["min"]),
            MaxPrice = Price(query["max"]),
            Brand = brand.Length is > 0 and <= 200 ? brand : null,
            Page = int.TryParse(query["page"], NumberStyles.None, CultureInfo.InvariantCulture, out var page) ? Math.Clamp(page, 1, 100_000) : 1,
        };
    }

    /// <summary>The same question at another page.</summary>
    public string AddressOf(int page)
    {
        var parts = new List<string>();
        if (this.Order != Personal) parts.Add($"sort={this.Order}");
        if (this.MinPrice is { } min) parts.Add(string.Create(CultureInfo.InvariantCulture, $"min={min}"));
        if (this.MaxPrice is { } max) parts.Add(string.Create(CultureInfo.InvariantCulture, $"max={max}"));
        if (this.Brand is { } brand) parts.Add($"brand={Uri.EscapeDataString(brand)}");
        if (page > 1) parts.Add(string.Create(CultureInfo.InvariantCulture, $"page={page}"));
        return parts.Count == 0 ? "?" : "?" + string.Join('&', parts);
    }

    private static double? Price(string? text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price) && price is >= 0 and <= 1e9 ? price : null;
}

/// <summary>One page of a category, ordered for the shopper who asks.</summary>
public sealed class CategoryListing
{
    public const int PageSize = 30;

    public required CategoryNode Category { get; init; }

    public required ListingQuery Query { get; init; }

    public required IReadOnlyList<ProductView> Products { get; init; }

    /// <summary>Products on all pages.</summary>
    public required int Total { get; init; }

    /// <summary>Brands of the category, whatever the filters say.</summary>
    public required IReadOnlyList<string> Brands { get; init; }

    public required string? RecommendationId { get; init; }

    public int Pages => Math.Max(1, (this.Total + PageSize - 1) / PageSize);

    internal static CategoryListing Of(
        CategoryNode category, ListingQuery query, Visitor visitor, Catalogue catalogue, ListingOrders orders, DateTimeOffset now)
    {
        var within = new ItemFilter { Category = category.Path };
        var all = catalogue.Items.Where(item => within.Accepts(item) && !(item.AvailableFrom > now)).ToList();
        var filter = within with { MinPrice = query.MinPrice, MaxPrice = Highest(query), Brands = query.Brand is { } brand ? [brand] : [] };
        var chosen = all.Where(filter.Accepts).ToList();

        var (ordered, list) = Order(chosen, filter, query, visitor, orders);
        // What is sold out stays findable, after everything else.
        var page = ordered.OrderBy(item => item.Stock is <= 0).Skip((query.Page - 1) * PageSize).Take(PageSize);
        return new CategoryListing
        {
            Category = category,
            Query = query,
            Products = [.. page.Select(item => ProductView.Of(item, now))],
            Total = chosen.Count,
            Brands = [.. all.Select(item => item.Brand).OfType<string>().Distinct().Order(StringComparer.CurrentCultureIgnoreCase)],
            RecommendationId = list,
        };
    }

    // A range typed the wrong way round is read as if only its lower end had been given.
    private static double? Highest(ListingQuery query) => query.MaxPrice < query.MinPrice ? null : query.MaxPrice;

    private static (IEnumerable<Item> Items, string? List) Order(
        List<Item> items, ItemFilter filter, ListingQuery query, Visitor visitor, ListingOrders orders)
    {
        switch (query.Order)
        {
            case "new":
                return (items.OrderByDescending(item => item.AvailableFrom), null);
            case "price-up":
                return (items.OrderBy(item => item.Price ?? double.MaxValue), null);
            case "price-down":
                return (items.OrderByDescending(item => item.Price ?? 0), null);
            default:
                var order = orders.For(visitor.Id, filter, query.Page);
                var place = order.Items.Select((id, i) => (id, i)).ToDictionary(pair => pair.id, pair => pair.i);
                return (items.OrderBy(item => place.GetValueOrDefault(item.Id, int.MaxValue)), order.List);
        }
    }
}
