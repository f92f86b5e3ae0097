using Aisle.Learning.Exploration;

namespace Aisle.Learning.Tests.Exploration;

public sealed class PolicyTests
{
    private static readonly long[] Three = [10, 20, 30];

    [Fact]
    public void Greedy_OfKnownRates_HasThePropensitiesOfEpsilonGreedy()
    {
        var policy = Taught(new PolicyOptions { Rule = ChoiceRule.Greedy, Uniform = 0.3 });
        policy.Probabilities(new Choices(Three), 1).ShouldBe([0.1, 0.8, 0.1], 1e-12);

        // Below the best, with the prior's 1 of 2, a rate of 2/6 is better than one of 1/4; ε is shared by the two that are left.
        policy.Propensities(new Choices(Three), [20, 10, 30], 1).ShouldBe([0.8, 0.85, 1], 1e-12);
        policy.Propensities(new Choices(Three), [10, 30, 20], 1).ShouldBe([0.1, 0.15, 1], 1e-12);
    }

    [Fact]
    public void Greedy_OfEqualActions_SharesAmongThem() =>
        new Policy(new PolicyOptions { Rule = ChoiceRule.Greedy, Uniform = 0 }).Probabilities(new Choices(Three), 1).ShouldBe([1.0 / 3, 1.0 / 3, 1.0 / 3], 1e-12);

    [Fact]
    public void Softmax_OfKnownRates_EqualsTheFormula()
    {
        var policy = Taught(new PolicyOptions { Rule = ChoiceRule.Softmax, Uniform = 0, Temperature = 0.5 });
        double[] weights = [.. Three.Select(action => Math.Exp(policy.Expect(action).Mean / 0.5))];
        policy.Probabilities(new Choices(Three), 1).ShouldBe([.. weights.Select(weight => weight / weights.Sum())], 1e-12);
    }

    [Fact]
    public void Optimistic_Counts_EqualsCascadeUcbByHand()
    {
        // Without priors: rates 1/4, 3/4 and 0/2 of 10 observations; bonuses c√(ln 10 / n).
        var options = new PolicyOptions { Rule = ChoiceRule.Optimistic, Uniform = 0, PriorSuccesses = 0, PriorFailures = 0, Optimism = Math.Sqrt(1.5) };
        var policy = Taught(options);
        double Index(double rate, double count) => rate + Math.Sqrt(1.5 * Math.Log(10) / count);
        Index(0, 2).ShouldBeGreaterThan(Index(0.25, 4));
        Index(0.75, 4).ShouldBeGreaterThan(Index(0, 2));
        policy.Choose(new Choices(Three), 3, 1).Actions.ShouldBe([20, 30, 10]);

        // An action that was never tried comes first.
        policy.Choose(new Choices([10, 20, 99]), 3, 1).Actions[0].ShouldBe(99);
    }

    [Fact]
    public void Optimistic_SharedLinear_EqualsLinUcbByHand()
    {
        // One feature x = 2 of reward 3: A = 1 + 4, b = 6; expectation of x: 6/5·x, bonus α·|x|/√5.
        var policy = new Policy(new PolicyOptions { Belief = Belief.SharedLinear, Rule = ChoiceRule.Optimistic, Dimensions = 1, Uniform = 0, Optimism = 2 });
        policy.Learn(7, [2], 3);
        policy.Expect(7, [1]).Mean.ShouldBe(1.2, 1e-12);
        float[] features = [-3, 1, 0];
        double[] indices = [(-3 * 1.2) + (2 * 3 / Math.Sqrt(5)), 1.2 + (2 / Math.Sqrt(5)), 0];
        policy.Choose(new Choices(Three, features), 3, 1).Actions.ShouldBe([.. Three.OrderByDescending(action => indices[Array.IndexOf(Three, action)])]);
    }

    [Fact]
    public void LinearBelief_ManyUpdates_EqualsTheDirectSolution()
    {
        const int d = 6;
        var belief = new LinearBelief(d, 0.7);
        var random = new Random(2);
        var (gram, right) = (new double[d, d], new double[d]);
        for (var i = 0; i < d; i++) gram[i, i] = 0.7;
        for (var n = 0; n < 2500; n++)
        {
            var x = Enumerable.Range(0, d).Select(_ => (float)((2 * random.NextDouble()) - 1)).ToArray();
            var reward = random.NextDouble();
            belief.Learn(x, reward);
            if (n % 3 == 0) belief.Amend(x, reward, ++reward);
            if (n == 500) _ = belief.Mean.Length;
            for (var i = 0; i < d; i++)
            {
                right[i] += reward * x[i];
                for (var j = 0; j < d; j++) gram[i, j] += (double)x[i] * x[j];
            }
        }

        var direct = Aisle.Learning.Kernels.Cholesky.SolveReference(gram, right)!;
        belief.Mean.ToArray().ShouldBe(direct, 1e-9);
        for (var i = 0; i < d; i++)
        {
            var unit = new double[d];
            unit[i] = 1;
            belief.Inverse.Slice(i * d, d).ToArray().ShouldBe(Aisle.Learning.Kernels.Cholesky.SolveReference(gram, unit)!, 1e-9);
        }
    }

    [Theory]
    [InlineData(Belief.Counts)]
    [InlineData(Belief.Linear)]
    [InlineData(Belief.SharedLinear)]
    public void Choose_ManyNumbers_ComesAsOftenAsItsPropensitySays(Belief belief)
    {
        var policy = Taught(new PolicyOptions { Belief = belief, Dimensions = belief == Belief.Counts ? 0 : 2, Uniform = 0.1, Draws = 200 });
        var features = FeaturesOf(belief);
        var (expected, found) = (new double[3], new double[3]);
        const int choices = 1000;
        for (var number = 0; number < choices; number++)
        {
            var probabilities = policy.Probabilities(new Choices(Three, features), number);
            probabilities.Sum().ShouldBe(1, 1e-9);
            probabilities.ShouldAllBe(probability => probability >= 0.1 / 3);
            var decision = policy.Choose(new Choices(Three, features), 1, number);
            var chosen = Array.IndexOf(Three, decision.Actions[0]);
            decision.Propensities[0].ShouldBe(probabilities[chosen]);
            found[chosen]++;
            for (var a = 0; a < 3; a++) expected[a] += probabilities[a];
        }

        for (var a = 0; a < 3; a++) (found[a] / choices).ShouldBe(expected[a] / choices, 0.045);
    }

    [Fact]
    public void Choose_Slate_HasThePropensitiesThatItWouldBeAskedFor()
    {
        foreach (var rule in Enum.GetValues<ChoiceRule>())
        {
            var policy = Taught(new PolicyOptions { Rule = rule });
            var decision = policy.Choose(new Choices(Three), 5, 77);
            decision.Actions.Order().ShouldBe(Three);
            decision.Propensities[2].ShouldBe(1, 1e-9);
            policy.Propensities(new Choices(Three), decision.Actions, 77).ShouldBe(decision.Propensities);
            policy.Choose(new Choices(Three), 5, 77).Actions.ShouldBe(decision.Actions);
        }
    }

    [Fact]
    public void Learn_Cascade_KnowsNothingBelowTheFirstReward()
    {
        var policy = new Policy(new PolicyOptions { Feedback = SlateFeedback.Cascade });
        policy.Learn(new Decision([1, 2, 3], [1, 1, 1], []), [0, 1, 0]);
        policy.Observations.ShouldBe(2);
        policy.Expect(1).Mean.ShouldBe(1.0 / 3, 1e-12);
        policy.Expect(2).Mean.ShouldBe(2.0 / 3, 1e-12);
        policy.Expect(3).Mean.ShouldBe(0.5, 1e-12);
        policy.Learn(new Decision([1, 2, 3], [1, 1, 1], []), [0, 0, 0]);
        policy.Observations.ShouldBe(5);
    }

    [Theory]
    [InlineData(Belief.Counts)]
    [InlineData(Belief.Linear)]
    [InlineData(Belief.SharedLinear)]
    public void Merge_PartsWithLateRewards_GivesThePolicyThatSawAll(Belief belief)
    {
        var options = new PolicyOptions { Belief = belief, Dimensions = belief == Belief.Counts ? 0 : 2 };
        var (whole, one, other) = (new Policy(options), new Policy(options), new Policy(options));
        var features = FeaturesOf(belief);
        for (var i = 0; i < 200; i++)
        {
            var row = features.AsSpan(0, options.Dimensions);
            whole.Learn(i % 3, row, i % 2);

            // The choice is known to one process, its reward comes to the other.
            one.Learn(i % 3, row, 0);
            other.Amend(i % 3, row, 0, i % 2);
        }

        var merged = new Policy(options);
        merged.Merge(other);
        merged.Merge(one);
        merged.Observations.ShouldBe(200);
        for (var action = 0; action < 3; action++)
        {
            var (expected, found) = (whole.Expect(action, features.AsSpan(0, options.Dimensions)), merged.Expect(action, features.AsSpan(0, options.Dimensions)));
            found.Mean.ShouldBe(expected.Mean, 1e-9);
            found.Deviation.ShouldBe(expected.Deviation, 1e-9);
        }

        Should.Throw<ArgumentException>(() => merged.Merge(new Policy(options with { Regularization = 2 }))).Message.ShouldContain("same options");
    }

    [Fact]
    public void Forget_WorldThatTurned_FindsTheNewBest()
    {
        Policy Run(double kept)
        {
            var policy = new Policy(new PolicyOptions { Uniform = 0 });
            for (var i = 0; i < 1500; i++)
            {
                var decision = policy.Choose(new Choices([1, 2]), 1, i);
                var good = i < 1000 ? 1 : 2;
                policy.Learn(decision, [new RandomStream(8, i).UniformDouble() < (decision.Actions[0] == good ? 0.5 : 0.2) ? 1 : 0]);
                policy.Forget(kept);
            }

            return policy;
        }

        Run(1).Probabilities(new Choices([1, 2]), 1)[1].ShouldBeLessThan(0.2);
        var turned = Run(0.98);
        turned.Probabilities(new Choices([1, 2]), 1)[1].ShouldBeGreaterThan(0.8);
        turned.Observations.ShouldBe(49, 0.1);
        turned.Forget(0);
        turned.ActionCount.ShouldBe(0);
    }

    [Fact]
    public void Remove_OneAction_LeavesTheOthers()
    {
        var policy = Taught(new PolicyOptions());
        policy.Remove(20);
        policy.ActionCount.ShouldBe(2);
        policy.Observations.ShouldBe(6);
        policy.Expect(20).Mean.ShouldBe(0.5);
    }

    [Theory]
    [InlineData(Belief.Counts)]
    [InlineData(Belief.Linear)]
    [InlineData(Belief.SharedLinear)]
    public void Load_SavedPolicy_ChoosesAndLearnsAsBefore(Belief belief)
    {
        var policy = Taught(new PolicyOptions { Belief = belief, Dimensions = belief == Belief.Counts ? 0 : 2, Feedback = SlateFeedback.Cascade });
        var loaded = Policy.Load(new MemoryStream(Saved(policy)));
        loaded.Options.ShouldBe(policy.Options);
        var features = FeaturesOf(belief);
        loaded.Probabilities(new Choices(Three, features), 5).ShouldBe(policy.Probabilities(new Choices(Three, features), 5), 1e-12);
        foreach (var each in new[] { policy, loaded }) each.Learn(10, features.AsSpan(0, policy.Options.Dimensions), 1);
        Saved(loaded).ShouldBe(Saved(policy));
    }

    [Theory]
    [InlineData(Belief.Counts)]
    [InlineData(Belief.Linear)]
    [InlineData(Belief.SharedLinear)]
    public void Load_DamagedState_IsRefused(Belief belief)
    {
        var saved = Saved(Taught(new PolicyOptions { Belief = belief, Dimensions = belief == Belief.Counts ? 0 : 2 }));
        for (var length = 0; length < saved.Length; length += 7) Should.Throw<InvalidDataException>(() => Policy.Load(new MemoryStream(saved[..length])));
        for (var at = 0; at < saved.Length; at++)
        {
            var damaged = (byte[])saved.Clone();
            damaged[at] ^= 0xFF;
            try
            {
                Policy.Load(new MemoryStream(damaged)).Probabilities(new Choices(Three, FeaturesOf(belief)), 1).Sum().ShouldBe(1, 1e-6);
            }
            catch (Exception failure) when (failure is InvalidDataException or ArgumentException)
            {
                // Refused, or the damage hit the features' number.
            }
        }
    }

    [Fact]
    public void Policy_WrongArguments_AreNamed()
    {
        Should.Throw<ArgumentException>(() => new Policy(new PolicyOptions { Belief = Belief.Linear })).Message.ShouldContain("dimensions is 0; allowed are 1 to 256");
        Should.Throw<ArgumentException>(() => new Policy(new PolicyOptions { PriorFailures = 0 })).Message.ShouldContain("priorFailures is 0");
        Should.Throw<ArgumentException>(() => new Policy(new PolicyOptions { Rule = (ChoiceRule)9 })).Message.ShouldContain("allowed are greedy");
        var policy = new Policy(new PolicyOptions());
        Should.Throw<ArgumentException>(() => policy.Choose(new Choices([]), 1, 1)).Message.ShouldContain("nothing to choose");
        Should.Throw<ArgumentException>(() => policy.Choose(new Choices([1, 1]), 1, 1)).Message.ShouldContain("twice");
        Should.Throw<ArgumentException>(() => policy.Choose(new Choices([1], [1f]), 1, 1)).Message.ShouldContain("1 features");
        Should.Throw<ArgumentException>(() => policy.Learn(1, [], 2)).Message.ShouldContain("0 to 1");
        Should.Throw<ArgumentException>(() => policy.Learn(new Decision([1], [1], []), [0, 1])).Message.ShouldContain("one for each");
        Should.Throw<ArgumentException>(() => policy.Propensities(new Choices([1, 2]), [3], 1)).Message.ShouldContain("not among the choices");
    }

    /// <summary>Action 10 has 1 reward of 4, 20 has 3 of 4, 30 none of 2.</summary>
    private static Policy Taught(PolicyOptions options)
    {
        var policy = new Policy(options);
        var features = FeaturesOf(options.Belief);
        (int Action, int Reward)[] seen = [(0, 1), (0, 0), (0, 0), (0, 0), (1, 1), (1, 1), (1, 1), (1, 0), (2, 0), (2, 0)];
        foreach (var (action, reward) in seen) policy.Learn(Three[action], features.AsSpan(action * options.Dimensions, options.Dimensions), reward);
        return policy;
    }

    private static float[] FeaturesOf(Belief belief) => belief == Belief.Counts ? [] : [1, 0.5f, 1, -0.5f, 1, 0.2f];

    private static byte[] Saved(Policy policy)
    {
        using var stream = new MemoryStream();
        policy.Save(stream);
        return stream.ToArray();
    }
}
