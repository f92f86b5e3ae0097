using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Experiments;

/// <summary>What a guardrail says of a variant.</summary>
public enum GuardrailVerdict
{
    /// <summary>Not known yet.</summary>
    Open,

    /// <summary>Surely not worse than the control by more than the margin.</summary>
    Safe,

    /// <summary>Surely worse than the control, and not known to be within the margin: stop it.</summary>
    Losing,
}

/// <summary>A treatment beside the control, among the other treatments.</summary>
/// <param name="Holm">The fixed probability, corrected so that one wrong finding among all treatments is as improbable as it says.</param>
/// <param name="SequentialHolm">The always valid probability, corrected likewise; it may be peeked at.</param>
/// <param name="FalseDiscovery">The fixed probability, corrected by Benjamini and Hochberg: the expected share of wrong findings.</param>
public sealed record TreatmentReport(Comparison Comparison, double Holm, double SequentialHolm, double FalseDiscovery);

/// <summary>One metric of all variants of an experiment.</summary>
/// <param name="Treatments">All variants but the first, which is the control.</param>
public sealed record ExperimentReport(IReadOnlyList<TreatmentReport> Treatments, SampleRatio SampleRatio)
{
    /// <param name="variants">The control first.</param>
    /// <param name="shares">Each variant's share of the units, as <see cref="Experiment.Shares"/>.</param>
    public static ExperimentReport Of(IReadOnlyList<MetricSums> variants, IReadOnlyList<double> shares, ComparisonOptions? options = null)
    {
        var ratio = SampleRatio.Of([.. variants.Select(sums => sums.Units)], shares);
        var comparisons = variants.Skip(1).Select(treatment => Comparison.Of(variants[0], treatment, options)).ToArray();
        double[] fixedOnes = [.. comparisons.Select(comparison => comparison.FixedProbability)];
        var holm = PairedTest.Holm(fixedOnes);
        var discovery = PairedTest.BenjaminiHochberg(fixedOnes);
        var sequential = PairedTest.Holm([.. comparisons.Select(comparison => comparison.SequentialProbability)]);
        return new ExperimentReport([.. comparisons.Select((comparison, i) => new TreatmentReport(comparison, holm[i], sequential[i], discovery[i]))], ratio);
    }

    /// <summary>Judges a metric of which more is better by its sequential interval, so that it may be asked at any time.</summary>
    /// <param name="margin">The relative loss that is tolerated, 0 to 1: 0.02 tolerates 2 % less than the control.</param>
    public static GuardrailVerdict Judge(Comparison comparison, double margin)
    {
        if (!(margin >= 0 && margin < 1)) throw new ArgumentException($"A guardrail tolerates a loss of {margin}; allowed are 0 to below 1.");
        return comparison.SequentialLift.Low > -margin ? GuardrailVerdict.Safe
            : comparison.SequentialLift.High < 0 ? GuardrailVerdict.Losing
            : GuardrailVerdict.Open;
    }
}
