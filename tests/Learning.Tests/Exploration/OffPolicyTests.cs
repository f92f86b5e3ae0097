using Aisle.Learning.Exploration;
using Aisle.Learning.Tests.Experiments;

namespace Aisle.Learning.Tests.Exploration;

public sealed class OffPolicyTests
{
    private static readonly OffPolicyOptions Small = new() { LeastEffectiveSize = 2 };

    [Fact]
    public void Evaluate_FourDecisions_EqualsTheSumsDoneByHand()
    {
        // Weights 2, 0.5, 1, 0.5 with a mean of 1; rewards 1, 1, 0, 0.
        LoggedDecision[] log = [One(1, 0.5, 1, 1), One(2, 0.8, 0.4, 1), One(3, 0.5, 0.5, 0), One(4, 0.8, 0.4, 0)];
        var report = OffPolicy.Evaluate(log, Small);
        report.Ips!.Value.ShouldBe(2.5 / 4, 1e-12);
        report.SelfNormalised!.Value.ShouldBe(2.5 / 4, 1e-12);
        report.EffectiveSize.ShouldBe(16 / 5.5, 1e-12);
        report.MeanWeight.ShouldBe(1, 1e-12);

        // Terms 2, ½, 0, 0 about 5/8: squares 1.890625 + 0.015625 + 2 · 0.390625 over 4 · 3.
        report.Ips.Error.ShouldBe(Math.Sqrt(2.6875 / 12), 1e-12);
        report.DoublyRobust.ShouldBeNull();
        report.Warnings.ShouldContain(warning => warning.Contains("4 units only"));
    }

    [Fact]
    public void Evaluate_PerfectModel_NeedsNoWeights()
    {
        var log = Enumerable.Range(0, 100).Select(i => One(i, 0.5, i % 2 == 0 ? 0.9 : 0.1, i % 2) with { Predicted = [i % 2], TargetPredicted = [0.1] }).ToArray();
        var report = OffPolicy.Evaluate(log);
        report.DoublyRobust!.Value.ShouldBe(0.1, 1e-12);
        report.DoublyRobust.Error.ShouldBe(0, 1e-12);
        report.Ips!.Error.ShouldBeGreaterThan(0.01);
    }

    [Fact]
    public void Evaluate_SlateOfTwo_WeighsByWhatStandsAbove()
    {
        // Weights 2 at the first place, 2·¼ at the second; and their other kind, so that the mean is 1.
        LoggedDecision[] log =
        [
            new() { Unit = 1, Logged = [0.5, 0.8], Target = [1, 0.2], Rewards = [3, 5] },
            new() { Unit = 2, Logged = [0.5, 0.5], Target = [0, 0.5], Rewards = [7, 7] },
            new() { Unit = 3, Logged = [0.5, 0.4], Target = [0.5, 0.6], Rewards = [1, 2] },
            new() { Unit = 4, Logged = [0.5], Target = [0.5], Rewards = [4] },
            new() { Unit = 5, Logged = [0.5, 0.5], Target = [0.5, 0.5], Rewards = [0, 0] },
            new() { Unit = 6, Logged = [0.5, 0.25], Target = [0.5, 0.5], Rewards = [0, 0] },
        ];
        OffPolicy.Evaluate(log, Small).Ips!.Value.ShouldBe(((2 * 3) + (0.5 * 5) + 1 + (1.5 * 2) + 4) / 6, 1e-12);
        OffPolicy.Evaluate(log, Small with { Slates = SlateAssumption.Whole }).Ips!.Value.ShouldBe(((0.5 * 8) + (1.5 * 3) + 4) / 6, 1e-12);

        // Cut at 1.25: the third's second weight loses 0.25 at one place, the first's 0.75, the last's 0.75; the largest reward is 7.
        OffPolicy.Evaluate(log, Small with { Clip = 1.25 }).ClippingBias.ShouldBe((0.75 + 0.25 + 0.75) / 6 * 7, 1e-12);
    }

    [Fact]
    public void Evaluate_LogWithoutOverlap_GivesAReasonAndNoFigure()
    {
        // The judged policy wants an action that the log never holds: its probability of what is there is small.
        var never = Enumerable.Range(0, 500).Select(i => One(i, 0.5, 0.1, 1)).ToArray();
        var report = OffPolicy.Evaluate(never);
        report.Ips.ShouldBeNull();
        report.Problem!.ShouldContain("80");
        report.Problem!.ShouldContain("never holds");

        OffPolicy.Evaluate([.. Enumerable.Range(0, 500).Select(i => One(i, 0.5, 0.9, 1))]).Problem!.ShouldContain("propensities are not those");
        OffPolicy.Evaluate([.. Enumerable.Range(0, 500).Select(i => One(i, i == 0 ? 0.002 : 1, i == 0 ? 1 : 0, 1))]).Problem!.ShouldContain("worth 1 decisions");
        OffPolicy.Evaluate([One(1, 1, 1, 1), One(1, 1, 1, 1)], Small).Problem!.ShouldContain("one unit");
        Should.Throw<ArgumentException>(() => OffPolicy.Evaluate([One(1, 0, 1, 1)])).Message.ShouldContain("propensity 0 at place 0");
        Should.Throw<ArgumentException>(() => OffPolicy.Evaluate([])).Message.ShouldContain("without a log");
    }

    [Fact]
    public void ParetoShape_KnownTails_AreTold()
    {
        // Quantiles of Pareto distributions of the shape ξ: (1 − u)^−ξ.
        double Shape(double xi) => ParetoShape.Of([.. Enumerable.Range(0, 10_000).Select(i => Math.Pow(1 - ((i + 0.5) / 10_000), -xi))]);
        Shape(0.3).ShouldBe(0.3, 0.08);
        Shape(0.8).ShouldBe(0.8, 0.1);
        Shape(1.2).ShouldBe(1.2, 0.15);
        ParetoShape.Of([.. Enumerable.Range(0, 10_000).Select(i => i % 10 == 0 ? 10.0 : 0)]).ShouldBe(0);
    }

    /// <summary>The issue asks for 90 % of nominal 95 %; docs/benchmarks.md has more runs.</summary>
    [Theory]
    [InlineData(OffPolicyInterval.Asymptotic)]
    [InlineData(OffPolicyInterval.Bootstrap)]
    public void Intervals_ManyLogs_HoldTheTrueValue(OffPolicyInterval kind)
    {
        var runs = kind == OffPolicyInterval.Bootstrap ? 100 : 300;
        var (ips, normalised, robust) = (0, 0, 0);
        var errors = (Ips: 0.0, Robust: 0.0);
        for (var run = 0; run < runs; run++)
        {
            var (log, truth) = Log(run, shoppers: 300);
            var report = OffPolicy.Evaluate(log, new OffPolicyOptions { Intervals = kind, Resamples = 200 });
            ips += report.Ips!.Interval.Holds(truth) ? 1 : 0;
            normalised += report.SelfNormalised!.Interval.Holds(truth) ? 1 : 0;
            robust += report.DoublyRobust!.Interval.Holds(truth) ? 1 : 0;
            errors = (errors.Ips + report.Ips.Error, errors.Robust + report.DoublyRobust.Error);
        }

        foreach (var held in new[] { ips, normalised, robust }) ((double)held / runs).ShouldBeInRange(0.9, 0.99);
        errors.Robust.ShouldBeLessThan(errors.Ips);
    }

    [Fact]
    public void Intervals_SlatesOfACascade_HoldTheTrueValue()
    {
        const int runs = 150;
        double[] attractions = [0.4, 0.3, 0.2, 0.1];
        var (held, heldWhole, narrower) = (0, 0, 0);
        var target = new Policy(new PolicyOptions { Rule = ChoiceRule.Softmax, Temperature = 0.15, Uniform = 0.1 });
        for (var action = 0; action < 4; action++)
        {
            for (var i = 0; i < 98; i++) target.Learn(action, [], i < 98 * attractions[action] ? 1 : 0);
        }

        var logged = new Policy(new PolicyOptions { Rule = ChoiceRule.Greedy, Uniform = 1 });
        var truth = TrueClicks(target, attractions);
        double[][] slates = [.. Enumerable.Range(0, 16).Select(slate => slate / 4 == slate % 4 ? [] : target.Propensities(new Choices([0, 1, 2, 3]), [slate / 4, slate % 4], 1))];
        for (var run = 0; run < runs; run++)
        {
            var log = new LoggedDecision[800];
            for (var i = 0; i < log.Length; i++)
            {
                var random = new Draws(12, (run * 10_000) + i);
                var decision = logged.Choose(new Choices([0, 1, 2, 3]), 2, ((long)run << 32) + i);
                var first = random.Uniform() < attractions[decision.Actions[0]];
                var second = !first && random.Uniform() < attractions[decision.Actions[1]];
                log[i] = new LoggedDecision
                {
                    Unit = i,
                    Logged = decision.Propensities,
                    Target = slates[(int)((decision.Actions[0] * 4) + decision.Actions[1])],
                    Rewards = [first ? 1 : 0, second ? 1 : 0],
                };
            }

            var cascade = OffPolicy.Evaluate(log).Ips!;
            var whole = OffPolicy.Evaluate(log, new OffPolicyOptions { Slates = SlateAssumption.Whole }).Ips!;
            held += cascade.Interval.Holds(truth) ? 1 : 0;
            heldWhole += whole.Interval.Holds(truth) ? 1 : 0;
            narrower += cascade.Error < whole.Error ? 1 : 0;
        }

        ((double)held / runs).ShouldBeInRange(0.9, 0.99);
        ((double)heldWhole / runs).ShouldBeInRange(0.9, 0.99);
        narrower.ShouldBe(runs);
    }

    private static LoggedDecision One(long unit, double logged, double target, double reward) => new() { Unit = unit, Logged = [logged], Target = [target], Rewards = [reward] };

    /// <summary>By the probabilities of every slate of two.</summary>
    private static double TrueClicks(Policy policy, double[] attractions)
    {
        var clicks = 0.0;
        for (var first = 0; first < 4; first++)
        {
            for (var second = 0; second < 4; second++)
            {
                if (first == second) continue;
                var propensities = policy.Propensities(new Choices([0, 1, 2, 3]), [first, second], 1);
                clicks += propensities[0] * propensities[1] * (1 - ((1 - attractions[first]) * (1 - attractions[second])));
            }
        }

        return clicks;
    }

    /// <summary>
    /// Shoppers with a taste of their own make 1 to 5 decisions each; an ε-greedy baseline showed them one of five products, and a policy that
    /// prefers another one is judged. The model of rewards knows the products' means, not the tastes.
    /// </summary>
    private static (LoggedDecision[] Log, double Truth) Log(int run, int shoppers)
    {
        double[] rates = [0.1, 0.15, 0.3, 0.2, 0.05], baseline = [0.1, 0.6, 0.1, 0.1, 0.1], judged = [0.05, 0.1, 0.7, 0.1, 0.05];
        var log = new List<LoggedDecision>();
        for (var shopper = 0; shopper < shoppers; shopper++)
        {
            var random = new Draws(11, (run * 100_000) + shopper);
            var taste = 0.5 + random.Uniform();
            for (var left = 1 + random.Below(5); left > 0; left--)
            {
                var (action, at) = (0, random.Uniform());
                while (at >= baseline[action] && action < 4) at -= baseline[action++];
                log.Add(new LoggedDecision
                {
                    Unit = shopper,
                    Logged = [baseline[action]],
                    Target = [judged[action]],
                    Rewards = [random.Uniform() < taste * rates[action] ? 1 : 0],
                    Predicted = [rates[action]],
                    TargetPredicted = [rates.Zip(judged, (rate, probability) => rate * probability).Sum()],
                });
            }
        }

        return ([.. log], rates.Zip(judged, (rate, probability) => rate * probability).Sum());
    }
}
