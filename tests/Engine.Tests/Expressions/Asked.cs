using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Expressions;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Tests.Expressions;

/// <summary>A mug, a shopper and a moment whose answers are known, and short ways to ask about them.</summary>
internal static class Asked
{
    public static readonly DateTimeOffset Now = new(2026, 6, 3, 15, 30, 0, TimeSpan.Zero);

    public static readonly Item Mug = new()
    {
        Id = new ItemId("mug"), Title = "Blue Mug", Description = "Holds tea.", Brand = "Leaf", Price = 20, Stock = 7, Category = ["Kitchen", "Mugs"],
        Tags = ["sale", "gift"], AvailableFrom = Now.AddDays(-10),
        Attributes = new Dictionary<string, string> { ["colour"] = "Blue", ["margin"] = "0.4", ["seller"] = "Potter", ["screen size"] = "x", ["weight"] = "350" },
    };

    /// <summary>Nothing but an identifier is known of it.</summary>
    public static readonly Item Bare = new() { Id = new ItemId("bare"), Title = "Bare" };

    public static readonly ShopperFacts Shopper = new(
    [
        Event(EventType.Cart, "cup", 1),
        Event(EventType.View, "mug", 2),
        Event(EventType.Return, "pan", 3),
        Event(EventType.Favourite, "pan", 4),
        Event(EventType.Purchase, "pan", 5, price: 60, basket: "second"),
        Event(EventType.Purchase, "cup", 40, price: 10, quantity: 2, basket: "first"),
        Event(EventType.Purchase, "mug", 40, price: 20, basket: "first"),
    ]);

    public static ExpressionInputs Inputs => new()
    {
        Now = Now, LatestEvent = Now, User = new UserId("ann"), Scenario = "similar", Placement = "home", Items = [new ItemId("pan"), new ItemId("MUG")],
        Context = new Dictionary<string, string> { ["device"] = "mobile", ["budget"] = "25" },
        ReadShopper = () => Shopper,
        ReadAttributes = () => new Dictionary<string, string> { ["segment"] = "loyal", ["country"] = "FR" },
    };

    public static ExpressionInputs Stranger => new() { Now = Now, LatestEvent = Now };

    /// <summary>The answer for an item: a number, a text, true or false, a time, or null for unknown.</summary>
    public static object? Value(string text, Item? item = null, ExpressionInputs? inputs = null)
    {
        var expression = ExpressionCompiler.Compile(text, ShopEnvironment.Instance);
        var bound = expression.Bind(inputs ?? Inputs);
        return expression.Type switch
        {
            ExpressionType.Boolean => bound.IsTrue(item ?? Mug),
            ExpressionType.Text => bound.Text(item ?? Mug),
            ExpressionType.Time => bound.Time(item ?? Mug),
            _ => bound.Number(item ?? Mug),
        };
    }

    public static bool IsTrue(string text, Item? item = null, ExpressionInputs? inputs = null) => Value(text, item, inputs).ShouldBeOfType<bool>();

    public static ExpressionException Wrong(string text, ExpressionType? expected = null) =>
        Should.Throw<ExpressionException>(() => ExpressionCompiler.Compile(text, ShopEnvironment.Instance, expected));

    private static Event Event(EventType type, string item, double daysAgo, double? price = null, double quantity = 1, string? basket = null) => new()
    {
        Id = EventId.From($"{type}-{item}-{daysAgo}"), Type = type, User = new UserId("ann"), Item = new ItemId(item), Time = Now.AddDays(-daysAgo), Price = price,
        Quantity = quantity, Basket = basket,
    };
}
