using System.Globalization;
using Aisle.Learning.Experiments;

namespace Aisle.Learning.Exploration;

/// <summary>An estimate of what a policy would have earned per decision.</summary>
/// <param name="Error">Standard error.</param>
public sealed record ValueEstimate(double Value, double Error, Interval Interval);

/// <summary>What a policy would have earned where another one chose. Estimates are null where the log cannot tell, and <see cref="Problem"/> says why.</summary>
public sealed record OffPolicyReport
{
    public required int Decisions { get; init; }

    public required int Units { get; init; }

    /// <summary>Inverse propensity scores: unbiased but for clipping.</summary>
    public ValueEstimate? Ips { get; init; }

    /// <summary>Self-normalised: a small bias that vanishes with size, and often much less variance (Swaminathan, Joachims, NeurIPS 2015).</summary>
    public ValueEstimate? SelfNormalised { get; init; }

    /// <summary>With a model of rewards: unbiased if the propensities or the model are right, and less variance the better the model (Dudík, Langford, Li, ICML 2011).</summary>
    public ValueEstimate? DoublyRobust { get; init; }

    /// <summary>(Σw)² / Σw² of whole slates, after clipping: how many decisions of the judged policy itself the log is worth.</summary>
    public required double EffectiveSize { get; init; }

    /// <summary>Should be 1. Surely below: the judged policy chooses what the log never has; surely above: the propensities are wrong.</summary>
    public required double MeanWeight { get; init; }

    public required double LargestWeight { get; init; }

    /// <summary>Shape of the generalised Pareto distribution of the largest weights; from 0.5 on their variance is infinite, from 1 on their mean.</summary>
    public required double TailShape { get; init; }

    /// <summary>The most that clipping can have moved the inverse propensity scores, if no reward is larger than those seen. 0 without clipping.</summary>
    public required double ClippingBias { get; init; }

    /// <summary>Null where there are estimates.</summary>
    public string? Problem { get; init; }

    /// <summary>What makes the estimates less sure than their intervals say.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }
}

/// <summary>
/// Judges a policy on decisions of another one whose propensities were logged. With weights w_k = Π_{j≤k} target / logged under the cascade
/// assumption, the whole slate's product at every place otherwise, a decision counts
/// Σ_k w_k r_k (IPS), and Σ_k [w_k (r_k − q̂_k) + w_{k−1} Σ_a π(a) q̂_k(a)] (doubly robust).
/// </summary>
public static class OffPolicy
{
    private const double WarnShape = 0.5;
    private const double RefuseShape = 1;

    public static OffPolicyReport Evaluate(IReadOnlyList<LoggedDecision> decisions, OffPolicyOptions? options = null)
    {
        options ??= new OffPolicyOptions();
        options.Validate();
        if (decisions.Count == 0) throw new ArgumentException("No decisions were given; a policy cannot be judged without a log.");
        for (var i = 0; i < decisions.Count; i++) Check(decisions[i], i);
        var sums = new OffPolicySums(decisions, options);
        var weights = sums.RawWeights;
        var total = weights.Sum();
        double[] cut = [.. weights.Select(weight => Math.Min(weight, options.Clip))];
        var squares = cut.Sum(weight => weight * weight);
        var report = new OffPolicyReport
        {
            Decisions = decisions.Count,
            Units = sums.Units,
            EffectiveSize = squares > 0 ? cut.Sum() * cut.Sum() / squares : 0,
            MeanWeight = total / weights.Length,
            LargestWeight = weights.Max(),
            TailShape = ParetoShape.Of(weights),
            ClippingBias = sums.ClippingBias,
            Warnings = [],
        };
        if (ProblemOf(report, weights, options) is { } problem) return report with { Problem = problem };
        return report with
        {
            Ips = sums.Estimate(OffPolicySums.Ips),
            SelfNormalised = sums.EstimateSelfNormalised(),
            DoublyRobust = sums.HasPredictions ? sums.Estimate(OffPolicySums.DoublyRobust) : null,
            Warnings = WarningsOf(report, options),
        };
    }

    private static string? ProblemOf(OffPolicyReport report, double[] weights, OffPolicyOptions options)
    {
        if (report.Units < 2) return "The log holds one unit only; an error cannot be told from it. Log more units.";
        if (report.EffectiveSize < options.LeastEffectiveSize)
            return Text($"The log is worth {report.EffectiveSize:0.#} decisions of the judged policy, fewer than {options.LeastEffectiveSize:0}: it rarely chose as that would. Log more, explore more, or judge a policy nearer to the logged one.");
        var error = Math.Sqrt(weights.Sum(weight => (weight - report.MeanWeight) * (weight - report.MeanWeight))) / weights.Length;
        var off = report.MeanWeight - 1;
        if (Math.Abs(off) > Math.Max(0.02, 4 * error))
        {
            return off < 0
                ? Text($"The weights have a mean of {report.MeanWeight:0.###} instead of 1: the judged policy gives {-off:P0} of its choices to what the log never holds. Let the logged policy give every action a propensity above 0.")
                : Text($"The weights have a mean of {report.MeanWeight:0.###} instead of 1: the logged propensities are not those by which was chosen. Check how they are logged.");
        }

        return options.Clip >= report.LargestWeight && report.TailShape > RefuseShape
            ? Text($"The weights' tail has a shape of {report.TailShape:0.##}, so heavy that their mean may not exist. Clip them, or judge a policy nearer to the logged one.")
            : null;
    }

    private static List<string> WarningsOf(OffPolicyReport report, OffPolicyOptions options)
    {
        var warnings = new List<string>();
        if (options.Clip >= report.LargestWeight && report.TailShape > WarnShape) warnings.Add(Text($"The weights' tail has a shape of {report.TailShape:0.##}: their variance may be infinite, and intervals too narrow. Clip, or use the doubly robust estimate."));
        if (report.ClippingBias > 0) warnings.Add(Text($"Clipping may have moved the inverse propensity scores by up to {report.ClippingBias:0.####}; their interval does not count this."));
        if (report.Units < 100) warnings.Add(Text($"There are {report.Units} units only; intervals rest on there being many."));
        return warnings;
    }

    private static void Check(LoggedDecision decision, int at)
    {
        var places = decision.Logged.Length;
        if (places == 0) throw new ArgumentException($"Decision {at} has no places; leave it out.");
        if (decision.Target.Length != places || decision.Rewards.Length != places || (decision.Predicted ?? decision.Logged).Length != places || (decision.TargetPredicted ?? decision.Logged).Length != places)
            throw new ArgumentException($"Decision {at} has {places} logged propensities, but other numbers of target propensities, rewards or predictions; each place needs one of all.");
        if ((decision.Predicted is null) != (decision.TargetPredicted is null)) throw new ArgumentException($"Decision {at} has only one kind of predictions; give those of the logged actions and those of the judged policy, or none.");
        for (var place = 0; place < places; place++)
        {
            if (!(decision.Logged[place] > 0 && decision.Logged[place] <= 1)) throw new ArgumentException($"Decision {at} was logged with propensity {decision.Logged[place]} at place {place}; allowed are above 0 to 1. What is never chosen cannot be in a log.");
            if (!(decision.Target[place] >= 0 && decision.Target[place] <= 1)) throw new ArgumentException($"Decision {at} has the target propensity {decision.Target[place]} at place {place}; allowed are 0 to 1.");
            if (!double.IsFinite(decision.Rewards[place]) || !double.IsFinite(decision.Predicted?[place] ?? 0) || !double.IsFinite(decision.TargetPredicted?[place] ?? 0))
                throw new ArgumentException($"Decision {at} has a reward or prediction at place {place} that is not finite; leave the decision out.");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
