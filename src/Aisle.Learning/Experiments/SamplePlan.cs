using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Experiments;

/// <summary>
/// What an experiment of some size can find: two variants, two-sided test, metric per unit. The sequential figures are those of a look at
/// the very end; looks before it can only find more.
/// </summary>
public sealed record SamplePlan
{
    /// <summary>Standard deviation of the metric among units. For a conversion of p it is √(p (1 − p)), see <see cref="DeviationOf"/>; for a ratio that of (y − R·d) / d̄.</summary>
    public required double Deviation { get; init; }

    /// <summary>Probability of a finding where there is no difference. 0.0001 to 0.5, default 0.05.</summary>
    public double Significance { get; init; } = 0.05;

    /// <summary>Probability of a finding where there is the difference. 0.5 to 0.9999, default 0.8.</summary>
    public double Power { get; init; } = 0.8;

    /// <summary>Share of all units that see the treatment; the others see the control. 0.001 to 0.999, default 0.5.</summary>
    public double TreatmentShare { get; init; } = 0.5;

    /// <summary>Share of the variance that a covariate takes away: the square of its correlation with the metric. 0 to 0.99, default 0.</summary>
    public double VarianceReduction { get; init; }

    /// <summary>Whether the sequential interval decides, planned for the number of units in question. Default: no, one look at the end.</summary>
    public bool Sequential { get; init; }

    /// <summary>Standard deviation of a conversion.</summary>
    public static double DeviationOf(double conversion) =>
        conversion is >= 0 and <= 1 ? Math.Sqrt(conversion * (1 - conversion)) : throw new ArgumentException($"A conversion of {conversion} was given; allowed are 0 to 1.");

    /// <summary>How many units, of both variants together, are needed to find a difference.</summary>
    /// <param name="difference">In the metric's unit, not relative.</param>
    public double UnitsFor(double difference)
    {
        if (!(Math.Abs(difference) > 0)) throw new ArgumentException("No number of units finds a difference of 0; give the smallest one that matters.");
        var ratio = this.Needed() * this.UnitError() / Math.Abs(difference);
        return Math.Ceiling(ratio * ratio);
    }

    /// <summary>The difference that so many units, of both variants together, find with the wanted power.</summary>
    public double DetectableDifference(double units) => this.Needed() * this.UnitError() / Math.Sqrt(Positive(units));

    /// <summary>The probability of a finding among so many units of both variants together.</summary>
    public double PowerOf(double difference, double units)
    {
        this.Validate();
        var errors = Math.Abs(difference) * Math.Sqrt(Positive(units)) / this.UnitError();
        var point = this.Point();
        return Distributions.NormalBelow(errors - point) + Distributions.NormalBelow(-errors - point);
    }

    /// <summary>Standard errors that a difference must be large to be found with the wanted power.</summary>
    private double Needed()
    {
        this.Validate();
        return this.Point() + Distributions.NormalPoint(2 * (1 - this.Power));
    }

    private double Point() => this.Sequential ? SequentialBoundary.For(this.Significance, 1, 1).Point : Distributions.NormalPoint(this.Significance);

    /// <summary>Standard error of the difference times the root of the number of units.</summary>
    private double UnitError() => this.Deviation * Math.Sqrt((1 - this.VarianceReduction) * ((1 / this.TreatmentShare) + (1 / (1 - this.TreatmentShare))));

    private void Validate()
    {
        const string plan = "sample plan";
        Models.OptionRange.Check(plan, this.Deviation, 1e-300, 1e300);
        Models.OptionRange.Check(plan, this.Significance, 0.0001, 0.5);
        Models.OptionRange.Check(plan, this.Power, 0.5, 0.9999);
        Models.OptionRange.Check(plan, this.TreatmentShare, 0.001, 0.999);
        Models.OptionRange.Check(plan, this.VarianceReduction, 0, 0.99);
    }

    private static double Positive(double units) => units > 0 ? units : throw new ArgumentException($"{units} units find nothing; give a number above 0.");
}
