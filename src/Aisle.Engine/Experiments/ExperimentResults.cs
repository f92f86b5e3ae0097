using Aisle.Learning.Experiments;

namespace Aisle.Engine.Experiments;

/// <summary>What an experiment says so far.</summary>
/// <param name="Units">Shoppers of each variant.</param>
/// <param name="Mixed">Shoppers of whom events name two variants; left out.</param>
/// <param name="Metrics">In the experiment's order; the first decides.</param>
/// <param name="Days">The deciding metric, from the first day up to each.</param>
/// <param name="Segments">The deciding metric for shoppers who were alike before the experiment; none where they were not asked for.</param>
public sealed record ExperimentResults(
    IReadOnlyList<long> Units,
    long Mixed,
    SampleRatio SampleRatio,
    IReadOnlyList<MetricResult> Metrics,
    IReadOnlyList<GuardrailResult> Guardrails,
    IReadOnlyList<DayResult> Days,
    IReadOnlyList<SegmentResult> Segments)
{
    /// <summary>Share of shoppers whose revenue counts in full.</summary>
    private const double RevenueShare = 0.999;

    /// <summary>The variant that a guardrail stops, with the guardrail; null for none.</summary>
    public GuardrailResult? Losing => this.Guardrails.FirstOrDefault(result => result.Verdict == GuardrailVerdict.Losing);

    /// <param name="segments">Null to leave segments out.</param>
    public static ExperimentResults Of(ShopExperiment experiment, ExperimentStatistics statistics, ExperimentSegments? segments)
    {
        var all = statistics.UnitsOf(experiment);
        var variants = experiment.Assignment.Variants.Count;
        var units = all.Where(unit => !unit.IsMixed && unit.Variant < variants).ToList();
        double[] revenues = [.. units.Select(unit => unit.Revenue)];
        var mostRevenue = revenues.Length > 0 ? MetricSums.CutOf(revenues, RevenueShare) : double.PositiveInfinity;
        var report = ReportOf(experiment, units, experiment.Metrics[0], mostRevenue);
        return new ExperimentResults(
            [.. Enumerable.Range(0, variants).Select(variant => (long)units.Count(unit => unit.Variant == variant))],
            all.Count - units.Count,
            report.SampleRatio,
            [.. experiment.Metrics.Select(metric => new MetricResult(metric.Name, ReportOf(experiment, units, metric, mostRevenue).Treatments))],
            [.. experiment.Guardrails.SelectMany(guardrail => Judge(experiment, guardrail, units, mostRevenue))],
            DaysOf(experiment, units, mostRevenue),
            [
                .. segments?.Of(experiment, units).Select(segment =>
                    new SegmentResult(segment.By, segment.Segment, segment.Units.Count, ReportOf(experiment, segment.Units, experiment.Metrics[0], mostRevenue).Treatments)) ?? [],
            ]);
    }

    private static ExperimentReport ReportOf(ShopExperiment experiment, IEnumerable<UnitTotals> units, MeasuredMetric metric, double mostRevenue)
    {
        var sums = new MetricSums[experiment.Assignment.Variants.Count];
        foreach (var unit in units) sums[unit.Variant] += unit.Of(metric, mostRevenue);
        return ExperimentReport.Of(sums, experiment.Assignment.Shares);
    }

    private static IEnumerable<GuardrailResult> Judge(ShopExperiment experiment, Guardrail guardrail, IReadOnlyList<UnitTotals> units, double mostRevenue) =>
        ReportOf(experiment, units, guardrail.Metric, mostRevenue).Treatments.Select((treatment, place) =>
            new GuardrailResult(guardrail.Metric.Name, place + 1, guardrail.Margin, ExperimentReport.Judge(treatment.Comparison, guardrail.Margin)));

    private static List<DayResult> DaysOf(ShopExperiment experiment, IReadOnlyList<UnitTotals> units, double mostRevenue)
    {
        var days = new List<DayResult>();
        var sums = new MetricSums[experiment.Assignment.Variants.Count];
        foreach (var day in units.GroupBy(unit => DateOnly.FromDateTime(unit.FirstSeen.UtcDateTime)).OrderBy(group => group.Key))
        {
            foreach (var unit in day) sums[unit.Variant] += unit.Of(experiment.Metrics[0], mostRevenue);
            days.Add(new DayResult(day.Key, ExperimentReport.Of(sums, experiment.Assignment.Shares).Treatments));
        }

        return days;
    }
}

/// <param name="Treatments">Every variant but the control beside it.</param>
public sealed record MetricResult(string Metric, IReadOnlyList<TreatmentReport> Treatments);

/// <param name="Variant">Number of the variant.</param>
public sealed record GuardrailResult(string Metric, int Variant, double Margin, GuardrailVerdict Verdict);

/// <param name="Day">Shoppers who were first seen up to this day.</param>
public sealed record DayResult(DateOnly Day, IReadOnlyList<TreatmentReport> Treatments);

/// <param name="By"><c>orders</c>, <c>value</c>, or a shopper's attribute.</param>
/// <param name="Segment"><c>new</c> or <c>returning</c>; <c>low</c>, <c>middle</c> or <c>high</c>; or the attribute's value, <c>*</c> for all rarer ones, empty where it is not known.</param>
/// <param name="Shoppers">Of all variants.</param>
public sealed record SegmentResult(string By, string Segment, int Shoppers, IReadOnlyList<TreatmentReport> Treatments);
