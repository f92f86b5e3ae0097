using Aisle.Learning.Experiments;

namespace Aisle.Engine.Simulation;

/// <param name="Value">Σ over shoppers of what is measured / Σ of what it is measured by.</param>
/// <param name="Interval">95 %, shoppers as units, delta method.</param>
/// <param name="Lift">Against the baseline arm; null in the baseline itself.</param>
public sealed record SimulatedMetric(string Name, double Value, Interval Interval, Comparison? Lift);

public sealed record SimulatedArm(
    string Name, int Shoppers, long Sessions, long Lists, long Impressions, long Clicks, long Views, long Carts, long Purchases, double Revenue, IReadOnlyList<SimulatedMetric> Metrics);

/// <param name="Baseline">The arm that lifts are against.</param>
public sealed record SimulationReport(
    int Seed, int Days, string Baseline, IReadOnlyList<SimulatedArm> Arms, double Seconds)
{
    private sealed record Measure(string Name, Func<ArmCounts, double> Value, Func<ArmCounts, double> By, bool HasCovariate);

    private static readonly Measure[] Measures =
    [
        new("purchases_per_session", counts => counts.Purchases, counts => counts.Sessions, true),
        new("revenue_per_session", counts => counts.Revenue, counts => counts.Sessions, true),
        new("conversion", counts => counts.SessionsWithPurchase, counts => counts.Sessions, true),
        new("list_purchases_per_session", counts => counts.ListPurchases, counts => counts.Sessions, false),
        new("click_through", counts => counts.Clicks, counts => counts.Impressions, false),
        new("true_attraction", counts => counts.TrueAttraction, counts => counts.Impressions, false),
        new("true_clicks_per_list", counts => counts.ExpectedClicks, counts => counts.Lists, false),
        new("true_list_purchases_per_session", counts => counts.ExpectedPurchases, counts => counts.Sessions, false),
    ];

    /// <param name="shoppers">For each arm its shoppers: what they did, and what the same draws lead to without any lists.</param>
    internal static SimulationReport Of(SimulationOptions options, IReadOnlyList<IReadOnlyList<(ArmCounts Lists, ArmCounts None)>> shoppers, double seconds)
    {
        var baseline = Math.Max(0, options.Arms.ToList().IndexOf(SimulationOptions.BaselineArm));
        var sums = shoppers.Select(arm => Measures.Select(measure => Sum(arm, measure)).ToArray()).ToArray();
        var arms = options.Arms.Select((name, arm) => ArmOf(name, shoppers[arm], [.. Measures.Select((measure, m) =>
            Metric(measure.Name, sums[arm][m], arm == baseline ? null : sums[baseline][m]))]));
        return new SimulationReport(options.Seed, options.Days, options.Arms[baseline], [.. arms], seconds);
    }

    private static MetricSums Sum(IReadOnlyList<(ArmCounts Lists, ArmCounts None)> shoppers, Measure measure)
    {
        // What a shopper does without lists does not depend on the arm, and tells much of what they do with them: CUPED's covariate.
        var sums = default(MetricSums);
        foreach (var (lists, none) in shoppers) sums += MetricSums.Of(measure.Value(lists), measure.By(lists), measure.HasCovariate ? measure.Value(none) : 0);
        return sums;
    }

    private static SimulatedMetric Metric(string name, MetricSums sums, MetricSums? baseline)
    {
        var ratio = sums.Denominators > 0 ? sums.Values / sums.Denominators : 0;
        var residual = sums.SquaredValues - (2 * ratio * sums.ValuesByDenominators) + (ratio * ratio * sums.SquaredDenominators);
        var error = sums.Denominators > 0 && sums.Units > 1 ? Math.Sqrt(Math.Max(0, residual) * sums.Units / (sums.Units - 1)) / sums.Denominators : 0;
        var lift = baseline is { Denominators: > 0 } control && sums.Denominators > 0 ? Comparison.Of(control, sums) : null;
        return new SimulatedMetric(name, ratio, new Interval(ratio - (1.96 * error), ratio + (1.96 * error)), lift);
    }

    private static SimulatedArm ArmOf(string name, IReadOnlyList<(ArmCounts Lists, ArmCounts None)> shoppers, IReadOnlyList<SimulatedMetric> metrics)
    {
        long Sum(Func<ArmCounts, long> of) => shoppers.Sum(shopper => of(shopper.Lists));
        return new SimulatedArm(
            name, shoppers.Count, Sum(counts => counts.Sessions), Sum(counts => counts.Lists), Sum(counts => counts.Impressions), Sum(counts => counts.Clicks),
            Sum(counts => counts.Views), Sum(counts => counts.Carts), Sum(counts => counts.Purchases), shoppers.Sum(shopper => shopper.Lists.Revenue), metrics);
    }
}
