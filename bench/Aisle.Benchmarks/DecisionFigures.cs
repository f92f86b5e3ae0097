using System.Diagnostics;
using System.Globalization;
using Aisle.Learning;
using Aisle.Learning.Experiments;
using Aisle.Learning.Exploration;

namespace Aisle.Benchmarks;

/// <summary>How often experiments and judgements of policies are wrong, where the truth is known; what policies lose until they know; how long a choice takes.</summary>
internal static class DecisionFigures
{
    private static readonly string[] Metrics = ["conversion 5 %", "revenue", "revenue cut at 0.99", "clicks per impression"];

    public static void Print(TextWriter output)
    {
        foreach (var metric in Metrics)
        {
            foreach (var units in new[] { 1000, 10_000 }) Line(output, $"A/A fixed, {metric}, {units} units a variant", FalseFindings(metric, units, runs: 4000));
        }

        foreach (var metric in Metrics)
        {
            var (sequential, peeked) = Peeked(metric, runs: 1000, units: 20_000, every: 100);
            Line(output, $"A/A sequential, {metric}, a look at every 100 of 20,000 units", sequential);
            Line(output, $"A/A fixed, peeked at, {metric}", peeked);
        }

        Power(output);
        Line(output, "sample ratio alarm (0.05) at every 100 of 20,000 units, even split", Mismatch(0.5));
        Line(output, "the same, 52 : 48", Mismatch(0.52));
        foreach (var (shoppers, kind) in new[] { (100, OffPolicyInterval.Asymptotic), (1000, OffPolicyInterval.Asymptotic), (1000, OffPolicyInterval.Bootstrap) }) Coverage(output, shoppers, kind, kind == OffPolicyInterval.Bootstrap ? 300 : 2000);
        Regret(output);
        foreach (var actions in new[] { 10, 100, 1000 }) Latency(output, actions);
    }

    private static double FalseFindings(string metric, int units, int runs)
    {
        var found = 0;
        for (var run = 0; run < runs; run++)
        {
            var random = new RandomStream(1, run);
            Tally control = default, treatment = default;
            for (var unit = 0; unit < units; unit++)
            {
                Unit(metric, ref random, ref control);
                Unit(metric, ref random, ref treatment);
            }

            found += Comparison.Of(control.Sums, treatment.Sums).FixedProbability < 0.05 ? 1 : 0;
        }

        return (double)found / runs;
    }

    private static (double Sequential, double Fixed) Peeked(string metric, int runs, int units, int every)
    {
        var (sequential, once) = (0, 0);
        var options = new ComparisonOptions { PlannedUnits = units };
        for (var run = 0; run < runs; run++)
        {
            var random = new RandomStream(2, run);
            Tally control = default, treatment = default;
            var (foundSequential, foundOnce) = (false, false);
            for (var unit = 2; unit <= units; unit += 2)
            {
                Unit(metric, ref random, ref control);
                Unit(metric, ref random, ref treatment);
                if (unit % every > 0) continue;
                var comparison = Comparison.Of(control.Sums, treatment.Sums, options);
                foundSequential |= comparison.SequentialProbability <= 0.05;
                foundOnce |= comparison.FixedProbability <= 0.05;
            }

            sequential += foundSequential ? 1 : 0;
            once += foundOnce ? 1 : 0;
        }

        return ((double)sequential / runs, (double)once / runs);
    }

    /// <summary>Conversion of 20 % that rises by a fifth, at the units that a plan for 80 % power asks for.</summary>
    private static void Power(TextWriter output)
    {
        const int runs = 1000;
        const double correlation = 0.7;
        foreach (var sequential in new[] { false, true })
        {
            var plan = new SamplePlan { Deviation = SamplePlan.DeviationOf(0.2), Sequential = sequential };
            var units = (int)plan.UnitsFor(0.04);
            var (found, stopped) = (0, 0.0);
            for (var run = 0; run < runs; run++)
            {
                var random = new RandomStream(3, run);
                MetricSums control = default, treatment = default;
                for (var unit = 2; unit <= units; unit += 2)
                {
                    control += MetricSums.Of(random.UniformDouble() < 0.2 ? 1 : 0);
                    treatment += MetricSums.Of(random.UniformDouble() < 0.24 ? 1 : 0);
                    if (unit % 100 > 1 && unit + 2 <= units) continue;
                    var comparison = Comparison.Of(control, treatment, new ComparisonOptions { PlannedUnits = units });
                    if (!sequential && unit + 2 <= units) continue;
                    if ((sequential ? comparison.SequentialProbability : comparison.FixedProbability) > 0.05) continue;
                    found++;
                    stopped += unit;
                    break;
                }
            }

            Line(output, string.Create(CultureInfo.InvariantCulture, $"power, {(sequential ? "sequential" : "fixed")}, planned 0.8 at {units} units; stopped on average at {stopped / found:0}"), (double)found / runs);
        }

        foreach (var covariate in new[] { false, true })
        {
            var (found, reduction) = (0, 0.0);
            for (var run = 0; run < runs; run++)
            {
                var random = new RandomStream(4, run);
                MetricSums control = default, treatment = default;
                for (var unit = 0; unit < 500; unit++)
                {
                    control += Correlated(ref random, correlation, 0);
                    treatment += Correlated(ref random, correlation, 0.125);
                }

                var comparison = Comparison.Of(control, treatment, new ComparisonOptions { UseCovariate = covariate });
                found += comparison.FixedProbability < 0.05 ? 1 : 0;
                reduction += comparison.VarianceReduction / runs;
            }

            Line(output, string.Create(CultureInfo.InvariantCulture, $"power, fixed, 2 × 500 units, an eighth of a deviation, {(covariate ? "CUPED" : "without covariate")} (variance reduction {reduction:0.000}, correlation² {correlation * correlation:0.00})"), (double)found / runs);
        }
    }

    private static double Mismatch(double share)
    {
        const int runs = 2000;
        var alarms = 0;
        for (var run = 0; run < runs; run++)
        {
            var random = new RandomStream(5, run);
            double[] counts = [0, 0];
            for (var unit = 1; unit <= 20_000; unit++)
            {
                counts[random.UniformDouble() < share ? 0 : 1]++;
                if (unit % 100 > 0 || SampleRatio.Of(counts, [1, 1]).SequentialProbability > 0.05) continue;
                alarms++;
                break;
            }
        }

        return (double)alarms / runs;
    }

    /// <summary>Shoppers with a taste of their own decide one to five times; a baseline that explores showed them one of five things.</summary>
    private static void Coverage(TextWriter output, int shoppers, OffPolicyInterval kind, int runs)
    {
        double[] rates = [0.1, 0.15, 0.3, 0.2, 0.05], baseline = [0.1, 0.6, 0.1, 0.1, 0.1], judged = [0.05, 0.1, 0.7, 0.1, 0.05];
        var truth = rates.Zip(judged, (rate, probability) => rate * probability).Sum();
        var held = new int[3];
        var refused = 0;
        for (var run = 0; run < runs; run++)
        {
            var log = new List<LoggedDecision>();
            for (var shopper = 0; shopper < shoppers; shopper++)
            {
                var random = new RandomStream(6, run, shopper);
                var taste = 0.5 + random.UniformDouble();
                for (var left = 1 + random.Below(5); left > 0; left--)
                {
                    var (action, at) = (0, random.UniformDouble());
                    while (at >= baseline[action] && action < 4) at -= baseline[action++];
                    log.Add(new LoggedDecision { Unit = shopper, Logged = [baseline[action]], Target = [judged[action]], Rewards = [random.UniformDouble() < taste * rates[action] ? 1 : 0], Predicted = [rates[action]], TargetPredicted = [truth] });
                }
            }

            var report = OffPolicy.Evaluate(log, new OffPolicyOptions { Intervals = kind });
            refused += report.Problem is null ? 0 : 1;
            if (report.Problem is not null) continue;
            held[0] += report.Ips!.Interval.Holds(truth) ? 1 : 0;
            held[1] += report.SelfNormalised!.Interval.Holds(truth) ? 1 : 0;
            held[2] += report.DoublyRobust!.Interval.Holds(truth) ? 1 : 0;
        }

        string[] names = ["IPS", "self-normalised", "doubly robust"];
        for (var i = 0; i < 3; i++) Line(output, $"coverage of nominal 0.95, {names[i]}, {kind}, {shoppers} shoppers, {runs} logs, {refused} refused", (double)held[i] / (runs - refused));
    }

    private static void Regret(TextWriter output)
    {
        double[] rates = [0.05, 0.1, 0.12, 0.08, 0.3, 0.2, 0.15, 0.1, 0.05, 0.25];
        long[] actions = [.. Enumerable.Range(0, rates.Length).Select(action => (long)action)];
        (string Name, PolicyOptions Options)[] policies =
        [
            ("at random", new() { Uniform = 1 }),
            ("ε-greedy 0.1", new() { Rule = ChoiceRule.Greedy, Uniform = 0.1 }),
            ("Thompson", new() { Uniform = 0 }),
            ("UCB1 (1.414)", new() { Rule = ChoiceRule.Optimistic, Uniform = 0, Optimism = Math.Sqrt(2) }),
            ("optimism 0.5", new() { Rule = ChoiceRule.Optimistic, Uniform = 0, Optimism = 0.5 }),
        ];
        foreach (var (name, options) in policies)
        {
            var lost = new double[2];
            for (var run = 0; run < 20; run++)
            {
                var policy = new Policy(options);
                for (var i = 0; i < 10_000; i++)
                {
                    var decision = policy.Choose(new Choices(actions), 1, ((long)run << 32) + i);
                    var rate = rates[decision.Actions[0]];
                    policy.Learn(decision, [new RandomStream(7, run, i).UniformDouble() < rate ? 1 : 0]);
                    lost[1] += (0.3 - rate) / 20;
                    if (i < 1000) lost[0] += (0.3 - rate) / 20;
                }
            }

            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| lost rewards of 1,000 and 10,000 choices, {name} | {lost[0]:0}, {lost[1]:0} |"));
        }
    }

    private static void Latency(TextWriter output, int actions)
    {
        const int dimensions = 16;
        long[] numbers = [.. Enumerable.Range(0, actions).Select(action => (long)action)];
        var random = new RandomStream(8);
        var features = new float[actions * dimensions];
        foreach (ref var feature in features.AsSpan()) feature = random.Normal();
        foreach (var belief in Enum.GetValues<Belief>())
        {
            foreach (var rule in new[] { ChoiceRule.Greedy, ChoiceRule.Thompson })
            {
                var policy = new Policy(new PolicyOptions { Belief = belief, Rule = rule, Dimensions = belief == Belief.Counts ? 0 : dimensions });
                for (var i = 0; i < 20 * actions; i++)
                {
                    var action = random.Below(actions);
                    policy.Learn(action, features.AsSpan(action * policy.Options.Dimensions, policy.Options.Dimensions), random.UniformDouble() < 0.1 ? 1 : 0);
                }

                var given = belief == Belief.Counts ? [] : features;
                var best = double.PositiveInfinity;
                for (var i = 0; i < 30; i++)
                {
                    var start = Stopwatch.GetTimestamp();
                    policy.Choose(new Choices(numbers, given), 10, i);
                    best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }

                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| ms for a slate of 10 of {actions}, {belief}, {rule} | {best:0.000} |"));
            }
        }
    }

    private static void Unit(string metric, ref RandomStream random, ref Tally tally)
    {
        if (metric == Metrics[0])
        {
            tally.Add(random.UniformDouble() < 0.05 ? 1 : 0, 1);
        }
        else if (metric == Metrics[3])
        {
            var (impressions, rate, clicks) = (1 + random.Below(20), 0.2 * random.UniformDouble(), 0);
            for (var i = 0; i < impressions; i++) clicks += random.UniformDouble() < rate ? 1 : 0;
            tally.Add(clicks, impressions);
        }
        else
        {
            // 5 % buy, baskets with a logarithmic deviation of 1; of all shoppers 1 % spend more than 46.6: e^(3 + 0.8416), 80 % of baskets less.
            var revenue = random.UniformDouble() < 0.05 ? Math.Exp(3 + random.NormalDouble()) : 0;
            tally.Add(metric == Metrics[2] ? Math.Min(revenue, 46.6) : revenue, 1);
        }
    }

    private static MetricSums Correlated(ref RandomStream random, double correlation, double effect)
    {
        var before = random.NormalDouble();
        return MetricSums.Of((correlation * before) + (Math.Sqrt(1 - (correlation * correlation)) * random.NormalDouble()) + effect, covariate: before);
    }

    private static void Line(TextWriter output, string what, double share) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {share:0.0000} |"));

    /// <summary>Sums without the covariate, kept in place: 160 million units are added here.</summary>
    private struct Tally
    {
        private double _units;
        private double _values;
        private double _denominators;
        private double _squaredValues;
        private double _squaredDenominators;
        private double _products;

        public readonly MetricSums Sums => new()
        {
            Units = this._units,
            Values = this._values,
            Denominators = this._denominators,
            SquaredValues = this._squaredValues,
            SquaredDenominators = this._squaredDenominators,
            ValuesByDenominators = this._products,
        };

        public void Add(double value, double denominator)
        {
            this._units++;
            this._values += value;
            this._denominators += denominator;
            this._squaredValues += value * value;
            this._squaredDenominators += denominator * denominator;
            this._products += value * denominator;
        }
    }
}
