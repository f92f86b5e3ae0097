using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using static Aisle.Engine.Tests.Storage.ShopEvents;

namespace Aisle.Engine.Tests.Events;

public sealed class EventRulesTests
{
    private static readonly Event Good = View("a") with { Basket = "b" };

    public static TheoryData<string, Event> Broken => new()
    {
        { "user", Good with { User = null, Basket = null } },
        { "user", Good with { User = new UserId("") } },
        { "user", Good with { User = new UserId(new string('u', 129)) } },
        { "user", Good with { User = new UserId("a\nb") } },
        { "user", Good with { User = new UserId("a\u0085b") } },
        { "user", Good with { User = new UserId("half \uD83D") } },
        { "user", Good with { User = new UserId("half \uDE00 pair") } },
        { "type", Good with { Type = default(EventType) } },
        { "type", Good with { Type = (EventType)12 } },
        { "item", Good with { Item = null } },
        { "item", Good with { Item = new ItemId("") } },
        { "item", Good with { Item = new ItemId("\0") } },
        { "item", Good with { Item = new ItemId(new string('i', 129)) } },
        { "text", Good with { Type = EventType.Search } },
        { "text", Good with { Type = EventType.Search, Text = " " } },
        { "text", Good with { Text = new string('t', 513) } },
        { "text", Good with { Text = "tab\t" } },
        { "value", Good with { Type = EventType.Rating } },
        { "value", Good with { Value = double.NaN } },
        { "value", Good with { Value = double.NegativeInfinity } },
        { "quantity", Good with { Quantity = 0 } },
        { "quantity", Good with { Quantity = -1 } },
        { "quantity", Good with { Quantity = double.NaN } },
        { "quantity", Good with { Quantity = 1e6 + 1 } },
        { "price", Good with { Price = -0.01 } },
        { "price", Good with { Price = double.PositiveInfinity } },
        { "price", Good with { Price = double.NaN } },
        { "price", Good with { Price = 1.1e9 } },
        { "time", Good with { Time = Noon.AddDays(1).AddSeconds(1) } },
        { "time", Good with { Time = new DateTimeOffset(1989, 12, 31, 23, 59, 59, TimeSpan.Zero) } },
        { "basket", Good with { Basket = "" } },
        { "basket", Good with { Basket = new string('b', 129) } },
        { "session", Good with { Session = "\u007F" } },
        { "placement", Good with { Placement = new string('p', 129) } },
        { "recommendation_id", Good with { RecommendationId = "" } },
    };

    public static TheoryData<Event> Kept =>
    [
        Good,
        Good with { User = null },
        Good with { Basket = null },
        Good with { User = new UserId(new string('顾', 128)), Item = new ItemId("😀 \uD83D\uDC68\u200D\uD83D\uDC69") },
        Good with { Type = EventType.Search, Item = null, Text = "red mug" },
        Good with { Type = EventType.Custom, Item = null },
        Good with { Type = EventType.Rating, Value = -1 },
        Good with { Quantity = 0.001, Price = 0 },
        Good with { Quantity = 1e6, Price = 1e9 },
        Good with { Time = Noon.AddDays(1) },
        Good with { Time = new DateTimeOffset(1990, 1, 1, 0, 0, 0, TimeSpan.Zero), Text = "" },
    ];

    [Theory]
    [MemberData(nameof(Broken))]
    public void Check_RuleBroken_NamesTheFieldInASentence(string field, Event broken)
    {
        var problem = EventRules.Check(broken, Noon).ShouldNotBeNull();

        problem.Field.ShouldBe(field);
        problem.Message.ShouldEndWith(".");
        problem.Message.Any(char.IsControl).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void Check_RulesKept_FindsNothing(Event kept) => EventRules.Check(kept, Noon).ShouldBeNull();
}

public sealed class EventTypeNamesTests
{
    [Fact]
    public void Of_EveryType_IsParsedBack()
    {
        foreach (var type in Enum.GetValues<EventType>())
        {
            EventTypeNames.TryParse(EventTypeNames.Of(type), out var parsed).ShouldBeTrue();
            parsed.ShouldBe(type);
        }

        EventTypeNames.All.Count.ShouldBe(Enum.GetValues<EventType>().Length);
        EventTypeNames.Of(EventType.RemoveFromCart).ShouldBe("remove-from-cart");
    }

    [Theory]
    [InlineData("")]
    [InlineData("View")]
    [InlineData("1")]
    [InlineData("buy")]
    public void TryParse_AnotherWord_IsRefused(string name) => EventTypeNames.TryParse(name, out _).ShouldBeFalse();
}
