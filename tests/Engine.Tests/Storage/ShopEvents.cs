using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Tests.Storage;

/// <summary>Events for tests, with as little said as a test needs.</summary>
internal static class ShopEvents
{
    public static readonly DateTimeOffset Noon = new(2024, 5, 6, 12, 0, 0, TimeSpan.Zero);

    public static Event View(string id, string user = "ann", string item = "mug", DateTimeOffset? time = null) => new()
    {
        Id = EventId.From(id),
        Type = EventType.View,
        User = new UserId(user),
        Item = new ItemId(item),
        Time = time ?? Noon,
    };

    public static List<Event> Views(int count, string prefix = "e") =>
        [.. Enumerable.Range(0, count).Select(i => View($"{prefix}{i}", $"user{i % 7}", $"item{i % 11}", Noon.AddMinutes(i)))];

    /// <summary>One event with every field set, one with as few as there may be, and texts of every kind between.</summary>
    public static List<Event> OfEveryShape() =>
    [
        new()
        {
            Id = EventId.From("full"),
            Type = EventType.Purchase,
            User = new UserId("顾客-1"),
            Item = new ItemId("85123A"),
            Time = new DateTimeOffset(2010, 12, 1, 8, 26, 0, 123, TimeSpan.Zero),
            Quantity = 2.5,
            Price = 2.55,
            Basket = "536365",
            Session = "s-1",
            Placement = "home/recommended-for-you",
            RecommendationId = "r-9",
            Value = -4.25,
            Text = "white hanging heart 🕯 白色心形烛台",
        },
        new() { Id = EventId.From("sparse"), Type = EventType.Custom, Basket = "till-7", Time = DateTimeOffset.UnixEpoch },
        new() { Id = EventId.From("before-1970"), Type = EventType.Search, User = new UserId("ann"), Time = new DateTimeOffset(1969, 7, 20, 20, 17, 40, TimeSpan.Zero), Text = "" },
        new() { Id = EventId.From("long"), Type = EventType.Search, User = new UserId("ann"), Time = Noon, Text = new string('长', EventRules.MaxTextLength) },
        new() { Id = EventId.From("free"), Type = EventType.Return, User = new UserId("ann"), Item = new ItemId("mug"), Time = Noon, Quantity = 1e6, Price = 0 },
    ];
}
