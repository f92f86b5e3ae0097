using System.Globalization;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Shop;

namespace Aisle.Engine.Carts;

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
