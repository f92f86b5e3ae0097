using System.Globalization;
using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Microsoft.Extensions.Localization;

namespace Aisle.Server.Storefront;

/// <summary>Fills the shop's rows: each placement asks its scenario.</summary>
internal sealed class Shelves(
    Catalogue catalogue, RecommendationService recommendations, ShopperHistories histories, TimeProvider time, IStringLocalizer<StorefrontText> text)
{
    public const string HomeForYou = "home/recommended-for-you";
    public const string HomeHero = "home/hero";
    public const string HomeTrending = "home/trending";
    public const string HomeNew = "home/new-arrivals";
    public const string HomeBestSellers = "home/best-sellers";
    public const string ProductForYou = "product/recommended-for-you";
    public const string HomeRecent = "home/recently-viewed";
    public const string ProductRecent = "product/recently-viewed";
    private const int Length = 12;

    /// <summary>Rows that aisle.js may fetch anew; each depends on nothing but the shopper and the product of the page.</summary>
    public Shelf? Refreshed(string placement, Visitor visitor, ItemId? page) => placement switch
    {
        HomeForYou or ProductForYou => this.ForYou(visitor, placement, page),
        HomeRecent or ProductRecent => this.RecentlyViewed(visitor, placement, page),
        _ => null,
    };

    /// <summary>The rows of the front page; a product stands in one of them only.</summary>
    public (Shelf Hero, IReadOnlyList<Shelf> Rows) Home(Visitor visitor)
    {
        var forYou = this.ForYou(visitor, HomeForYou, null);
        var shown = Ids(forYou);
        var hero = this.Ranked(Scenario.Trending, HomeHero, "", null, shown, 4);
        shown.AddRange(Ids(hero));
        var trending = this.Ranked(Scenario.Trending, HomeTrending, text["Trending now"], text["What others are looking at this week"], shown);
        shown.AddRange(Ids(trending));
        var arrivals = this.Ranked(Scenario.NewArrivals, HomeNew, text["New arrivals"], text["Fresh on the shelves"], shown);
        shown.AddRange(Ids(arrivals));
        var sellers = this.Ranked(Scenario.BestSellers, HomeBestSellers, text["Best sellers"], text["Loved by many"], shown);
        return (hero, [forYou, this.RecentlyViewed(visitor, HomeRecent, null), trending, arrivals, sellers]);
    }

    public IReadOnlyList<Shelf> BesideProduct(Visitor visitor, Item item)
    {
        var together = this.Ask(
            new RecommendationRequest { Scenario = Scenario.BoughtTogether, Items = [item.Id], Count = 6, Placement = "product/bought-together" },
            text["Often bought together"], null);
        var similar = this.Ask(
            new RecommendationRequest { Scenario = Scenario.Similar, Items = [item.Id], Count = Length, Exclude = Ids(together), Placement = "product/similar" },
            text["More like this"], null);
        return [together, similar, this.ForYou(visitor, ProductForYou, item.Id), this.RecentlyViewed(visitor, ProductRecent, item.Id)];
    }

    public Shelf BesideCart(ShopperCart cart)
    {
        // The service takes so many context items; the latest lines matter most.
        var lines = cart.Lines.Select(line => line.Item.Id).TakeLast(RecommendationRequest.MaxContextItems).ToList();
        return lines.Count == 0
            ? this.Ranked(Scenario.BestSellers, "cart/best-sellers", text["Best sellers"], null, [])
            : this.Ask(
                new RecommendationRequest { Scenario = Scenario.BoughtTogether, Items = lines, Count = Length, Placement = "cart/goes-with" },
                text["Goes well with your cart"], null);
    }

    public Shelf AfterOrder(Visitor visitor) => this.ForYou(visitor, "order/recommended-for-you", null) with { FreshAddress = null };

    public Shelf AfterSearch() => this.Ranked(Scenario.Trending, "search/trending", text["Trending now"], null, []);

    /// <summary>One well-loved product for each department, for its tile.</summary>
    public Item? Face(CategoryNode department) => this.Ask(
        new RecommendationRequest { Scenario = Scenario.BestSellers, Count = 1, Filter = new ItemFilter { Category = department.Path } }, "", null)
        .Products.Select(product => product.Item).FirstOrDefault();

    private Shelf ForYou(Visitor visitor, string placement, ItemId? except)
    {
        var isKnown = histories.Of(visitor.Id).Items.Any(item => item.Points > 0);
        IReadOnlyList<ItemId> exclude = except is { } shown ? [shown] : [];
        return this.Ask(
            new RecommendationRequest { Scenario = Scenario.RecommendedForYou, User = visitor.Id, Count = Length, Placement = placement, Exclude = exclude },
            isKnown ? text["Recommended for you"] : text["Popular right now"],
            isKnown ? text["Chosen from what you looked at and bought"] : text["Look around: this row learns from every click"]) with
        { FreshAddress = FreshAddress(placement, except) };
    }

    private Shelf Ranked(Scenario scenario, string placement, string heading, string? note, IReadOnlyList<ItemId> exclude, int count = Length) =>
        this.Ask(new RecommendationRequest { Scenario = scenario, Count = count, Placement = placement, Exclude = exclude }, heading, note);

    private Shelf RecentlyViewed(Visitor visitor, string placement, ItemId? except)
    {
        var now = time.GetUtcNow();
        var products = histories.Of(visitor.Id).Items
            .Where(seen => seen.Item != except)
            .Select(seen => catalogue.Find(seen.Item))
            .OfType<Item>()
            .Take(Length)
            .Select(item => ProductView.Of(item, now))
            .ToList();
        return new Shelf(placement, text["Recently viewed"], null, null, products, FreshAddress(placement, except));
    }

    private Shelf Ask(RecommendationRequest request, string heading, string? note)
    {
        var list = recommendations.Recommend(request);
        var now = time.GetUtcNow();
        var language = CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;
        var products = new List<ProductView>(list.Items.Count);
        foreach (var recommended in list.Items)
        {
            // Without a description there is nothing to show: a row is made of products, not of codes.
            if (recommended.Item is not { } item) continue;
            products.Add(ProductView.Of(item, now, this.ReasonFor(recommended.Reason, language)));
        }

        return new Shelf(request.Placement ?? "", heading, note, list.Id, products);
    }

    // A row's heading says what its products have in common; a card says only what is its own.
    private string? ReasonFor(Reason reason, string language) =>
        reason is { Kind: ReasonKind.BecauseOfHistory, Because: { } because } && catalogue.Find(because) is { } item
            ? reason.Sentence(item.TextIn(language).Title, language)
            : null;

    private static string FreshAddress(string placement, ItemId? page) =>
        $"/rows?placement={Uri.EscapeDataString(placement)}" + (page is { } item ? $"&item={Uri.EscapeDataString(item.Value)}" : "");

    private static List<ItemId> Ids(Shelf shelf) => [.. shelf.Products.Select(product => product.Item.Id)];
}
