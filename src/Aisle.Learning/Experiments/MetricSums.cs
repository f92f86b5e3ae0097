namespace Aisle.Learning.Experiments;

/// <summary>
/// All that the analysis needs of one metric in one variant: counts and sums over units of a value y, a denominator d and a covariate x from
/// before the experiment. Sums of disjoint sets of units are added.
/// </summary>
/// <remarks>
/// A mean (revenue per visitor, or conversion with y of 0 and 1) has d = 1 for every unit; a ratio (clicks per impression) has a unit's clicks
/// as y and its impressions as d. A unit goes in once, with its totals: sums of segments, or of days of first exposure, may be added because
/// every unit stands in one of them; sums of days of activity may not, because a unit that comes back would count as two.
/// </remarks>
public readonly record struct MetricSums
{
    /// <summary>How many units.</summary>
    public double Units { get; init; }

    /// <summary>Σy.</summary>
    public double Values { get; init; }

    /// <summary>Σd.</summary>
    public double Denominators { get; init; }

    /// <summary>Σx.</summary>
    public double Covariates { get; init; }

    /// <summary>Σy².</summary>
    public double SquaredValues { get; init; }

    /// <summary>Σd².</summary>
    public double SquaredDenominators { get; init; }

    /// <summary>Σx².</summary>
    public double SquaredCovariates { get; init; }

    /// <summary>Σyd.</summary>
    public double ValuesByDenominators { get; init; }

    /// <summary>Σyx.</summary>
    public double ValuesByCovariates { get; init; }

    /// <summary>Σdx.</summary>
    public double DenominatorsByCovariates { get; init; }

    /// <summary>The sums of one unit.</summary>
    public static MetricSums Of(double value, double denominator = 1, double covariate = 0)
    {
        if (!double.IsFinite(value) || !double.IsFinite(denominator) || !double.IsFinite(covariate))
            throw new ArgumentException($"A unit has value {value}, denominator {denominator} and covariate {covariate}; only finite numbers can be added.");
        return new MetricSums
        {
            Units = 1,
            Values = value,
            Denominators = denominator,
            Covariates = covariate,
            SquaredValues = value * value,
            SquaredDenominators = denominator * denominator,
            SquaredCovariates = covariate * covariate,
            ValuesByDenominators = value * denominator,
            ValuesByCovariates = value * covariate,
            DenominatorsByCovariates = denominator * covariate,
        };
    }

    public static MetricSums operator +(MetricSums one, MetricSums other) => one.Add(other);

    /// <summary>The sums of both sets of units, which must not share any.</summary>
    public MetricSums Add(MetricSums other) => new()
    {
        Units = this.Units + other.Units,
        Values = this.Values + other.Values,
        Denominators = this.Denominators + other.Denominators,
        Covariates = this.Covariates + other.Covariates,
        SquaredValues = this.SquaredValues + other.SquaredValues,
        SquaredDenominators = this.SquaredDenominators + other.SquaredDenominators,
        SquaredCovariates = this.SquaredCovariates + other.SquaredCovariates,
        ValuesByDenominators = this.ValuesByDenominators + other.ValuesByDenominators,
        ValuesByCovariates = this.ValuesByCovariates + other.ValuesByCovariates,
        DenominatorsByCovariates = this.DenominatorsByCovariates + other.DenominatorsByCovariates,
    };

    /// <summary>
    /// Where to cut heavy-tailed values (winsorising): the value below which a share of the sample lies. Take the sample from before the
    /// experiment, or from all variants together: a cut for each variant would differ by what is to be measured.
    /// </summary>
    /// <param name="share">0.5 to 1; 0.99 to 0.999 are usual for revenue.</param>
    public static double CutOf(ReadOnlySpan<double> sample, double share)
    {
        if (sample.IsEmpty) throw new ArgumentException("A cut cannot be found in an empty sample; give values from before the experiment.");
        if (!(share >= 0.5 && share <= 1)) throw new ArgumentException($"The share below the cut is {share}; allowed are 0.5 to 1.");
        var sorted = sample.ToArray();
        Array.Sort(sorted);
        return sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }

    /// <summary>Σy / Σd.</summary>
    internal double Ratio => this.Values / this.Denominators;

    /// <summary>The mean over units of x.</summary>
    internal double MeanCovariate => this.Covariates / this.Units;

    /// <summary>
    /// Σ over units of the squares and products about their means of z = y − ratio·d, the part of a unit's value that the ratio does not
    /// explain (delta method), and of x.
    /// </summary>
    internal (double Residual, double Covariate, double Both) Spread(double ratio)
    {
        var meanResidual = (this.Values - (ratio * this.Denominators)) / this.Units;
        var residual = this.SquaredValues - (2 * ratio * this.ValuesByDenominators) + (ratio * ratio * this.SquaredDenominators) - (this.Units * meanResidual * meanResidual);
        var covariate = this.SquaredCovariates - (this.Covariates * this.MeanCovariate);
        var both = this.ValuesByCovariates - (ratio * this.DenominatorsByCovariates) - (meanResidual * this.Covariates);

        // What rounding leaves of a constant is no spread.
        return (residual > 1e-12 * this.SquaredValues ? residual : 0, covariate > 1e-12 * this.SquaredCovariates ? covariate : 0, both);
    }
}
