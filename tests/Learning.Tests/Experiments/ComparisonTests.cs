using Aisle.Learning.Evaluation;
using Aisle.Learning.Experiments;

namespace Aisle.Learning.Tests.Experiments;

public sealed class ComparisonTests
{
    [Fact]
    public void Of_Means_EqualsWelchByHand()
    {
        // Means 2 and 4, variances 1 and 4 of three units each: error √(1/3 + 4/3), freedom (5/3)² / ((1/9 + 16/9) / 2).
        var found = Comparison.Of(Sums(1, 2, 3), Sums(2, 4, 6));
        found.Difference.ShouldBe(2, 1e-12);
        found.Error.ShouldBe(Math.Sqrt(5.0 / 3), 1e-12);
        var freedom = 25.0 / 9 / (17.0 / 9 / 2);
        found.FixedProbability.ShouldBe(Distributions.StudentBothTails(2 / Math.Sqrt(5.0 / 3), freedom), 1e-12);
        Distributions.StudentBothTails(found.Fixed.High - 2 is var half ? half / found.Error : 0, freedom).ShouldBe(0.05, 1e-9);
        found.Lift.ShouldBe(1, 1e-12);

        // Fieller at a lift L solves (T − ρC)² = t²(v_T + ρ²v_C), ρ = 1 + L.
        var t = (found.Fixed.High - 2) / found.Error;
        foreach (var ratio in new[] { 1 + found.FixedLift.Low, 1 + found.FixedLift.High })
            Math.Pow(4 - (ratio * 2), 2).ShouldBe(t * t * ((4.0 / 3) + (ratio * ratio / 3)), 1e-6);
    }

    [Fact]
    public void Of_Ratio_EqualsTheDeltaMethodByHand()
    {
        // Clicks 1, 0, 3 of impressions 2, 4, 6: R = 1/3; residuals y − R·d: 1/3, −4/3, 1; s² = (1 + 16 + 9)/9/2 = 13/9; error² = s² / (3 · 4²).
        var sums = MetricSums.Of(1, 2) + MetricSums.Of(0, 4) + MetricSums.Of(3, 6);
        var found = Comparison.Of(sums, sums);
        found.Control.ShouldBe(1.0 / 3, 1e-12);
        found.Error.ShouldBe(Math.Sqrt(2 * 13.0 / 9 / 48), 1e-12);
        found.FixedProbability.ShouldBe(1, 1e-9);
    }

    [Fact]
    public void Of_CovariateThatTellsAll_TakesTheVarianceAway()
    {
        // y = 3 + 2x exactly in both variants, and the treatment adds 1: CUPED finds it with no error but rounding.
        var control = Sums([5, 7, 9, 11], [1, 2, 3, 4]);
        var treatment = Sums([10, 12, 14, 8], [3, 4, 5, 2]);
        var found = Comparison.Of(control, treatment);
        found.Difference.ShouldBe(1, 1e-9);
        found.VarianceReduction.ShouldBe(1, 1e-9);
        Comparison.Of(control, treatment, new ComparisonOptions { UseCovariate = false }).Difference.ShouldBe(3, 1e-9);
    }

    [Fact]
    public void Of_CorrelatedCovariate_TakesAwayTheSquareOfTheCorrelation()
    {
        var (control, treatment) = (default(MetricSums), default(MetricSums));
        var draws = new Draws(4);
        for (var unit = 0; unit < 20_000; unit++)
        {
            var before = draws.Normal();
            var during = (0.8 * before) + (0.6 * draws.Normal());
            if (unit % 2 == 0) control += MetricSums.Of(during, covariate: before);
            else treatment += MetricSums.Of(during + 0.03, covariate: before);
        }

        var found = Comparison.Of(control, treatment);
        found.VarianceReduction.ShouldBe(0.64, 0.02);
        found.FixedProbability.ShouldBeLessThan(0.05);
        Comparison.Of(control, treatment, new ComparisonOptions { UseCovariate = false }).Error.ShouldBe(found.Error / 0.6, found.Error * 0.05);
    }

    [Fact]
    public void Add_SegmentsInAnyOrder_GivesTheSumsOfTheWhole()
    {
        var parts = Enumerable.Range(0, 9).Select(i => MetricSums.Of(i * i, i + 1, i)).ToArray();
        var whole = parts.Aggregate((one, other) => one + other);
        var byThree = (parts[0] + parts[3] + parts[6]) + (parts[1] + parts[4] + parts[7]) + (parts[2] + parts[5] + parts[8]);
        byThree.ShouldBe(whole);
        whole.Units.ShouldBe(9);
        Should.Throw<ArgumentException>(() => MetricSums.Of(double.NaN)).Message.ShouldContain("finite");
    }

    [Fact]
    public void Of_NextToNothing_KnowsNothing()
    {
        foreach (var found in new[] { Comparison.Of(default, default), Comparison.Of(Sums(1), Sums(2)), Comparison.Of(Sums(1, 2), default) })
        {
            found.Fixed.ShouldBe(Interval.Unknown);
            found.FixedProbability.ShouldBe(1);
            found.SequentialProbability.ShouldBe(1);
        }

        var constant = Comparison.Of(Sums(0, 0, 0), Sums(0, 0, 0));
        constant.FixedProbability.ShouldBe(1);
        constant.FixedLift.ShouldBe(Interval.Unknown);
        double.IsNaN(constant.Lift).ShouldBeTrue();
        Should.Throw<ArgumentException>(() => Comparison.Of(default, default, new ComparisonOptions { Level = 1 })).Message.ShouldContain("level is 1");
    }

    [Fact]
    public void SequentialBoundary_AtItsPlan_IsTheClosedFormAndNearItsNarrowest()
    {
        // √(2(k+1)/k · ln(√(k+1)/α)) with k = −2 ln α + ln(1 − 2 ln α) for α = 0.05.
        var k = (-2 * Math.Log(0.05)) + Math.Log(1 - (2 * Math.Log(0.05)));
        var boundary = SequentialBoundary.For(0.05, 1000, 1000);
        boundary.Point.ShouldBe(Math.Sqrt(2 * (k + 1) / k * Math.Log(Math.Sqrt(k + 1) / 0.05)), 1e-12);
        boundary.ProbabilityOf(boundary.Point).ShouldBe(0.05, 1e-12);
        boundary.ProbabilityOf(0).ShouldBe(1);
        double Width(double planned) => SequentialBoundary.For(0.05, planned, 1000).Point;
        Width(1000).ShouldBeLessThan(Width(3000));
        Width(1000).ShouldBeLessThan(Width(300));
        Width(1000).ShouldBe(new[] { 800.0, 900, 1100, 1250 }.Min(Width), 0.005);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SamplePlan_BothWays_AgreesWithItself(bool sequential)
    {
        var plan = new SamplePlan { Deviation = SamplePlan.DeviationOf(0.05), TreatmentShare = 0.3, VarianceReduction = 0.2, Sequential = sequential };
        var units = plan.UnitsFor(0.005);
        plan.DetectableDifference(units).ShouldBe(0.005, 1e-6);
        plan.PowerOf(0.005, units).ShouldBe(0.8, 1e-4);
        plan.PowerOf(0, units).ShouldBe(sequential ? 0.0028 : 0.05, 0.001);
        Should.Throw<ArgumentException>(() => plan.UnitsFor(0)).Message.ShouldContain("smallest one that matters");
        Should.Throw<ArgumentException>(() => (plan with { Power = 1 }).UnitsFor(1)).Message.ShouldContain("power is 1");
    }

    /// <summary>The textbook's figure: (1.960 + 0.842)² · 2 · σ² / δ² a variant.</summary>
    [Fact]
    public void SamplePlan_EvenSplit_NeedsTheTextbooksUnits() =>
        new SamplePlan { Deviation = 1 }.UnitsFor(0.1).ShouldBe(2 * 2 * 7.8489 / 0.01, 2);

    [Fact]
    public void Judge_ThreeVariants_SaysWhichToStop()
    {
        var options = new ComparisonOptions { PlannedUnits = 20_000 };
        MetricSums Conversions(double rate) => Many(10_000, rate);
        GuardrailVerdict Verdict(double rate, double margin) => ExperimentReport.Judge(Comparison.Of(Conversions(0.2), Conversions(rate), options), margin);
        Verdict(0.15, 0.02).ShouldBe(GuardrailVerdict.Losing);
        Verdict(0.2, 0.02).ShouldBe(GuardrailVerdict.Open);
        Verdict(0.2, 0.2).ShouldBe(GuardrailVerdict.Safe);
        Verdict(0.25, 0).ShouldBe(GuardrailVerdict.Safe);
        ExperimentReport.Judge(Comparison.Of(default, default), 0.02).ShouldBe(GuardrailVerdict.Open);
    }

    [Fact]
    public void Report_ThreeTreatments_CorrectsForTheirNumber()
    {
        var report = ExperimentReport.Of([Many(10_000, 0.2), Many(10_000, 0.2), Many(10_000, 0.212), Many(10_000, 0.25)], [1, 1, 1, 1]);
        report.SampleRatio.FixedProbability.ShouldBe(1);
        report.Treatments.Count.ShouldBe(3);
        report.Treatments[1].Comparison.FixedProbability.ShouldBeLessThan(0.05);
        report.Treatments[1].Holm.ShouldBe(2 * report.Treatments[1].Comparison.FixedProbability, 1e-12);
        report.Treatments[1].FalseDiscovery.ShouldBe(1.5 * report.Treatments[1].Comparison.FixedProbability, 1e-12);
        report.Treatments[2].SequentialHolm.ShouldBeLessThan(0.001);
        report.Treatments[0].SequentialHolm.ShouldBe(1);
    }

    [Fact]
    public void CutOf_TailOfRevenue_IsTheQuantile()
    {
        double[] sample = [.. Enumerable.Range(1, 1000).Select(i => (double)i)];
        MetricSums.CutOf(sample, 0.99).ShouldBe(990);
        MetricSums.CutOf(sample, 1).ShouldBe(1000);
        Should.Throw<ArgumentException>(() => MetricSums.CutOf([], 0.99)).Message.ShouldContain("empty");
    }

    private static MetricSums Sums(params double[] values) => values.Aggregate(default(MetricSums), (sums, value) => sums + MetricSums.Of(value));

    private static MetricSums Sums(double[] values, double[] covariates) =>
        values.Zip(covariates).Aggregate(default(MetricSums), (sums, unit) => sums + MetricSums.Of(unit.First, covariate: unit.Second));

    private static MetricSums Many(int units, double rate) => new()
    {
        Units = units,
        Values = units * rate,
        SquaredValues = units * rate,
        Denominators = units,
        SquaredDenominators = units,
        ValuesByDenominators = units * rate,
    };
}
