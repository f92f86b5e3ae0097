namespace Aisle.Learning.Experiments;

/// <summary>
/// How many standard errors an estimate may be away from the truth at any time, with probability 1 − α for all times together:
/// √(2 (k + 1)/k · ln(√(k + 1)/α)) with k = n·ρ² after n units, where ρ² makes it narrowest at the planned number.
/// </summary>
internal readonly struct SequentialBoundary
{
    private readonly double _k;

    private SequentialBoundary(double k, double level)
    {
        this._k = k;
        this.Point = Math.Sqrt(2 * (k + 1) / k * ((0.5 * Math.Log(k + 1)) - Math.Log(level)));
    }

    public double Point { get; }

    public static SequentialBoundary For(double level, double plannedUnits, double units)
    {
        var atPlan = (-2 * Math.Log(level)) + Math.Log(1 - (2 * Math.Log(level)));
        return new SequentialBoundary(atPlan * units / plannedUnits, level);
    }

    /// <summary>The α at which the boundary would just be reached.</summary>
    public double ProbabilityOf(double errors) =>
        double.IsInfinity(errors) ? 0 : Math.Min(1, Math.Exp((0.5 * Math.Log(this._k + 1)) - (errors * errors * this._k / (2 * (this._k + 1)))));
}
