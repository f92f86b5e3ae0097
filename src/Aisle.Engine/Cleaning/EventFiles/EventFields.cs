namespace Aisle.Engine.Cleaning.EventFiles;

/// <summary>The fields of an event in files, spelt as in docs/events.md.</summary>
internal static class EventFields
{
    public const int Id = 0, Type = 1, User = 2, Item = 3, Time = 4, Quantity = 5, Price = 6, Basket = 7, Session = 8, Placement = 9, RecommendationId = 10, Value = 11, Text = 12;

    public static IReadOnlyList<FileField> All { get; } =
    [
        new("id", Required: false, "event_id"),
        new("type", Required: true, "event_type", "event"),
        new("user", Required: false, "user_id", "visitor_id", "customer_id"),
        new("item", Required: false, "item_id", "product_id"),
        new("time", Required: true, "timestamp", "event_time"),
        new("quantity"),
        new("price"),
        new("basket", Required: false, "order_id", "transaction_id"),
        new("session", Required: false, "session_id"),
        new("placement"),
        new("recommendation_id"),
        new("value", Required: false, "rating"),
        new("text", Required: false, "query"),
    ];
}
