using Aisle.Engine.Events;
using Aisle.Engine.Feedback;

namespace Aisle.Engine.Tests.Feedback;

public sealed class DriftAlertsTests
{
    private static readonly DateOnly Today = new(2026, 6, 30);

    [Theory]
    [InlineData(1000, false)]
    [InlineData(600, false)]
    [InlineData(400, true)]
    [InlineData(0, true)]
    [InlineData(2500, true)]
    public void Volume_FarFromTheSameWeekdays_IsToldOf(long yesterday, bool told)
    {
        var counts = Enumerable.Range(2, 28).Select(back => new DailyCount(Today.AddDays(-back), EventType.View, back % 7 == 1 ? 1000 : 100)).ToList();
        if (yesterday > 0) counts.Add(new DailyCount(Today.AddDays(-1), EventType.View, yesterday));
        counts.Add(new DailyCount(Today, EventType.View, 3));

        var alerts = DriftAlerts.Of(Today, counts, [], []);

        alerts.Count.ShouldBe(told ? 1 : 0);
        if (told) alerts[0].ShouldBe(new Alert(AlertKind.Volume, Today.AddDays(-1), "view", yesterday, 1000));
    }

    [Fact]
    public void Sentence_OfAVolume_NamesEveryKindOfEventInBothLanguages()
    {
        foreach (var kind in EventTypeNames.All)
        {
            var alert = new Alert(AlertKind.Volume, new DateOnly(2026, 5, 1), kind, 20, 1000);
            alert.Sentence("en").ShouldBe($"20 {kind} events, where about 1,000 are usual.");
            alert.Sentence("zh").ShouldNotContain(kind);
        }
    }

    [Fact]
    public void Volume_OfASmallShop_IsLeftToChance() =>
        DriftAlerts.Of(Today, [.. Enumerable.Range(2, 28).Select(back => new DailyCount(Today.AddDays(-back), EventType.Purchase, 5))], [], []).ShouldBeEmpty();

    [Fact]
    public void Gaps_ThatGrow_AreToldOf_AndOldOnesAreNot()
    {
        var quality = Enumerable.Range(1, 20)
            .Select(back => (Today.AddDays(-back), EventType.Purchase, new Gaps { Events = 500, WithoutUser = 200, WithoutPrice = back == 1 ? 250 : 5 })).ToList();

        var alert = DriftAlerts.Of(Today, [], quality, []).Single();

        alert.Subject.ShouldBe("purchase without a price");
        (alert.Value, alert.Usual).ShouldBe((0.5, 0.01));
        alert.Sentence("en").ShouldBe("purchase without a price: 50.0 % of the events, where 1.0 % is usual.");
    }

    [Theory]
    [InlineData(100, false)]
    [InlineData(90, false)]
    [InlineData(30, true)]
    [InlineData(200, true)]
    public void ClickThrough_OutsideItsRange_IsToldOf(long clicks, bool told)
    {
        var rows = Enumerable.Range(1, 15).Select(back => new FeedbackRow(Today.AddDays(-back), "home", 1, new FeedbackCounts(2000, back == 1 ? clicks : 100, 0, 0, 0))).ToList();

        DriftAlerts.Of(Today, [], [], rows).Any(alert => alert is { Kind: AlertKind.ClickThrough, Subject: "home" }).ShouldBe(told);
    }
}
