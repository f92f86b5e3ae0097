namespace Aisle.Learning.Exploration;

/// <summary>How a policy compares with the baseline that it watches.</summary>
/// <param name="Agreement">How often the policy would have chosen the same: its probability of the baseline's choice, given what stands above, averaged over places.</param>
/// <param name="BaselineReward">What the baseline earned per decision.</param>
/// <param name="PredictedBaselineReward">What the policy expected of the baseline's choices before it saw their rewards. Far from the truth, its other predictions cannot be trusted either.</param>
/// <param name="PredictedReward">What the policy expected of its own choices. Optimistic, since it chooses what it expects most of.</param>
public readonly record struct ApprenticeReport(int Decisions, double Agreement, double BaselineReward, double PredictedBaselineReward, double PredictedReward);

/// <summary>
/// A policy that does not act: it watches a baseline's choices, would choose too, learns from the rewards that the baseline got, and counts how
/// often they agree. What it is told to predict is asked before it learns the answer.
/// </summary>
/// <remarks>
/// Where the baseline itself chooses with known propensities, keep a <see cref="LoggedDecision"/> for each decision and judge the policy by
/// <see cref="OffPolicy"/>: that needs no trust in what the policy believes. Not for several threads at once.
/// </remarks>
public sealed class Apprentice(Policy policy)
{
    private double _agreement;
    private double _earned;
    private double _predictedBaseline;
    private double _predicted;
    private int _decisions;

    public Policy Policy { get; } = policy;

    /// <summary>Figures over all that was watched.</summary>
    public ApprenticeReport Report => this._decisions == 0
        ? default
        : new ApprenticeReport(this._decisions, this._agreement / this._decisions, this._earned / this._decisions, this._predictedBaseline / this._decisions, this._predicted / this._decisions);

    /// <param name="choices">What the baseline chose among.</param>
    /// <param name="slate">What it chose, from the top down.</param>
    /// <param name="rewards">What each place earned.</param>
    /// <param name="number">Of the decision.</param>
    /// <returns>The policy's probabilities of the baseline's choices: <see cref="LoggedDecision.Target"/>.</returns>
    public double[] Watch(Choices choices, ReadOnlySpan<long> slate, ReadOnlySpan<double> rewards, long number)
    {
        if (slate.Length != rewards.Length || slate.IsEmpty) throw new ArgumentException($"{slate.Length} places came with {rewards.Length} rewards; give one for each of one place or more.");
        var propensities = this.Policy.Propensities(choices, slate, number);
        var own = this.Policy.Choose(choices, slate.Length, number);
        var baseline = Describe(choices, slate, this.Policy.Options.Dimensions, propensities);
        var expected = this.ExpectationOf(baseline);
        var expectedOwn = this.ExpectationOf(own);
        this.Policy.Learn(baseline, rewards);
        this._decisions++;
        this._agreement += propensities.Average();
        this._predictedBaseline += expected;
        this._predicted += expectedOwn;
        foreach (var reward in rewards) this._earned += reward;
        return propensities;
    }

    private double ExpectationOf(Decision decision)
    {
        var (sum, dimensions) = (0.0, this.Policy.Options.Dimensions);
        var unseen = 1.0;
        for (var place = 0; place < decision.Actions.Length; place++)
        {
            var mean = this.Policy.Expect(decision.Actions[place], decision.Features.AsSpan(place * dimensions, dimensions)).Mean;
            sum += unseen * mean;

            // Down a cascade a place is reached only if nothing above it was rewarded.
            if (this.Policy.Options.Feedback == SlateFeedback.Cascade) unseen *= 1 - Math.Clamp(mean, 0, 1);
        }

        return sum;
    }

    private static Decision Describe(Choices choices, ReadOnlySpan<long> slate, int dimensions, double[] propensities)
    {
        var features = new float[slate.Length * dimensions];
        for (var place = 0; place < slate.Length && dimensions > 0; place++)
            choices.Row(choices.Actions.IndexOf(slate[place]), dimensions).CopyTo(features.AsSpan(place * dimensions));
        return new Decision(slate.ToArray(), propensities, features);
    }
}
