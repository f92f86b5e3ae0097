using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Feedback;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Tests.Feedback;

public sealed class FeedbackStatisticsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly string Old = new RecommendationId(Guid.Parse("0199f7a0-0000-7000-8000-000000000001"), 3, null, null, []).ToString();
    private static readonly string New = new RecommendationId(Guid.Parse("0199f7a0-0000-7000-8000-000000000002"), 4, 2, 1, [(0x9ab3f21c, 1), (7, 0)]).ToString();

    private readonly FeedbackStatistics _feedback = new();
    private long _sequence;

    [Fact]
    public void Impressions_Clicks_AndWhatFollows_BelongToThePlacementAndTheModel()
    {
        this.Add(
            Of(EventType.Impression, "ann", "tea", New, "home"), Of(EventType.Impression, "ann", "mug", New, "home"), Of(EventType.Click, "ann", "tea", New, "home"),
            Of(EventType.Cart, "ann", "tea", null, null, hours: 1), Of(EventType.Purchase, "ann", "tea", null, null, hours: 2, price: 8, quantity: 3));

        this._feedback.Rows(Day(0), Day(0)).ShouldBe([new FeedbackRow(Day(0), "home", 4, new FeedbackCounts(2, 1, 1, 1, 24))]);
    }

    [Fact]
    public void Purchase_AfterTheWindow_OfAnotherItem_OrByAnotherShopper_BelongsToNoList()
    {
        this.Add(
            Of(EventType.Click, "ann", "tea", New, "home"),
            Of(EventType.Purchase, "ann", "mug", null, null, hours: 1), Of(EventType.Purchase, "bob", "tea", null, null, hours: 1),
            Of(EventType.Purchase, "ann", "tea", null, null, hours: 7 * 24 + 1));

        Sum().Purchases.ShouldBe(0);
        this.Add(Of(EventType.Purchase, "ann", "tea", null, null, hours: 7 * 24));
        Sum().Purchases.ShouldBe(1);

        FeedbackCounts Sum() => FeedbackCounts.Sum(this._feedback.Rows(Day(0), Day(30)).Select(row => row.Counts));
    }

    [Fact]
    public void LastTouch_Wins_UnlessThePurchaseCarriesItsOwnList()
    {
        this.Add(
            Of(EventType.Click, "ann", "tea", Old, "home"), Of(EventType.Click, "ann", "tea", New, "cart", hours: 1), Of(EventType.Purchase, "ann", "tea", null, null, hours: 2, price: 5),
            Of(EventType.Purchase, "ann", "tea", Old, "home", hours: 3, price: 7));

        var rows = this._feedback.Rows(Day(0), Day(0));
        rows.Single(row => row.Model == 4).Counts.Revenue.ShouldBe(5);
        rows.Single(row => row.Model == 3).Counts.Revenue.ShouldBe(7);
    }

    [Fact]
    public void ClickAndTheViewOfItsPage_OfTheSameList_CountOnce()
    {
        this.Add(Of(EventType.Click, "ann", "tea", New, "home"), Of(EventType.View, "ann", "tea", New, "home"), Of(EventType.View, "ann", "tea", null, null));

        this._feedback.Rows(Day(0), Day(0)).Single().Counts.Clicks.ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("0199f7a000007000800000000000000g")]
    [InlineData("0199f7a0000070008000000000000001x.m4")]
    public void AnIdThatNobodyMadeHere_CountsForNothing(string id)
    {
        this.Add(Of(EventType.Impression, "ann", "tea", id, "home"), Of(EventType.Click, "ann", "tea", id, "home"));

        this._feedback.Days().ShouldBeNull();
    }

    [Fact]
    public void RecommendationId_ReadsWhatItWrote_AndPassesOverWhatLaterVersionsAdd()
    {
        RecommendationId.TryParse(New, out var id).ShouldBeTrue();
        (id.Model, id.Pipelines, id.Rules).ShouldBe((4, 2, 1));
        id.Experiments.ShouldBe([(0x9ab3f21c, 1), (7, 0)]);
        id.ToString().ShouldBe(New);
        RecommendationId.TryParse(New + ".x77.z.m.x0000000z-1", out var later).ShouldBeTrue();
        later.Pipelines.ShouldBe(2);
        later.Experiments.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(100, 5, 0.0215, 0.1118)]
    [InlineData(10, 0, 0, 0.2775)]
    [InlineData(1000, 200, 0.1764, 0.2259)]
    public void ClickThroughInterval_IsWilsons(long impressions, long clicks, double low, double high)
    {
        var interval = new FeedbackCounts(impressions, clicks, 0, 0, 0).ClickThroughInterval.ShouldNotBeNull();

        interval.Low.ShouldBe(low, 1e-4);
        interval.High.ShouldBe(high, 1e-4);
    }

    private static DateOnly Day(int after) => DateOnly.FromDateTime(Noon.UtcDateTime).AddDays(after);

    private static Event Of(EventType type, string user, string item, string? list, string? placement, double hours = 0, double? price = null, double quantity = 1) => new()
    {
        Id = EventId.From(Guid.NewGuid().ToString()), Type = type, User = new UserId(user), Item = new ItemId(item), Time = Noon.AddHours(hours), RecommendationId = list, Placement = placement, Price = price, Quantity = quantity,
    };

    private void Add(params Event[] events) => this._feedback.Add([.. events.Select(given => new StoredEvent(++this._sequence, given))]);
}
