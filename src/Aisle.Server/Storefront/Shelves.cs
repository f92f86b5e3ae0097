using System.Globalization;
using Aisle.Engine.Carts;
using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Microsoft.Extensions.Localization;

namespace Aisle.Server.Storefront;

/// <summary>Fills the shop's rows: each placement asks its scenario.</summary>
internal sealed class Shelves(
    Catalogue catalogue, RecommendationService recommendations, CartService carts, ShopperHistories histories, TimeProvider time, IStringLocalizer<StorefrontText> text)
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
        HomeForYou or ProductForYou => this.Ask(this.ForYou(visitor, placement, page)),
        HomeRecent or ProductRecent => this.Ask(this.RecentlyViewed(visitor, placement, page)),
        _ => null,
    };

    /// <summary>The rows of the front page; a product stands in one of them only.</summary>
    public (Shelf Hero, IReadOnlyList<Shelf> Rows) Home(Visitor visitor)
    {
        var shelves = this.AskRows(
        [
            this.ForYou(visitor, HomeForYou, null),
            this.RecentlyViewed(visitor, HomeRecent, null),
            Ranked(Scenario.Trending, HomeHero, "", null, 4),
            Ranked(Scenario.Trending, HomeTrending, text["Trending now"], text["What others are looking at this week"]),
            Ranked(Scenario.NewArrivals, HomeNew, text["New arrivals"], text["Fresh on the shelves"]),
            Ranked(Scenario.BestSellers, HomeBestSellers, text["Best sellers"], text["Loved by many"]),
        ]);
        return (shelves[2], [shelves[0], shelves[1], .. shelves.Skip(3)]);
    }

    public IReadOnlyList<Shelf> BesideProduct(Visitor visitor, Item item)
    {
        var shelves = this.AskRows(
        [
            new(new RecommendationRequest { Scenario = Scenario.BoughtTogether, Items = [item.Id], Count = 6, Placement = "product/bought-together" }, text["Often bought together"]),
            new(new RecommendationRequest { Scenario = Scenario.Similar, Items = [item.Id], Count = Length, Placement = "product/similar" }, text["More like this"]),
        ]);
        // Those below are fetched anew by themselves, so that they do not depend on the rows above.
        return [.. shelves, this.Ask(this.ForYou(visitor, ProductForYou, item.Id)), this.Ask(this.RecentlyViewed(visitor, ProductRecent, item.Id))];
    }

    /// <summary>The cart's lines in the shopper's order, with the rows beneath: what makes delivery free, and what completes the cart.</summary>
    public CartView Cart(Visitor visitor, ShopperCart cart)
    {
        if (cart.Lines.Count == 0)
            return new CartView([], 0, null, [this.Ask(Ranked(Scenario.BestSellers, "cart/best-sellers", text["Best sellers"], null))]);
        var arranged = carts.Arrange(new CartQuestion { User = visitor.Id, Count = Length }, cart);
        var shelves = new List<Shelf>();
        if (arranged is { FreeDelivery: { } filling, FreeDeliveryGap: { } gap })
            shelves.Add(this.Fill(filling, new("cart/free-delivery", text["Makes your delivery free"], text["Any one of them makes up for the {0} that are missing", Money.Of(gap)])));
        if (arranged.GoesWith is { } more) shelves.Add(this.Fill(more, new("cart/goes-with", text["Goes well with your cart"])));
        return new CartView(arranged.Lines, arranged.Value, arranged.FreeDeliveryGap, shelves);
    }

    public Shelf AfterOrder(Visitor visitor) => this.Ask(this.ForYou(visitor, "order/recommended-for-you", null)) with { FreshAddress = null };

    public Shelf AfterSearch() => this.Ask(Ranked(Scenario.Trending, "search/trending", text["Trending now"], null));

    /// <summary>One well-loved product for each department, for its tile.</summary>
    public Item? Face(CategoryNode department) =>
        recommendations.Recommend(new RecommendationRequest { Scenario = Scenario.BestSellers, Count = 1, Filter = new ItemFilter { Category = department.Path } })
            .Items.Select(recommended => recommended.Item).FirstOrDefault();

    private ShelfRequest ForYou(Visitor visitor, string placement, ItemId? except)
    {
        var isKnown = histories.Of(visitor.Id).Items.Any(item => item.Points > 0);
        return new(
            new RecommendationRequest { Scenario = Scenario.RecommendedForYou, User = visitor.Id, Count = Length, Placement = placement, Exclude = Only(except) },
            isKnown ? text["Recommended for you"] : text["Popular right now"],
            isKnown ? text["Chosen from what you looked at and bought"] : text["Look around: this row learns from every click"],
            FreshAddress(placement, except));
    }

    private ShelfRequest RecentlyViewed(Visitor visitor, string placement, ItemId? except) => new(
        new RecommendationRequest { Scenario = Scenario.RecentlyViewed, User = visitor.Id, Count = Length, Placement = placement, Exclude = Only(except) },
        text["Recently viewed"], FreshAddress: FreshAddress(placement, except));

    private static ShelfRequest Ranked(Scenario scenario, string placement, string heading, string? note, int count = Length) =>
        new(new RecommendationRequest { Scenario = scenario, Count = count, Placement = placement }, heading, note);

    private static IReadOnlyList<ItemId> Only(ItemId? item) => item is { } one ? [one] : [];

    private Shelf Ask(ShelfRequest request) => this.AskRows([request])[0];

    /// <summary>Rows of one page: a product stands in one of them only.</summary>
    private List<Shelf> AskRows(IReadOnlyList<ShelfRequest> requests) =>
        [.. recommendations.RecommendRows([.. requests.Select(request => request.Request)])
            .Zip(requests, (list, request) => this.Fill(list, new(request.Request.Placement!, request.Heading, request.Note, request.FreshAddress)))];

    private Shelf Fill(RecommendationList list, ShelfHead head)
    {
        var now = time.GetUtcNow();
        var language = CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;
        var products = new List<ProductView>(list.Items.Count);
        foreach (var recommended in list.Items)
        {
            // Without a description there is nothing to show: a row is made of products, not of codes.
            if (recommended.Item is not { } item) continue;
            products.Add(ProductView.Of(item, now, this.ReasonFor(recommended.Reason, language)));
        }

        return new Shelf(head.Placement, head.Heading, head.Note, list.Id, products, head.FreshAddress);
    }

    // A row's heading says what its products have in common; a card says only what is its own.
    private string? ReasonFor(Reason reason, string language) =>
        reason is { Kind: ReasonKind.BecauseOfHistory, Because: { } because } && catalogue.Find(because) is { } item
            ? reason.Sentence(item.TextIn(language).Title, language)
            : null;

    private static string FreshAddress(string placement, ItemId? page) =>
        $"/rows?placement={Uri.EscapeDataString(placement)}" + (page is { } item ? $"&item={Uri.EscapeDataString(item.Value)}" : "");

    private sealed record ShelfRequest(RecommendationRequest Request, string Heading, string? Note = null, string? FreshAddress = null);

    private sealed record ShelfHead(string Placement, string Heading, string? Note = null, string? FreshAddress = null);
}

/// <summary>A cart as its page shows it.</summary>
/// <param name="Value">Of what can be bought now.</param>
/// <param name="Gap">What is missing for free delivery; null where nothing is.</param>
public sealed record CartView(IReadOnlyList<OrderedLine> Lines, double Value, double? Gap, IReadOnlyList<Shelf> Shelves);
