using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;

namespace Aisle.Learning.Experiments;

/// <summary>Ends are infinite where nothing is known yet.</summary>
public readonly record struct Interval(double Low, double High)
{
    public static readonly Interval Unknown = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>The part that both hold: of sequential intervals of one comparison over time, the part that all hold is one too.</summary>
    public Interval Intersect(Interval other) => new(Math.Max(this.Low, other.Low), Math.Min(this.High, other.High));

    public bool Holds(double value) => value >= this.Low && value <= this.High;
}

/// <summary>Options of <see cref="Comparison"/>.</summary>
public sealed record ComparisonOptions
{
    /// <summary>How sure intervals are. 0.5 to 0.9999, default 0.95.</summary>
    public double Level { get; init; } = 0.95;

    /// <summary>Whether the covariate, where the sums hold one, is used to reduce the variance (CUPED). Default: yes.</summary>
    public bool UseCovariate { get; init; } = true;

    /// <summary>Units of both variants together at which the sequential interval is narrowest beside the fixed one. Any number is valid. 10 to 1e12, default 20,000.</summary>
    public double PlannedUnits { get; init; } = 20_000;

    /// <summary>
    /// Units that each variant has before the sequential interval says anything: it rests on the central limit theorem, which heavy tails
    /// make wait. 2 to 1e9, default 500.
    /// </summary>
    public double LeastUnits { get; init; } = 500;

    internal void Validate()
    {
        OptionRange.Check("comparison", this.Level, 0.5, 0.9999);
        OptionRange.Check("comparison", this.PlannedUnits, 10, 1e12);
        OptionRange.Check("comparison", this.LeastUnits, 2, 1e9);
    }
}

/// <summary>
/// One metric of a variant beside the control's. Fixed intervals and probabilities are for one look, at a size chosen beforehand;
/// sequential ones stay right however often one looks and whenever one stops.
/// </summary>
/// <remarks>
/// Variance by the delta method where there is a denominator; covariates by CUPED (Deng, Xu, Kohavi, Walker, WSDM 2013); fixed by Welch's t;
/// sequential by asymptotic confidence sequences (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, Annals of Statistics 2024; the mixture of
/// Robbins as in Howard, Ramdas, McAuliffe, Sekhon, Annals of Statistics 2021); lifts by Fieller's intervals.
/// </remarks>
public sealed record Comparison
{
    /// <summary>The metric: Σy / Σd, adjusted by the covariate where there is one.</summary>
    public required double Control { get; init; }

    /// <inheritdoc cref="Control"/>
    public required double Treatment { get; init; }

    /// <summary>Treatment − control.</summary>
    public required double Difference { get; init; }

    /// <summary>Standard error of the difference.</summary>
    public required double Error { get; init; }

    /// <summary>Of the difference, for one look.</summary>
    public required Interval Fixed { get; init; }

    /// <summary>Two-sided probability of a difference at least as large where there is none, for one look.</summary>
    public required double FixedProbability { get; init; }

    /// <summary>Of the difference, at every look.</summary>
    public required Interval Sequential { get; init; }

    /// <summary>Always valid: where there is no difference, it ever falls to α or below in a share α of experiments at most.</summary>
    public required double SequentialProbability { get; init; }

    /// <summary>Treatment / control − 1; NaN where the control is not above 0.</summary>
    public required double Lift { get; init; }

    /// <summary>Of the lift, for one look. Unknown where the control may be 0.</summary>
    public required Interval FixedLift { get; init; }

    /// <summary>Of the lift, at every look.</summary>
    public required Interval SequentialLift { get; init; }

    /// <summary>The share of the difference's variance that the covariate took away: as much as a sample larger by 1 / (1 − share) would.</summary>
    public required double VarianceReduction { get; init; }

    /// <summary>Sums without units, or with one only, give unknown intervals and probabilities of 1.</summary>
    public static Comparison Of(MetricSums control, MetricSums treatment, ComparisonOptions? options = null)
    {
        options ??= new ComparisonOptions();
        options.Validate();
        var level = 1 - options.Level;
        var pair = Pair.Of(control, treatment, options.UseCovariate);
        var difference = pair.Treatment - pair.Control;
        if (!(Math.Min(control.Units, treatment.Units) >= 2) || !double.IsFinite(difference)) return Nothing(pair);

        var variance = pair.TreatmentVariance + pair.ControlVariance - (2 * pair.Covariance);
        var error = Math.Sqrt(variance);
        var freedom = variance > 0 ? variance * variance / ((pair.TreatmentVariance * pair.TreatmentVariance / (treatment.Units - 1)) + (pair.ControlVariance * pair.ControlVariance / (control.Units - 1))) : 1;
        var point = Distributions.StudentPoint(level, freedom);
        var ratio = error > 0 ? difference / error : difference == 0 ? 0 : double.PositiveInfinity;
        var ready = Math.Min(control.Units, treatment.Units) >= options.LeastUnits;
        var boundary = SequentialBoundary.For(level, options.PlannedUnits, control.Units + treatment.Units);
        return new Comparison
        {
            Control = pair.Control,
            Treatment = pair.Treatment,
            Difference = difference,
            Error = error,
            Fixed = new Interval(difference - (point * error), difference + (point * error)),
            FixedProbability = double.IsInfinity(ratio) ? 0 : Distributions.StudentBothTails(ratio, freedom),
            Sequential = ready ? new Interval(difference - (boundary.Point * error), difference + (boundary.Point * error)) : Interval.Unknown,
            SequentialProbability = ready ? boundary.ProbabilityOf(ratio) : 1,
            Lift = pair.Lift,
            FixedLift = pair.LiftWithin(point),
            SequentialLift = ready ? pair.LiftWithin(boundary.Point) : Interval.Unknown,
            VarianceReduction = pair.VarianceReduction,
        };
    }

    private static Comparison Nothing(Pair pair) => new()
    {
        Control = pair.Control,
        Treatment = pair.Treatment,
        Difference = pair.Treatment - pair.Control,
        Error = double.PositiveInfinity,
        Fixed = Interval.Unknown,
        FixedProbability = 1,
        Sequential = Interval.Unknown,
        SequentialProbability = 1,
        Lift = pair.Lift,
        FixedLift = Interval.Unknown,
        SequentialLift = Interval.Unknown,
        VarianceReduction = 0,
    };

    /// <summary>Adjusted metrics with the variances of their errors; those of the two covary, because both are adjusted to one mean of the covariate.</summary>
    private readonly record struct Pair(double Control, double Treatment, double ControlVariance, double TreatmentVariance, double Covariance, double VarianceReduction)
    {
        public double Lift => this.Control > 0 ? (this.Treatment / this.Control) - 1 : double.NaN;

        public static Pair Of(MetricSums control, MetricSums treatment, bool useCovariate)
        {
            var c = control.Spread(control.Ratio);
            var t = treatment.Spread(treatment.Ratio);
            var units = control.Units + treatment.Units;
            var spread = c.Covariate + t.Covariate;
            var slope = useCovariate && spread > 0 && units > 2 ? (c.Both + t.Both) / spread : 0;
            var mean = (control.Covariates + treatment.Covariates) / units;
            var shared = slope == 0 ? 0 : slope * slope * spread / ((units - 2) * units);
            var (controlRaw, controlVariance) = Variances(control, c, slope);
            var (treatmentRaw, treatmentVariance) = Variances(treatment, t, slope);
            var perControl = control.Denominators / control.Units;
            var perTreatment = treatment.Denominators / treatment.Units;
            return new Pair(
                control.Ratio - (slope == 0 ? 0 : slope * (control.MeanCovariate - mean) / perControl),
                treatment.Ratio - (slope == 0 ? 0 : slope * (treatment.MeanCovariate - mean) / perTreatment),
                controlVariance + (shared / (perControl * perControl)),
                treatmentVariance + (shared / (perTreatment * perTreatment)),
                shared / (perControl * perTreatment),
                controlRaw + treatmentRaw > 0 ? 1 - ((controlVariance + treatmentVariance) / (controlRaw + treatmentRaw)) : 0);
        }

        /// <summary>
        /// Fieller: all ρ with (T − ρC)² ≤ point² · var(T − ρC), a quadratic inequality, less 1. It is unbounded where C is not surely above 0.
        /// </summary>
        public Interval LiftWithin(double point)
        {
            var square = point * point;
            var a = (this.Control * this.Control) - (square * this.ControlVariance);
            if (!(this.Control > 0 && a > 0)) return Interval.Unknown;
            var b = (this.Control * this.Treatment) - (square * this.Covariance);
            var c = (this.Treatment * this.Treatment) - (square * this.TreatmentVariance);
            var root = Math.Sqrt(Math.Max(0, (b * b) - (a * c)));
            return new Interval(((b - root) / a) - 1, ((b + root) / a) - 1);
        }

        private static (double Raw, double Adjusted) Variances(MetricSums sums, (double Residual, double Covariate, double Both) spread, double slope)
        {
            // s² / (n d̄²), where d̄ = Σd / n.
            var scale = sums.Units / ((sums.Units - 1) * sums.Denominators * sums.Denominators);
            return (spread.Residual * scale, Math.Max(0, spread.Residual - (2 * slope * spread.Both) + (slope * slope * spread.Covariate)) * scale);
        }
    }
}
