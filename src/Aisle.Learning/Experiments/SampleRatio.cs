using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Experiments;

/// <summary>
/// Whether the variants have as many units as their shares say. Where they do not, units are lost or counted twice, and no other figure of
/// the experiment can be trusted.
/// </summary>
/// <param name="FixedProbability">Pearson's chi-square test, for one look.</param>
/// <param name="SequentialProbability">
/// Always valid, so that an alarm may watch it: one over the Bayes factor of shares drawn around the right ones (Lindon, Malek, NeurIPS 2022).
/// </param>
public readonly record struct SampleRatio(double FixedProbability, double SequentialProbability)
{
    /// <summary>Below this, an alarm is due: usual for sample ratios, because a real mismatch grows far below it soon.</summary>
    public const double AlarmLevel = 0.001;

    /// <summary>How strongly the drawn shares keep to the right ones, in units. Fixed, since a choice made after a look would not be valid.</summary>
    private const double Concentration = 1000;

    public bool IsMismatch => this.SequentialProbability <= AlarmLevel;

    /// <param name="counts">Units of each variant.</param>
    /// <param name="shares">Above 0; they need not add up to 1.</param>
    public static SampleRatio Of(IReadOnlyList<double> counts, IReadOnlyList<double> shares)
    {
        if (counts.Count != shares.Count || counts.Count < 2) throw new ArgumentException($"{counts.Count} counts and {shares.Count} shares were given; each of two variants or more needs one of both.");
        if (counts.Any(count => !(count >= 0 && double.IsFinite(count)))) throw new ArgumentException("A variant has a negative or infinite count of units; give counts of 0 or more.");
        if (shares.Any(share => !(share > 0 && double.IsFinite(share)))) throw new ArgumentException("A variant has no share; leave out variants that take no units.");
        var (units, sum) = (counts.Sum(), shares.Sum());
        if (units == 0) return new SampleRatio(1, 1);
        var (square, logFactor) = (0.0, Distributions.LogGamma(Concentration) - Distributions.LogGamma(Concentration + units));
        for (var v = 0; v < counts.Count; v++)
        {
            var share = shares[v] / sum;
            square += (counts[v] - (units * share)) * (counts[v] - (units * share)) / (units * share);
            logFactor += Distributions.LogGamma((Concentration * share) + counts[v]) - Distributions.LogGamma(Concentration * share) - (counts[v] * Math.Log(share));
        }

        return new SampleRatio(Distributions.ChiSquareTail(square, counts.Count - 1), Math.Min(1, Math.Exp(-logFactor)));
    }
}
