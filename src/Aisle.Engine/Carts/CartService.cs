using System.Globalization;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Shop;

namespace Aisle.Engine.Carts;

/// <summary>A question about a cart.</summary>
public sealed record CartQuestion
{
    public const string DefaultPlacement = "cart";

    private const int LongestSuffix = 20;

    /// <summary>Needed unless <see cref="Lines"/> are told.</summary>
    public UserId? User { get; init; }

    /// <summary>What lies in the cart; null for what the shopper's events say.</summary>
    public IReadOnlyList<(ItemId Item, int Quantity)>? Lines { get; init; }

    /// <summary>Value from which delivery is free; null for the shop's terms.</summary>
    public double? FreeDeliveryFrom { get; init; }

    /// <summary>Length of each list of further products, 1 to 50.</summary>
    public int Count { get; init; } = 10;

    /// <summary>The lists' placements begin so: <c>cart/goes-with</c>, <c>cart/free-delivery</c>.</summary>
    public string Placement { get; init; } = DefaultPlacement;

    /// <summary>The first limit that the question breaks, or null if it keeps to all.</summary>
    public FieldProblem? Check()
    {
        if (this.User is null && this.Lines is null) return new FieldProblem("lines", "lines is missing; send what lies in the cart, or user for what the shopper's events say.");
        if (this.User?.Value.Length > UserId.MaxLength) return new FieldProblem("user", $"user must have at most {UserId.MaxLength} characters.");
        if (this.Lines?.Count > RecommendationRequest.MaxContextItems)
            return new FieldProblem("lines", $"lines holds {this.Lines.Count} entries; at most {RecommendationRequest.MaxContextItems} are allowed.");
        for (var place = 0; place < this.Lines?.Count; place++)
        {
            var (item, quantity) = this.Lines[place];
            if (item.Value is not { Length: > 0 and <= ItemId.MaxLength }) return new FieldProblem($"lines[{place}].item", $"item must have 1 to {ItemId.MaxLength} characters.");
            if (quantity is < 1 or > MaxQuantity) return new FieldProblem($"lines[{place}].quantity", $"quantity is {quantity}; it must lie between 1 and {MaxQuantity}.");
            for (var other = 0; other < place; other++)
                if (this.Lines[other].Item == item) return new FieldProblem($"lines[{place}].item", $"{item.Value} stands in two lines; send one with the sum of the pieces.");
        }

        if (this.FreeDeliveryFrom is { } from && !(from is >= 0 and <= DeliveryTerms.MaxAmount))
            return new FieldProblem("free_delivery_from", $"free_delivery_from must be a number from 0 to {DeliveryTerms.MaxAmount:0}.");
        if (this.Count is < 1 or > MaxCount) return new FieldProblem("count", $"count is {this.Count}; it must lie between 1 and {MaxCount}.");
        return this.Placement.Length is 0 or > RecommendationRequest.MaxPlacementLength - LongestSuffix
            ? new FieldProblem("placement", $"placement must have 1 to {RecommendationRequest.MaxPlacementLength - LongestSuffix} characters.")
            : null;
    }

    private const int MaxQuantity = 1_000_000;
    private const int MaxCount = 50;
}

/// <summary>What is known of a cart and what may help it.</summary>
/// <param name="Lines">In the order of what the shopper cares about.</param>
/// <param name="Value">Of what can be bought now, in the shop's currency.</param>
/// <param name="FreeDeliveryGap">What is missing for free delivery; null where nothing is.</param>
/// <param name="GoesWith">What completes the cart; null for an empty one.</param>
/// <param name="FreeDelivery">What fills the gap; null without one.</param>
/// <param name="Prospect">How likely the cart is left; null where that cannot be said.</param>
/// <param name="Unknown">Why it cannot.</param>
public sealed record CartAssessment(
    IReadOnlyList<OrderedLine> Lines, double Value, double? FreeDeliveryGap, RecommendationList? GoesWith, RecommendationList? FreeDelivery, CartProspect? Prospect, ProspectGap? Unknown,
    IReadOnlyList<CartLever> Levers);

/// <summary>Why nothing can be said of a cart's end.</summary>
public sealed record ProspectGap(string English, string Chinese)
{
    public string Words(string language) => language.StartsWith("zh", StringComparison.Ordinal) ? this.Chinese : this.English;
}

/// <summary>Answers for a cart: its lines in order, what completes it, what makes its delivery free, how likely it is left, and what might help.</summary>
public sealed class CartService(
    Catalogue catalogue, IEventStore events, ShopperHistories histories, RecommendationService recommendations, CartOrder order, CartModelRegistry models, ShopDelivery delivery, TimeProvider time)
{
    private static readonly ProspectGap NoShopper = new("Only the events of a shopper tell; send user.", "需要顾客的行为记录，请提供 user。");
    private static readonly ProspectGap Empty = new("The cart is empty.", "购物车为空。");
    private static readonly ProspectGap NoCartEvents = new("No cart event of this shopper is known; send them as they happen.", "没有该顾客的购物车事件，请在发生时上报。");

    private static readonly ProspectGap NoModel = new(
        "No model of abandonment is published: there were too few carts whose end is known, or none was trained yet.", "尚无弃购模型：结局已知的购物车过少，或尚未训练。");

    /// <summary>The shopper's cart as events tell it.</summary>
    public ShopperCart CartOf(UserId shopper) =>
        // Most pages are looked at with an empty cart: the history in memory knows that without asking the store.
        histories.Of(shopper).Items.Any(item => item.InCart)
            ? ShopperCart.From(this.LatestOf(shopper), catalogue, time.GetUtcNow())
            : ShopperCart.Empty;

    /// <summary>What is wrong with a question, or null.</summary>
    public FieldProblem? Check(CartQuestion question) =>
        question.Check() ?? Requests(question, [new ItemId("any")], gap: 1).Select(request => recommendations.Check(request)).FirstOrDefault(wrong => wrong is not null);

    /// <exception cref="ArgumentException"><see cref="Check"/> finds something wrong; the message names the part.</exception>
    public CartAssessment Assess(CartQuestion question)
    {
        if (this.Check(question) is { } wrong) throw new ArgumentException(wrong.Message, nameof(question));
        var cart = question.Lines is { } told ? ShopperCart.Told(told, catalogue) : this.CartOf(question.User!.Value);
        var arrangement = this.Arrange(question, cart);
        var latest = question.User is { } user ? this.LatestOf(user) : [];
        var (prospect, unknown, ratioOf) = this.ProspectOf(question, cart, latest);
        return new CartAssessment(
            arrangement.Lines, arrangement.Value, arrangement.FreeDeliveryGap, arrangement.GoesWith, arrangement.FreeDelivery, prospect, unknown,
            CartLevers.Of(arrangement.Lines, arrangement.FreeDeliveryGap, ratioOf, prospect));
    }

    /// <summary>Lines and lists alone, for a page that the shopper sees.</summary>
    public CartArrangement Arrange(CartQuestion question, ShopperCart cart)
    {
        var lines = order.Of(question.User, cart.Lines);
        var value = lines.Where(line => line.State == CartLineState.OnSale).Sum(line => line.Line.Total);
        var terms = question.FreeDeliveryFrom is { } from ? delivery.Terms with { FreeFrom = from } : delivery.Terms;
        var gap = terms.Gap(value);
        var requests = lines.Count == 0 ? [] : Requests(question, [.. lines.Take(RecommendationRequest.MaxContextItems).Select(line => line.Line.Item.Id)], gap).ToList();
        var lists = recommendations.RecommendRows(requests);
        return new CartArrangement(lines, value, gap, lists.Count > 0 ? lists[^1] : null, lists.Count > 1 ? lists[0] : null);
    }

    /// <summary>What fills the gap stands above what completes the cart, and nothing in both.</summary>
    private static IEnumerable<RecommendationRequest> Requests(CartQuestion question, IReadOnlyList<ItemId> items, double? gap)
    {
        var context = new Dictionary<string, string>();
        if (gap is { } missing)
        {
            context["missing"] = missing.ToString("R", CultureInfo.InvariantCulture);
            yield return new RecommendationRequest
            {
                Scenario = Scenario.FreeShipping, User = question.User, Items = items, Count = question.Count, Placement = question.Placement + "/free-delivery", Context = context,
            };
        }

        yield return new RecommendationRequest { Scenario = Scenario.Cart, User = question.User, Items = items, Count = question.Count, Placement = question.Placement + "/goes-with", Context = context };
    }

    private List<Event> LatestOf(UserId shopper) => [.. events.LatestOf(shopper, ShopperHistory.MaxEvents).Select(stored => stored.Event)];

    /// <param name="latest">Newest first.</param>
    private (CartProspect? Prospect, ProspectGap? Unknown, Func<CartLine, double?> RatioOf) ProspectOf(CartQuestion question, ShopperCart cart, List<Event> latest)
    {
        if (cart.Lines.Count == 0) return (null, Empty, _ => null);
        if (question.User is null) return (null, NoShopper, _ => null);
        var window = models.Serving?.Window ?? TimeSpan.FromHours(new CartModelOptions().WindowHours);
        var timeline = new CartTimeline(
            (long)window.TotalMilliseconds, question.FreeDeliveryFrom ?? delivery.Terms.FreeFrom, index => catalogue.ItemAt(index)?.Price ?? double.NaN);
        for (var place = latest.Count - 1; place >= 0; place--)
            if (CartStep.Of(latest[place], catalogue.IndexFor) is { } step) timeline.Take(step);
        Func<CartLine, double?> ratioOf = line => catalogue.IndexOf(line.Item.Id) is { } index ? timeline.PriceRatio(index, line.Price) : null;
        if (timeline.IsEmpty) return (null, NoCartEvents, ratioOf);
        if (models.Serving is not { } model) return (null, NoModel, ratioOf);
        foreach (var line in cart.Lines)
            if (line.Item.Price is { } price && catalogue.IndexOf(line.Item.Id) is { } index) timeline.Reprice(index, price);
        return (this.ProspectOf(model, timeline), null, ratioOf);
    }

    private CartProspect ProspectOf(CartModel model, CartTimeline timeline)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var row = new double[CartFeatures.Count];
        timeline.Write(now, row);
        var parts = model.Bought.Contributions(row);
        var minutes = Math.Max(0, now - timeline.Changed) / 60_000.0;
        var isOver = minutes > model.Window.TotalMinutes;
        var factors = CartFeatures.Factors
            .Select(words => new CartFactor(words.Name, -words.Features.Sum(feature => parts[feature]), words.English, words.Chinese))
            .OrderByDescending(factor => Math.Abs(factor.LogOdds)).ToList();
        return new CartProspect(model, isOver ? 1 : 1 - model.Bought.Probability(row), model.Report.LeftShare, minutes, isOver, factors);
    }
}

/// <summary>A cart as its page shows it.</summary>
public sealed record CartArrangement(IReadOnlyList<OrderedLine> Lines, double Value, double? FreeDeliveryGap, RecommendationList? GoesWith, RecommendationList? FreeDelivery);
