using System.Text.Json.Serialization;
using Aisle.Learning.Models;

namespace Aisle.Learning.Exploration;

/// <summary>
/// What was chosen once and how it went: a place for each action of the slate, one for a single choice. Slates may differ in length.
/// </summary>
public sealed record LoggedDecision
{
    /// <summary>Whose decision it was. Decisions of one unit (a shopper) depend on each other; intervals keep them together.</summary>
    public required long Unit { get; init; }

    /// <summary>For each place the probability with which what is there was put there, given what stands above: above 0, at most 1.</summary>
    public required double[] Logged { get; init; }

    /// <summary>For each place the probability with which the policy to be judged puts the same there: 0 to 1 (see <see cref="Policy.Propensities"/>).</summary>
    public required double[] Target { get; init; }

    /// <summary>What each place earned.</summary>
    public required double[] Rewards { get; init; }

    /// <summary>For doubly robust estimates: for each place the reward that some model, not fitted on this decision, expects of what was put there.</summary>
    public double[]? Predicted { get; init; }

    /// <summary>Likewise: for each place Σ over actions of the judged policy's probability, given what stands above, times the model's expectation.</summary>
    public double[]? TargetPredicted { get; init; }
}

/// <summary>What the reward of a slate's place depends on.</summary>
public enum SlateAssumption
{
    /// <summary>On what stands there and above, not below: for shoppers who look from the top down (McInerney et al., KDD 2020; Kiyohara et al., WSDM 2022).</summary>
    [JsonStringEnumMemberName("cascade")]
    Cascade,

    /// <summary>On the whole slate. Assumes nothing, and has the largest variance.</summary>
    [JsonStringEnumMemberName("whole")]
    Whole,
}

/// <summary>How <see cref="OffPolicy"/> finds its intervals; both keep a unit's decisions together.</summary>
public enum OffPolicyInterval
{
    /// <summary>Student's t of the units' influence on the estimate.</summary>
    [JsonStringEnumMemberName("asymptotic")]
    Asymptotic,

    /// <summary>Percentiles over resamples of units.</summary>
    [JsonStringEnumMemberName("bootstrap")]
    Bootstrap,
}

/// <summary>Options of <see cref="OffPolicy"/>.</summary>
public sealed record OffPolicyOptions
{
    public SlateAssumption Slates { get; init; } = SlateAssumption.Cascade;

    public OffPolicyInterval Intervals { get; init; } = OffPolicyInterval.Asymptotic;

    /// <summary>How sure intervals are. 0.5 to 0.9999, default 0.95.</summary>
    public double Level { get; init; } = 0.95;

    /// <summary>Weights above this are cut to it: less variance for a bias that the report bounds. 1 to 1e12, default 1e12: none.</summary>
    public double Clip { get; init; } = 1e12;

    /// <summary>The effective size below which no figure is given. 2 to 1e9, default 50.</summary>
    public double LeastEffectiveSize { get; init; } = 50;

    /// <summary>Resamples of the bootstrap. 100 to 100,000, default 1,000.</summary>
    public int Resamples { get; init; } = 1000;

    /// <summary>Seed of the bootstrap. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        const string owner = "off-policy evaluation";
        if (!Enum.IsDefined(this.Slates)) throw new ArgumentException($"{owner}: slates is {this.Slates}; allowed are cascade and whole.");
        if (!Enum.IsDefined(this.Intervals)) throw new ArgumentException($"{owner}: intervals is {this.Intervals}; allowed are asymptotic and bootstrap.");
        OptionRange.Check(owner, this.Level, 0.5, 0.9999);
        OptionRange.Check(owner, this.Clip, 1, 1e12);
        OptionRange.Check(owner, this.LeastEffectiveSize, 2, 1e9);
        OptionRange.Check(owner, this.Resamples, 100, 100_000);
    }
}
