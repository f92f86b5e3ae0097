using Aisle.Learning.Kernels;

namespace Aisle.Learning.Exploration;

/// <summary>
/// Chooses actions or slates of them, and learns from their rewards. May be used by several threads at once.
/// </summary>
/// <remarks>
/// <para>
/// At each place the rule gives every action that is left a probability; the choice is drawn from these, mixed with the uniform share. So a
/// propensity is exactly the probability with which the choice was made, also where Thompson's rule finds its probabilities by quadrature or by
/// draws: their error makes the rule a little other than Thompson's, but never the propensity wrong.
/// </para>
/// <para>
/// The state is sums over observations. So rewards may come late and in any order, forgetting is a multiplication, and processes that learn apart
/// are merged by adding: each keeps a policy of what it saw itself and chooses with one into which all were merged.
/// </para>
/// </remarks>
public sealed class Policy
{
    private readonly Lock _gate = new();
    private readonly PolicyState _state;

    public Policy(PolicyOptions options)
    {
        options.Validate();
        this.Options = options;
        this._state = new PolicyState(options);
    }

    private Policy(PolicyState state)
    {
        this.Options = state.Options;
        this._state = state;
    }

    public PolicyOptions Options { get; }

    /// <summary>Actions of which something is known; 0 for the shared belief, which knows features only.</summary>
    public int ActionCount
    {
        get
        {
            lock (this._gate) return this._state.ActionCount;
        }
    }

    /// <summary>Observations in the sums, less what was forgotten.</summary>
    public double Observations
    {
        get
        {
            lock (this._gate) return this._state.Observations;
        }
    }

    /// <summary>Chooses from the top down.</summary>
    /// <param name="length">Places of the slate, 1 for a single choice; fewer where there are fewer actions.</param>
    /// <param name="number">Of the decision. The same number, choices and state give the same decision.</param>
    public Decision Choose(Choices choices, int length, long number)
    {
        if (length < 1) throw new ArgumentException($"A slate of {length} places cannot be filled; ask for one at least.");
        var rule = this.RuleFor(choices, number, out var table);
        using (table)
        {
            var actions = choices.Actions.Length;
            var chosen = new int[Math.Min(length, actions)];
            var propensities = new double[chosen.Length];
            var (taken, probabilities) = (new bool[actions], new double[actions]);
            var random = new RandomStream(this.Options.Seed, (int)number, (int)(number >> 32));
            for (var place = 0; place < chosen.Length; place++)
            {
                this.Fill(rule, taken, place, probabilities);
                chosen[place] = Draw(probabilities, taken, random.UniformDouble());
                propensities[place] = probabilities[chosen[place]];
                taken[chosen[place]] = true;
            }

            return Describe(choices, this.Options.Dimensions, chosen, propensities);
        }
    }

    /// <summary>The probability of each action for the first place.</summary>
    public double[] Probabilities(Choices choices, long number)
    {
        var rule = this.RuleFor(choices, number, out var table);
        using (table)
        {
            var probabilities = new double[choices.Actions.Length];
            this.Fill(rule, new bool[probabilities.Length], 0, probabilities);
            return probabilities;
        }
    }

    /// <summary>For each place of a slate that something else made the probability that this policy puts the same there, given what stands above.</summary>
    public double[] Propensities(Choices choices, ReadOnlySpan<long> slate, long number)
    {
        var rule = this.RuleFor(choices, number, out var table);
        using (table)
        {
            var (taken, probabilities, found) = (new bool[choices.Actions.Length], new double[choices.Actions.Length], new double[slate.Length]);
            for (var place = 0; place < slate.Length; place++)
            {
                var chosen = choices.Actions.IndexOf(slate[place]);
                if (chosen < 0 || taken[chosen]) throw new ArgumentException($"Place {place} of the slate holds action {slate[place]}, which {(chosen < 0 ? "is not among the choices" : "stands above it too")}; give the choices that the slate was made from.");
                this.Fill(rule, taken, place, probabilities);
                found[place] = probabilities[chosen];
                taken[chosen] = true;
            }

            return found;
        }
    }

    public Expectation Expect(long action, ReadOnlySpan<float> features = default)
    {
        this.CheckFeatures(features);
        lock (this._gate) return this._state.Believe(action, features).Expectation;
    }

    /// <summary>Learns the rewards of a decision, one a place, as <see cref="PolicyOptions.Feedback"/> says.</summary>
    public void Learn(Decision decision, ReadOnlySpan<double> rewards)
    {
        if (rewards.Length != decision.Actions.Length) throw new ArgumentException($"{rewards.Length} rewards came for {decision.Actions.Length} places; give one for each.");
        foreach (var reward in rewards) this.CheckReward(reward);
        var dimensions = this.Options.Dimensions;
        if (decision.Features.Length != dimensions * rewards.Length) throw new ArgumentException($"A decision of {rewards.Length} places has {decision.Features.Length} features; it needs {dimensions} for each.");
        for (var place = 0; place < rewards.Length; place++)
        {
            this.Learn(decision.Actions[place], decision.Features.AsSpan(place * dimensions, dimensions), rewards[place]);
            if (this.Options.Feedback == SlateFeedback.Cascade && rewards[place] != 0) return;
        }
    }

    public void Learn(long action, ReadOnlySpan<float> features, double reward)
    {
        this.CheckFeatures(features);
        this.CheckReward(reward);
        lock (this._gate) this._state.Learn(action, features, reward);
    }

    /// <summary>
    /// As if a reward that was learned had been another: for one that comes after 0 was learned in its place. Order and time do not matter, but
    /// nothing may have been forgotten in between.
    /// </summary>
    public void Amend(long action, ReadOnlySpan<float> features, double before, double after)
    {
        this.CheckFeatures(features);
        this.CheckReward(before);
        this.CheckReward(after);
        lock (this._gate) this._state.Amend(action, features, before, after);
    }

    /// <summary>
    /// Lets all that was learned count less, for a world that changes: 0.5 once every half-life. What is merged must have been forgotten alike.
    /// </summary>
    /// <param name="kept">0 to 1.</param>
    public void Forget(double kept)
    {
        if (!(kept >= 0 && kept <= 1)) throw new ArgumentException($"A share of {kept} was to be kept; allowed are 0 to 1.");
        lock (this._gate) this._state.Forget(kept);
    }

    /// <summary>Forgets an action that will not come again.</summary>
    public void Remove(long action)
    {
        lock (this._gate) this._state.Remove(action);
    }

    /// <summary>Adds what another policy learned apart from this one, with the same belief, dimensions and prior.</summary>
    public void Merge(Policy other)
    {
        var (mine, theirs) = (this.Options, other.Options);
        if (mine.Belief != theirs.Belief || mine.Dimensions != theirs.Dimensions || mine.Regularization != theirs.Regularization)
            throw new ArgumentException($"A policy of {theirs.Belief} with {theirs.Dimensions} dimensions cannot be merged into one of {mine.Belief} with {mine.Dimensions}; give both the same options.");
        // A copy first, since two policies that take in each other at once would each wait for the other's gate.
        var copy = new PolicyState(other.Options);
        lock (other._gate) copy.Add(other._state);
        lock (this._gate) this._state.Add(copy);
    }

    public void Save(Stream stream)
    {
        lock (this._gate) this._state.Save(stream);
    }

    /// <exception cref="InvalidDataException">The stream does not hold the whole state of a policy.</exception>
    public static Policy Load(Stream stream) => new(PolicyState.Load(stream));

    private void Fill(SlateRule rule, bool[] taken, int place, double[] probabilities)
    {
        rule.Fill(taken, probabilities);
        var uniform = this.Options.Uniform / (taken.Length - place);
        for (var a = 0; a < taken.Length; a++) probabilities[a] = taken[a] ? 0 : ((1 - this.Options.Uniform) * probabilities[a]) + uniform;
    }

    private static int Draw(double[] probabilities, bool[] taken, double at)
    {
        var last = 0;
        for (var a = 0; a < probabilities.Length; a++)
        {
            if (taken[a] || probabilities[a] <= 0) continue;
            last = a;
            at -= probabilities[a];
            if (at < 0) break;
        }

        return last;
    }

    private static Decision Describe(Choices choices, int dimensions, int[] chosen, double[] propensities)
    {
        var (actions, features) = (new long[chosen.Length], new float[chosen.Length * dimensions]);
        for (var place = 0; place < chosen.Length; place++)
        {
            actions[place] = choices.Actions[chosen[place]];
            if (dimensions > 0) choices.Row(chosen[place], dimensions).CopyTo(features.AsSpan(place * dimensions));
        }

        return new Decision(actions, propensities, features);
    }

    /// <summary>Reads the state under the gate; what is slow is done after it.</summary>
    private SlateRule RuleFor(Choices choices, long number, out BestOfTable? table)
    {
        choices.Check(this.Options.Dimensions);
        table = null;
        var actions = choices.Actions.Length;
        if (this.Options is { Rule: ChoiceRule.Thompson, Belief: Belief.SharedLinear }) return this.JointDraws(choices, number);
        var (one, other, index) = (new double[actions], new double[actions], new double[actions]);
        lock (this._gate)
        {
            for (var a = 0; a < actions; a++)
            {
                var belief = this._state.Believe(choices.Actions[a], this.Options.Dimensions > 0 ? choices.Row(a, this.Options.Dimensions) : default);
                (one[a], other[a], index[a]) = (belief.One, belief.Other, belief.Expectation.Mean + (this.Options.Rule == ChoiceRule.Optimistic ? belief.Bonus : 0));
            }
        }

        if (this.Options.Rule == ChoiceRule.Softmax) return new SoftmaxOfMeans(index, this.Options.Temperature);
        if (this.Options.Rule != ChoiceRule.Thompson) return new LargestIndex(index);
        table = this.Options.Belief == Belief.Counts ? BestOfTable.OfBetas(one, other) : BestOfTable.OfNormals(one, other);
        return new BestOfIndependent(table);
    }

    /// <summary>Weights θ = A⁻¹b + σLz with LLᵀ = A⁻¹, and what each action earns by them.</summary>
    private BestOfDraws JointDraws(Choices choices, long number)
    {
        var d = this.Options.Dimensions;
        double[] mean, inverse;
        double noise;
        lock (this._gate)
        {
            var belief = this._state.Shared;
            (mean, inverse, noise) = (belief.Mean.ToArray(), belief.Inverse.ToArray(), Math.Sqrt(belief.NoiseVariance(this.Options.Noise)));
        }

        var lower = new double[d * d];
        if (!LinearBelief.Factor(d, (i, j) => inverse[(i * d) + j], lower)) throw new InvalidOperationException("The features are so large or so alike that the belief cannot be drawn from; bring them to about −1 to 1, or raise regularization.");
        var actions = choices.Actions.Length;
        var draws = new float[this.Options.Draws * actions];
        var (normal, weights) = (new double[d], new float[d]);
        var random = new RandomStream(~this.Options.Seed, (int)number, (int)(number >> 32));
        for (var draw = 0; draw < this.Options.Draws; draw++)
        {
            for (var i = 0; i < d; i++) normal[i] = noise * random.NormalDouble();
            for (var i = 0; i < d; i++)
            {
                var weight = mean[i];
                for (var j = 0; j <= i; j++) weight += lower[(i * d) + j] * normal[j];
                weights[i] = (float)weight;
            }

            for (var a = 0; a < actions; a++) draws[(draw * actions) + a] = Vectors.Dot(choices.Row(a, d), weights);
        }

        return new BestOfDraws(draws, actions);
    }

    private void CheckFeatures(ReadOnlySpan<float> features)
    {
        if (features.Length != this.Options.Dimensions) throw new ArgumentException($"An action came with {features.Length} features; it needs {this.Options.Dimensions}.");
        foreach (var feature in features)
        {
            if (!float.IsFinite(feature)) throw new ArgumentException($"A feature is {feature}; only finite numbers can be learned from.");
        }
    }

    private void CheckReward(double reward)
    {
        if (!double.IsFinite(reward)) throw new ArgumentException($"A reward is {reward}; only finite numbers can be learned from.");
        if (this.Options.Belief == Belief.Counts && !(reward >= 0 && reward <= 1)) throw new ArgumentException($"A reward is {reward}; counts take 0 to 1. Divide by the largest reward, or choose a linear belief.");
    }
}
