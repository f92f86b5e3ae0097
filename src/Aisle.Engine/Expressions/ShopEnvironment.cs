using System.Globalization;

namespace Aisle.Engine.Expressions;

/// <summary>What filters and boosts of recommendations may read.</summary>
public static class ShopEnvironment
{
    // A description has up to 20,000 characters, a list of the item up to 100 entries.
    private const int SearchDescription = 50;
    private const int SearchList = 10;

    private const bool Item = true;
    private const bool Request = false;

    public static ExpressionEnvironment Instance { get; } = new([.. OfItem(), .. OfUser(), .. OfRequest()]);

    private static ExpressionField[] OfItem() =>
    [
        ExpressionField.OfText("item.id", Item, "the shop's own identifier", frame => frame.Item.Id.Value),
        ExpressionField.OfText("item.title", Item, "title in the default language", frame => frame.Item.Title, cost: 2),
        ExpressionField.OfText("item.description", Item, "description in the default language", frame => frame.Item.Description, SearchDescription),
        ExpressionField.OfText("item.brand", Item, "brand", frame => frame.Item.Brand),
        ExpressionField.OfTexts("item.category", Item, "category path from the root down", frame => frame.Item.Category, SearchList),
        ExpressionField.OfText("item.department", Item, "first of the category path", frame => frame.Item.Category.Count > 0 ? frame.Item.Category[0] : null),
        ExpressionField.OfText("item.subcategory", Item, "last of the category path", frame => frame.Item.Category.Count > 0 ? frame.Item.Category[^1] : null),
        ExpressionField.OfTexts("item.tags", Item, "tags", frame => frame.Item.Tags, SearchList),
        ExpressionField.OfNumber("item.price", Item, "price in the shop's currency", frame => frame.Item.Price ?? double.NaN),
        ExpressionField.OfNumber("item.stock", Item, "pieces on hand", frame => frame.Item.Stock ?? double.NaN),
        ExpressionField.OfNumber("item.margin", Item, "the attribute margin as a number", frame => ToNumber(frame.Item.Attributes.GetValueOrDefault("margin"))),
        ExpressionField.OfText("item.seller", Item, "the attribute seller", frame => frame.Item.Attributes.GetValueOrDefault("seller")),
        ExpressionField.OfTime("item.published", Item, "when it was or will be first shown (available_from)", frame => frame.Item.AvailableFrom),
        ExpressionField.OfNumber(
            "item.age", Item, "days since it was published", frame => frame.Item.AvailableFrom is { } from ? Days.Of(frame.Inputs.Now) - Days.Of(from) : double.NaN),
        ExpressionField.OfGroup("item.attributes", Item, "any attribute of the catalogue, a text", (frame, name) => frame.Item.Attributes.GetValueOrDefault(name)),
    ];

    private static ExpressionField[] OfUser() =>
    [
        ExpressionField.OfText("user.id", Request, "the shopper's identifier", frame => frame.Inputs.User?.Value),
        ExpressionField.OfBoolean("user.known", Request, "whether the request names a shopper", frame => frame.Inputs.User is not null),
        ExpressionField.OfText("user.segment", Request, "the shopper's attribute segment", frame => frame.Inputs.Attributes.GetValueOrDefault("segment")),
        ExpressionField.OfNumber("user.avgBasket", Request, "mean sum of the shopper's orders", frame => frame.Inputs.Shopper.AverageBasket),
        ExpressionField.OfNumber("user.avgPrice", Request, "mean price of the pieces that the shopper bought", frame => frame.Inputs.Shopper.AveragePrice),
        ExpressionField.OfNumber("user.orders", Request, "number of the shopper's orders", frame => frame.Inputs.Shopper.Orders),
        ExpressionField.OfNumber("user.spent", Request, "sum of the shopper's orders", frame => frame.Inputs.Shopper.Spent),
        ExpressionField.OfTime("user.lastOrder", Request, "time of the shopper's last order", frame => frame.Inputs.Shopper.LastOrder),
        ExpressionField.OfNumber("user.cartPieces", Request, "pieces in the shopper's cart", frame => frame.Inputs.Shopper.CartPieces),
        ExpressionField.OfGroup("user.attributes", Request, "any attribute of the shopper, a text", (frame, name) => frame.Inputs.Attributes.GetValueOrDefault(name)),
    ];

    private static ExpressionField[] OfRequest() =>
    [
        ExpressionField.OfText("request.scenario", Request, "the scenario's word, e.g. similar", frame => frame.Inputs.Scenario),
        ExpressionField.OfText("request.placement", Request, "where the list is shown", frame => frame.Inputs.Placement),
        ExpressionField.OfTexts("request.items", Request, "identifiers of the items that the request is about", frame => [.. frame.Inputs.Items.Select(item => item.Value)]),
        ExpressionField.OfTexts("request.subcategories", Request, "last of the category path of each item that the request is about", frame => frame.Inputs.Subcategories),
        ExpressionField.OfNumber("request.value", Request, "sum of the prices of the items that the request is about", frame => frame.Inputs.Value),
        ExpressionField.OfGroup("request.context", Request, "any entry of the request's context, a text", (frame, name) => frame.Inputs.Context.GetValueOrDefault(name)),
        ExpressionField.OfTime("now", Request, "the clock's time", frame => frame.Inputs.Now),
    ];

    /// <summary>A text as a number with a point for decimals; NaN (unknown) for anything else.</summary>
    internal static double ToNumber(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : double.NaN;
}
