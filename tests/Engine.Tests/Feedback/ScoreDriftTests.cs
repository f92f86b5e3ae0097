using Aisle.Engine.Feedback;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Training;

namespace Aisle.Engine.Tests.Feedback;

public sealed class ScoreDriftTests
{
    private static readonly DateOnly Today = new(2026, 6, 30);
    private static readonly ScoreOrigin Origin = new("home", 4, null, null);

    [Theory]
    [InlineData(1, 0.3, false)]
    [InlineData(1.1, 0.3, false)]
    [InlineData(1.6, 0.3, true)]
    [InlineData(0.5, 0.3, true)]
    [InlineData(1, 0.05, true)]
    public void Scores_ThatShiftOrNarrow_AreToldOf(double factor, double spread, bool told)
    {
        var random = new Random(3);
        var days = Enumerable.Range(2, 10).Select(back => new ScoreDay(Today.AddDays(-back), Origin, Lists(random, 300, 1, 0.3)))
            .Append(new ScoreDay(Today.AddDays(-1), Origin, Lists(random, 300, factor, spread))).ToList();

        var alerts = ScoreDrift.Of(Today, days).ToList();

        alerts.Count.ShouldBe(told ? 1 : 0);
        if (!told) return;
        alerts[0].Kind.ShouldBe(AlertKind.Scores);
        alerts[0].Subject.ShouldBe("home (model 4)");
        alerts[0].Value.ShouldBeGreaterThan(alerts[0].Usual);
        alerts[0].Sentence("en").ShouldStartWith("The scores of home (model 4) are spread otherwise than before");
        alerts[0].Sentence("zh").ShouldContain("群体稳定性指数");
    }

    [Fact]
    public void Scores_OfAnotherVersion_OrOfFewLists_AreNotCompared()
    {
        var random = new Random(3);
        ScoreDay[] days =
        [
            new(Today.AddDays(-3), Origin, Lists(random, 1000, 1, 0.3)),
            new(Today.AddDays(-1), Origin with { Model = 5 }, Lists(random, 1000, 9, 0.3)),
            new(Today.AddDays(-1), Origin, Lists(random, 150, 9, 0.3)),
            new(Today, Origin, Lists(random, 1000, 9, 0.3)),
        ];

        ScoreDrift.Of(Today, days).ShouldBeEmpty();
    }

    [Fact]
    public void Scores_WithoutChange_AreToldOfHardlyEver()
    {
        var random = new Random(4);
        var told = 0;
        for (var turn = 0; turn < 200; turn++)
            told += ScoreDrift.Of(Today, [new(Today.AddDays(-2), Origin, Lists(random, 200, 1, 0.3)), new(Today.AddDays(-1), Origin, Lists(random, 200, 1, 0.3))]).Count();

        told.ShouldBe(0);
    }

    [Fact]
    public void Index_OfAHandComputedShift_IsTheSumOverBins()
    {
        var (now, before) = (new ScoreCounts(), new ScoreCounts());
        for (var list = 0; list < 100; list++)
        {
            before.Add([list < 50 ? 1 : 100]);
            now.Add([list < 80 ? 1 : 100]);
        }

        double P(double count) => (count + 0.5) / 101;
        var expected = (P(80) - P(50)) * Math.Log(P(80) / P(50)) + (P(20) - P(50)) * Math.Log(P(20) / P(50));
        ScoreDrift.IndexOf(now, before).ShouldBe(expected, 1e-12);
        ScoreDrift.IndexOf(before, before).ShouldBe(0, 1e-12);
    }

    [Fact]
    public void Buckets_RiseWithTheScore_AndTakeEverything()
    {
        double[] scores = [double.NegativeInfinity, -1e30, -5, -0.001, -1e-300, 0, 1e-300, 0.001, 0.0015, 1, 5, 1e30, double.PositiveInfinity];

        scores.Select(ScoreCounts.BucketOf).ShouldBeInOrder(SortDirection.Ascending);
        ScoreCounts.BucketOf(double.NaN).ShouldBe(ScoreCounts.WithoutScore);
        ScoreCounts.BucketOf(1.05).ShouldBe(ScoreCounts.BucketOf(1));
        ScoreCounts.BucketOf(1.2).ShouldBe(ScoreCounts.BucketOf(1) + 1);
    }

    [Fact]
    public async Task ServedLists_AreCounted_OutliveARestart_AndFallbacksThatGrowAreToldOf()
    {
        await using var shop = new SmallShop();
        await shop.FillAsync();
        await shop.Engine.Training.RunAsync(new TrainingOptions { Models = ["itemknn"], HalfLives = [null], Ensemble = false, Threads = 1 }, "test", null, CancellationToken.None);
        for (var day = 0; day < 3; day++)
        {
            for (var list = 0; list < 250; list++) Ask($"tea-lover-{list % 30}");
            shop.Time.Advance(TimeSpan.FromDays(1));
        }

        shop.Engine.Alerts().ShouldNotContain(alert => alert.Kind == AlertKind.Scores);
        await shop.ReopenAsync();
        shop.Engine.ServedScores.Days().Select(day => day.Counts.Lists).ShouldBe([250, 250, 250]);
        // Shoppers without a history: fallbacks fill their lists.
        for (var list = 0; list < 250; list++) Ask($"stranger-{list}");
        shop.Time.Advance(TimeSpan.FromDays(1));

        var alert = shop.Engine.Alerts().Single(alert => alert.Kind == AlertKind.Scores);
        alert.Subject.ShouldBe("recommended-for-you (model 1)");
        for (var list = 0; list < 5; list++) Ask("tea-lover-1");
        shop.Time.Advance(TimeSpan.FromDays(ServedScores.KeepDays));
        Ask("tea-lover-1");
        await shop.Engine.TendAsync(CancellationToken.None);
        shop.Engine.ServedScores.Days().Count.ShouldBe(1);

        void Ask(string user) => shop.Engine.Recommendations.Recommend(new RecommendationRequest { Scenario = Scenario.RecommendedForYou, User = new UserId(user), Count = 5 });
    }

    private static ScoreCounts Lists(Random random, int lists, double factor, double spread)
    {
        var counts = new ScoreCounts();
        for (var list = 0; list < lists; list++) counts.Add([.. Enumerable.Range(0, 5).Select(_ => factor * Math.Exp(spread * 3 * (random.NextDouble() + random.NextDouble() - 1)))]);
        return counts;
    }
}
