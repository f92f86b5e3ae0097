using System.Text.Json.Serialization;
using Aisle.Learning.Models;

namespace Aisle.Learning.Exploration;

/// <summary>What a <see cref="Policy"/> believes about an action's reward.</summary>
public enum Belief
{
    /// <summary>Each action has a rate of its own, without features: Beta-Bernoulli. Rewards are 0 to 1.</summary>
    [JsonStringEnumMemberName("counts")]
    Counts,

    /// <summary>Each action has a linear model of its own over the features (the disjoint model of LinUCB). Rewards are any numbers.</summary>
    [JsonStringEnumMemberName("linear")]
    Linear,

    /// <summary>One linear model for all actions, whose features say what they are: knows something of new actions at once.</summary>
    [JsonStringEnumMemberName("shared-linear")]
    SharedLinear,
}

/// <summary>How a <see cref="Policy"/> chooses by what it believes.</summary>
public enum ChoiceRule
{
    /// <summary>The highest expected reward; with <see cref="PolicyOptions.Uniform"/> as ε this is ε-greedy.</summary>
    [JsonStringEnumMemberName("greedy")]
    Greedy,

    /// <summary>Each action as probably as it is the best one, by what is believed.</summary>
    [JsonStringEnumMemberName("thompson")]
    Thompson,

    /// <summary>The highest expected reward plus a bonus for what is little known: LinUCB, UCB1, CascadeUCB1.</summary>
    [JsonStringEnumMemberName("optimistic")]
    Optimistic,

    /// <summary>In proportion to exp(expected reward / temperature).</summary>
    [JsonStringEnumMemberName("softmax")]
    Softmax,
}

/// <summary>What the rewards of a slate tell.</summary>
public enum SlateFeedback
{
    /// <summary>Every place was looked at.</summary>
    [JsonStringEnumMemberName("all")]
    All,

    /// <summary>Looked through from the top down to the first reward; nothing is known of what stands below it (Kveton, Szepesvári, Wen, Ashkan, ICML 2015).</summary>
    [JsonStringEnumMemberName("cascade")]
    Cascade,
}

/// <summary>Options of a <see cref="Policy"/>.</summary>
public sealed record PolicyOptions
{
    internal const string Owner = "policy";

    public Belief Belief { get; init; } = Belief.Counts;

    public ChoiceRule Rule { get; init; } = ChoiceRule.Thompson;

    public SlateFeedback Feedback { get; init; } = SlateFeedback.All;

    /// <summary>Features of an action: 0 for counts, 1 to 256 for the linear beliefs. One of them should be always 1.</summary>
    public int Dimensions { get; init; }

    /// <summary>
    /// ε: share of choices that are made uniformly, so that every action keeps a propensity of at least ε / actions and what is logged can
    /// judge other policies. 0 to 1, default 0.05.
    /// </summary>
    public double Uniform { get; init; } = 0.05;

    /// <summary>
    /// Of the optimistic rule: α of α·√(xᵀA⁻¹x) for the linear beliefs, c of c·√(ln t / n) for counts (1.414 is UCB1, 1.225 CascadeUCB1).
    /// 0 to 100, default 1.
    /// </summary>
    public double Optimism { get; init; } = 1;

    /// <summary>Of softmax, in rewards: a tenth of the differences that matter. 1e-6 to 1e6, default 0.1.</summary>
    public double Temperature { get; init; } = 0.1;

    /// <summary>Of counts: rewards that each action is taken to have had before the first. 0.01 to 1e6, default 1; 0 only for the optimistic rule (then each action is tried once first).</summary>
    public double PriorSuccesses { get; init; } = 1;

    /// <summary>Of counts: the like for choices without reward. With 1 and 19 an action is believed to earn 0.05 until more is known.</summary>
    public double PriorFailures { get; init; } = 1;

    /// <summary>λ of the linear beliefs: A = λI + Σxxᵀ. 1e-6 to 1e6, default 1.</summary>
    public double Regularization { get; init; } = 1;

    /// <summary>Standard deviation of a reward about its expectation, of Thompson's rule with the linear beliefs; it weighs as 10 rewards against what is seen. 1e-6 to 1e6, default 0.5.</summary>
    public double Noise { get; init; } = 0.5;

    /// <summary>Draws by which Thompson's rule with the shared linear belief finds its probabilities. 10 to 10,000, default 500: an error of at most 0.022.</summary>
    public int Draws { get; init; } = 500;

    /// <summary>Seed of all chance. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        if (!Enum.IsDefined(this.Belief)) throw new ArgumentException($"{Owner}: belief is {this.Belief}; allowed are counts, linear and shared-linear.");
        if (!Enum.IsDefined(this.Rule)) throw new ArgumentException($"{Owner}: rule is {this.Rule}; allowed are greedy, thompson, optimistic and softmax.");
        if (!Enum.IsDefined(this.Feedback)) throw new ArgumentException($"{Owner}: feedback is {this.Feedback}; allowed are all and cascade.");
        var counts = this.Belief == Belief.Counts;
        OptionRange.Check(Owner, this.Dimensions, counts ? 0 : 1, counts ? 0 : 256);
        OptionRange.Check(Owner, this.Uniform, 0, 1);
        OptionRange.Check(Owner, this.Optimism, 0, 100);
        OptionRange.Check(Owner, this.Temperature, 1e-6, 1e6);
        var leastPrior = this.Rule == ChoiceRule.Optimistic ? 0 : 0.01;
        OptionRange.Check(Owner, this.PriorSuccesses, leastPrior, 1e6);
        OptionRange.Check(Owner, this.PriorFailures, leastPrior, 1e6);
        OptionRange.Check(Owner, this.Regularization, 1e-6, 1e6);
        OptionRange.Check(Owner, this.Noise, 1e-6, 1e6);
        OptionRange.Check(Owner, this.Draws, 10, 10_000);
    }
}
