using Aisle.Learning.Data;

namespace Aisle.Learning.Evaluation;

/// <summary>What to measure beside the accuracy of the lists.</summary>
[Flags]
public enum MeasureKinds
{
    None = 0,

    /// <summary>Area under the curve.</summary>
    Auc = 1,

    /// <summary>Gini, novelty, diversity, serendipity, personalisation.</summary>
    Lists = 2,

    /// <summary>Confidence intervals.</summary>
    Intervals = 4,

    /// <summary>Everything by activity of users and by popularity of items.</summary>
    Groups = 8,

    /// <summary>Tests of each model against the best.</summary>
    Tests = 16,

    All = Auc | Lists | Intervals | Groups | Tests,
}

/// <summary>A figure by its name as the command line prints it, such as <c>ndcg@20</c>, with its interval where one was asked for.</summary>
public readonly record struct Measurement(string Name, double Value, double? Low = null, double? High = null);

/// <param name="Kind">users or items.</param>
/// <param name="Name">low, mid, high; head, mid, tail.</param>
/// <param name="Cases">Cases that count: for items, those with a target of that group.</param>
public sealed record MeasuredGroup(string Kind, string Name, int Cases, IReadOnlyList<Measurement> Measurements);

/// <summary>All figures of one ranking.</summary>
public sealed record Measurements(IReadOnlyList<Measurement> All, IReadOnlyList<MeasuredGroup> Groups)
{
    private static readonly (string Name, Func<UserMetrics, float> Value)[] Accuracy =
    [
        ("recall", metrics => metrics.Recall),
        ("precision", metrics => metrics.Precision),
        ("f1", metrics => metrics.F1),
        ("ndcg", metrics => metrics.Ndcg),
        ("hit", metrics => metrics.Hit),
        ("mrr", metrics => metrics.ReciprocalRank),
        ("map", metrics => metrics.AveragePrecision),
    ];

    /// <summary>What the evaluator has to keep for some kinds.</summary>
    public static RankingDetails DetailsFor(MeasureKinds kinds) =>
        (kinds.HasFlag(MeasureKinds.Auc) ? RankingDetails.Auc : RankingDetails.None)
        | (kinds.HasFlag(MeasureKinds.Lists) || kinds.HasFlag(MeasureKinds.Groups) ? RankingDetails.Lists : RankingDetails.None);

    /// <param name="report">Made with <see cref="DetailsFor"/> the same kinds.</param>
    /// <param name="seed">Of the intervals.</param>
    public static Measurements Of(
        RankingReport report, RankingCases cases, Dataset train, MeasureKinds kinds, int seed, int threads, CancellationToken cancellation = default)
    {
        // Lists among a few sampled candidates say nothing of what shoppers would be shown.
        if (cases.AreSampled) kinds &= ~MeasureKinds.Lists;
        var qualities = kinds.HasFlag(MeasureKinds.Lists) ? ListQuality.Of(report, cases, train, threads, cancellation) : null;
        var figures = new Figures(report, qualities);
        var everyone = Enumerable.Range(0, cases.Count).ToArray();
        var all = figures.Over(everyone, cases.Items);
        if (kinds.HasFlag(MeasureKinds.Intervals)) all = WithIntervals(all, figures, seed, threads, cancellation);
        return new Measurements(all, kinds.HasFlag(MeasureKinds.Groups) ? [.. ByUsers(figures, cases, train.Interactions), .. ByItems(report, cases, train.Interactions)] : []);
    }

    /// <summary>The value of one metric for each case, for tests between models.</summary>
    /// <param name="name">Such as <c>ndcg@20</c>.</param>
    public static float[] PerCase(RankingReport report, string name) =>
        new Figures(report, null).PerCase.FirstOrDefault(metric => metric.Name == name).Values ?? throw new ArgumentException($"{name} was not measured for each case.");

    private static List<Measurement> WithIntervals(List<Measurement> all, Figures figures, int seed, int threads, CancellationToken cancellation)
    {
        var ends = Bootstrap.Intervals([.. figures.PerCase.Select(metric => metric.Values)], seed, threads, cancellation);
        var byName = figures.PerCase.Select((metric, i) => (metric.Name, Ends: ends[i])).ToDictionary(pair => pair.Name, pair => pair.Ends);
        return all.ConvertAll(measured => byName.TryGetValue(measured.Name, out var interval) ? measured with { Low = interval.Low, High = interval.High } : measured);
    }

    private static IEnumerable<MeasuredGroup> ByUsers(Figures figures, RankingCases cases, Interactions train)
    {
        var groups = EvaluationGroups.ByActivity(cases, train);
        for (var g = 0; g < EvaluationGroups.OfUsers.Length; g++)
        {
            var members = Enumerable.Range(0, groups.Length).Where(@case => groups[@case] == g).ToArray();
            if (members.Length > 0) yield return new MeasuredGroup("users", EvaluationGroups.OfUsers[g], members.Length, figures.Over(members, cases.Items));
        }
    }

    /// <summary>For each group of items, the same lists measured by the targets of that group alone, over the cases that have any.</summary>
    private static IEnumerable<MeasuredGroup> ByItems(RankingReport report, RankingCases cases, Interactions train)
    {
        var groups = EvaluationGroups.ByPopularity(train);
        var lists = report.Lists!;
        for (var g = 0; g < EvaluationGroups.OfItems.Length; g++)
        {
            var metrics = report.Cutoffs.Select(_ => new List<UserMetrics>()).ToArray();
            var areas = new List<float>();
            var shown = new (long Group, long All)[report.Cutoffs.Count];
            for (var c = 0; c < cases.Count; c++)
            {
                for (var k = 0; k < shown.Length; k++)
                {
                    var list = lists.Of(c);
                    list = list[..Math.Min(report.Cutoffs[k].Cutoff, list.Length)];
                    foreach (var item in list) shown[k].Group += groups[item] == g ? 1 : 0;
                    shown[k].All += list.Length;
                }

                var targets = cases.TargetsOf(c).ToArray();
                var ours = Array.FindAll(targets, item => groups[item] == g);
                if (ours.Length == 0) continue;
                for (var k = 0; k < metrics.Length; k++) metrics[k].Add(UserMetrics.Of(lists.Of(c), ours, report.Cutoffs[k].Cutoff));
                if (report.TargetAreas is { } known) areas.Add(known[c].Where((_, i) => groups[targets[i]] == g).Average());
            }

            if (metrics[0].Count == 0) continue;
            var all = new List<Measurement>();
            for (var k = 0; k < metrics.Length; k++)
            {
                var cutoff = report.Cutoffs[k].Cutoff;
                all.AddRange(Accuracy.Select(metric => new Measurement($"{metric.Name}@{cutoff}", Bootstrap.MeanOf(metrics[k].Select(metric.Value)))));
                all.Add(new Measurement($"share@{cutoff}", (double)shown[k].Group / Math.Max(1, shown[k].All)));
            }

            if (areas.Count > 0) all.Add(new Measurement("auc", Bootstrap.MeanOf(areas)));
            yield return new MeasuredGroup("items", EvaluationGroups.OfItems[g], metrics[0].Count, all);
        }
    }

    /// <summary>The metrics of each case, and what else can be said of some of the lists.</summary>
    private sealed class Figures
    {
        private readonly RankingReport _report;
        private readonly IReadOnlyList<ListQuality>? _qualities;

        public Figures(RankingReport report, IReadOnlyList<ListQuality>? qualities)
        {
            this._report = report;
            this._qualities = qualities;
            for (var c = 0; c < report.Cutoffs.Count; c++)
            {
                var at = report.Cutoffs[c];
                foreach (var (name, value) in Accuracy) this.PerCase.Add(($"{name}@{at.Cutoff}", [.. at.PerUser.Select(value)]));
                if (qualities is null) continue;
                this.PerCase.Add(($"novelty@{at.Cutoff}", qualities[c].Novelty));
                this.PerCase.Add(($"diversity@{at.Cutoff}", qualities[c].Diversity));
                this.PerCase.Add(($"serendipity@{at.Cutoff}", qualities[c].Serendipity));
            }

            if (report.TargetAreas is { } areas) this.PerCase.Add(("auc", [.. areas.Select(targets => targets.Average())]));
        }

        public List<(string Name, float[] Values)> PerCase { get; } = [];

        public List<Measurement> Over(int[] cases, int items)
        {
            var all = this.PerCase.Where(metric => !metric.Name.EndsWith("auc", StringComparison.Ordinal))
                .Select(metric => new Measurement(metric.Name, Bootstrap.MeanOf(cases.Select(@case => metric.Values[@case])))).ToList();
            for (var c = 0; c < this._report.Cutoffs.Count; c++) this.AddExposure(all, this._report.Cutoffs[c], cases, items);
            foreach (var (name, values) in this.PerCase.Where(metric => metric.Name == "auc"))
                all.Add(new Measurement(name, Bootstrap.MeanOf(cases.Select(@case => values[@case]))));
            return all;
        }

        private void AddExposure(List<Measurement> all, CutoffReport at, int[] cases, int items)
        {
            if (this._report.Lists is null)
            {
                all.Add(new Measurement($"coverage@{at.Cutoff}", at.Coverage));
                return;
            }

            var exposure = Exposure.Of(this._report.Lists, cases, at.Cutoff, items);
            all.Add(new Measurement($"coverage@{at.Cutoff}", exposure.Coverage));
            if (this._qualities is null) return;
            all.Add(new Measurement($"gini@{at.Cutoff}", exposure.Gini));
            all.Add(new Measurement($"personalisation@{at.Cutoff}", exposure.Personalisation));
        }
    }
}
