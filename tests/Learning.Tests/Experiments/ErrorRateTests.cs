using Aisle.Learning.Experiments;

namespace Aisle.Learning.Tests.Experiments;

/// <summary>How often experiments find what is not there, and what is: with more runs in docs/benchmarks.md.</summary>
public sealed class ErrorRateTests
{
    [Theory]
    [InlineData("conversion")]
    [InlineData("revenue")]
    [InlineData("clicks per impression")]
    public void Fixed_NoDifference_IsFoundInFivePercent(string metric)
    {
        const int runs = 2000;
        var found = 0;
        for (var run = 0; run < runs; run++)
        {
            var draws = new Draws(1, run);
            var sums = new MetricSums[2];
            for (var unit = 0; unit < 2000; unit++) sums[unit & 1] += Unit(metric, draws);
            found += Comparison.Of(sums[0], sums[1]).FixedProbability < 0.05 ? 1 : 0;
        }

        ((double)found / runs).ShouldBe(0.05, 0.015);
    }

    [Theory]
    [InlineData("conversion")]
    [InlineData("revenue")]
    public void Sequential_NoDifferenceAndALookAtEveryHundredUnits_IsFoundInFivePercentAtMost(string metric)
    {
        const int runs = 200;
        var (peeked, peekedAtFixed) = (0, 0);
        for (var run = 0; run < runs; run++)
        {
            var draws = new Draws(2, run);
            var sums = new MetricSums[2];
            var (sequential, once) = (false, false);
            for (var unit = 1; unit <= 10_000; unit++)
            {
                sums[unit & 1] += Unit(metric, draws);
                if (unit % 100 > 0) continue;
                var comparison = Comparison.Of(sums[0], sums[1], new ComparisonOptions { PlannedUnits = 10_000 });
                sequential |= comparison.SequentialProbability <= 0.05;
                once |= comparison.FixedProbability <= 0.05;
            }

            peeked += sequential ? 1 : 0;
            peekedAtFixed += once ? 1 : 0;
        }

        // 5 % and two standard errors of 200 runs; the test for one look, peeked at, is what this is for.
        ((double)peeked / runs).ShouldBeLessThan(0.08);
        ((double)peekedAtFixed / runs).ShouldBeGreaterThan(0.25);
    }

    [Fact]
    public void Fixed_PlannedDifference_IsFoundWithThePlannedPower()
    {
        const int runs = 500;
        var plan = new SamplePlan { Deviation = SamplePlan.DeviationOf(0.22) };
        var units = (int)plan.UnitsFor(0.04);
        var found = 0;
        for (var run = 0; run < runs; run++)
        {
            var draws = new Draws(5, run);
            var sums = new MetricSums[2];
            for (var unit = 0; unit < units; unit++) sums[unit & 1] += MetricSums.Of(draws.Uniform() < ((unit & 1) == 0 ? 0.2 : 0.24) ? 1 : 0);
            found += Comparison.Of(sums[0], sums[1]).FixedProbability < 0.05 ? 1 : 0;
        }

        ((double)found / runs).ShouldBe(0.8, 0.05);
    }

    private static MetricSums Unit(string metric, Draws draws)
    {
        if (metric == "conversion") return MetricSums.Of(draws.Uniform() < 0.05 ? 1 : 0);
        if (metric == "revenue") return MetricSums.Of(draws.Revenue());

        // Shoppers have their own rate, so that impressions of one shopper are not independent.
        var (impressions, rate, clicks) = (1 + draws.Below(20), 0.2 * draws.Uniform(), 0);
        for (var i = 0; i < impressions; i++) clicks += draws.Uniform() < rate ? 1 : 0;
        return MetricSums.Of(clicks, impressions);
    }
}
