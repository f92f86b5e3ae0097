using System.Text.Json;
using Aisle.Learning.Exploration;

namespace Aisle.Engine.ChoicePoints;

/// <summary>Who decides at a choice point.</summary>
public enum ChoiceMode
{
    /// <summary>The policy, which learns from every reward.</summary>
    Learning,

    /// <summary>The caller: its order is answered. The policy watches, learns, and counts how often it would have chosen the same.</summary>
    Apprentice,

    /// <summary>The caller: its order is answered. Decisions and rewards are logged, nothing is learned.</summary>
    Off,
}

/// <summary>When a decision is learned from.</summary>
public enum ChoiceSettling
{
    /// <summary>When its window closes, whatever came: what is rewarded is not learned before what is not.</summary>
    AtWindowEnd,

    /// <summary>As soon as every place has its reward, at the window's end otherwise: for callers that report every outcome, zero too.</summary>
    AtReward,
}

/// <summary>A place in the shop where one of several actions, or a list of them, is chosen. Immutable.</summary>
public sealed class ChoicePoint
{
    public required string Name { get; init; }

    public string? About { get; init; }

    public ChoiceMode Mode { get; init; } = ChoiceMode.Learning;

    /// <summary>Dimensions and feedback are those of the point.</summary>
    public required PolicyOptions Policy { get; init; }

    public required FeatureLayout Features { get; init; }

    /// <summary>After so long what was learned counts half; null for never.</summary>
    public TimeSpan? HalfLife { get; init; }

    public ChoiceSettling Settling { get; init; }

    /// <summary>How long rewards of a decision are taken.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What a place has earned that no reward came for.</summary>
    public double DefaultReward { get; init; }

    public int MostActions { get; init; } = 50;

    /// <summary>Settled decisions that are kept; older ones are dropped once they are learned.</summary>
    public int KeptDecisions { get; init; } = 1_000_000;

    public TimeSpan KeptAge { get; init; } = TimeSpan.FromDays(90);

    public bool IsCascade => this.Policy.Feedback == SlateFeedback.Cascade;

    /// <summary>Says all that what was learned depends on: where it is another, the policy learns the log anew.</summary>
    public string Fingerprint => field ??= JsonSerializer.Serialize(new { this.Policy, Layout = this.Features.Description, this.HalfLife, this.DefaultReward });

    /// <summary>The options of a policy over these features.</summary>
    public static PolicyOptions Fit(PolicyOptions options, FeatureLayout features) =>
        options with { Dimensions = options.Belief == Belief.Counts ? 0 : features.Width };
}
