using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Aisle.Learning.Models;
using Aisle.Learning.Ranking;

namespace Aisle.Benchmarks;

/// <summary>
/// Boosted trees on made-up lists: quality by objective and time to train, and what a list costs to score. The lists are written to a folder,
/// so that bench/peers/ranking_trees.py measures others on the same; then the re-ranking of 500 candidates.
/// </summary>
internal static class RankingSpeed
{
    private const int Features = 40;
    private const int ListLength = 50;
    private const int TestLists = 1000;
    private const int ValidationLists = 500;

    public static void Print(string folder, int lists, int threads, TextWriter output)
    {
        Directory.CreateDirectory(folder);
        var schema = new FeatureSchema(Enumerable.Range(0, Features).Select(f => new RankingFeature($"f{f}")));
        var train = Generate(schema, lists, 1, Path.Combine(folder, "train"));
        var validation = Generate(schema, ValidationLists, 2, Path.Combine(folder, "validation"));
        var test = Generate(schema, TestLists, 3, Path.Combine(folder, "test"));
        var context = new FitContext { Threads = threads };
        BoostedTrees? scored = null;
        var grades = new BoostedTreesOptions { Trees = 300, ExponentialGain = true, Truncation = 10, Patience = 10_000 };
        foreach (var options in new[]
                 {
                     grades, grades with { Truncation = ListLength }, grades with { Truncation = ListLength, L2 = 0.1 },
                     grades with { Objective = RankingObjective.SquaredError }, grades with { Objective = RankingObjective.Logistic },
                 })
        {
            var isLogistic = options.Objective == RankingObjective.Logistic;
            var own = isLogistic ? Halved(train, schema) : train.Examples;
            var start = Process.GetCurrentProcess().TotalProcessorTime;
            var model = new BoostedTreesTrainer(options).Fit(own, null, context);
            var seconds = (Process.GetCurrentProcess().TotalProcessorTime - start).TotalSeconds;
            var stopped = new BoostedTreesTrainer(options with { Patience = 30 }).Fit(own, isLogistic ? Halved(validation, schema) : validation.Examples, context);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{options.Objective}, truncation {options.Truncation}, L2 {options.L2}: {seconds:F1} s of processor time for {model.Trees} trees on {train.Labels.Length} rows, NDCG@10 {Ndcg(model, test):F4} on test; stopped by validation at {stopped.Trees} trees: {Ndcg(stopped, test):F4}"));
            scored ??= model;
        }

        PrintScoring(scored!, test, output);
        PrintLists(output);
    }

    private sealed record Lists(RankingExamples Examples, float[] Values, float[] Labels);

    /// <summary>
    /// Grades 0 to 4 by place within the list of a sum with thresholds, products and a smooth part, and noise. Ten features are the list's own: the
    /// same in all its rows, so that they say nothing of the order but much of the level.
    /// </summary>
    private static Lists Generate(FeatureSchema schema, int lists, int seed, string file)
    {
        var random = new Random(seed);
        var examples = new RankingExamples(schema);
        var (values, labels) = (new float[lists * ListLength * Features], new float[lists * ListLength]);
        for (var list = 0; list < lists; list++)
        {
            var own = values.AsSpan(list * ListLength * Features, ListLength * Features);
            var shared = Enumerable.Range(0, 10).Select(_ => Normal(random)).ToArray();
            var tastes = (shared[0], shared[1]);
            for (var row = 0; row < ListLength; row++)
            {
                var x = own.Slice(row * Features, Features);
                for (var f = 0; f < Features; f++) x[f] = f < 10 ? shared[f] : Normal(random);
                for (var f = 30; f < Features; f++) x[f] = random.NextDouble() < 0.3 ? float.NaN : MathF.Exp(x[f]);
                var truth = (1.2f * x[10]) + (x[11] > 0.3f ? 1 : 0) + (tastes.Item1 * x[12]) + (tastes.Item2 > 0 ? x[13] : -0.5f * x[13])
                    + MathF.Sin(2 * x[14]) + (x[15] * x[16] * 0.5f) + (float.IsNaN(x[30]) ? -0.5f : 0.3f * MathF.Log(x[30])) + (1.5f * shared[2]) + (1.2f * Normal(random));
                labels[(list * ListLength) + row] = truth > 4 ? 4 : truth > 3 ? 3 : truth > 2 ? 2 : truth > 1 ? 1 : 0;
            }

            examples.AddList(own, labels.AsSpan(list * ListLength, ListLength));
        }

        File.WriteAllBytes($"{file}.features.f32", MemoryMarshal.AsBytes(values.AsSpan()));
        File.WriteAllBytes($"{file}.labels.f32", MemoryMarshal.AsBytes(labels.AsSpan()));
        return new Lists(examples, values, labels);
    }

    /// <summary>The same rows with grades from 2 on as hits.</summary>
    private static RankingExamples Halved(Lists lists, FeatureSchema schema)
    {
        var examples = new RankingExamples(schema);
        for (var first = 0; first < lists.Labels.Length; first += ListLength)
        {
            var labels = Array.ConvertAll(lists.Labels[first..(first + ListLength)], label => label >= 2 ? 1f : 0f);
            examples.AddList(lists.Values.AsSpan(first * Features, ListLength * Features), labels);
        }

        return examples;
    }

    private static float Normal(Random random) => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    private static double Ndcg(BoostedTrees model, Lists lists)
    {
        var scores = new float[lists.Labels.Length];
        model.Score(lists.Values, scores);
        var (sum, count) = (0.0, 0);
        for (var first = 0; first < scores.Length; first += ListLength)
        {
            var labels = lists.Labels.AsMemory(first, ListLength).ToArray();
            var own = scores.AsMemory(first, ListLength).ToArray();
            var best = Dcg(labels.OrderDescending());
            if (best == 0) continue;
            sum += Dcg(Enumerable.Range(0, ListLength).OrderByDescending(row => own[row]).Select(row => labels[row])) / best;
            count++;
        }

        return sum / count;
    }

    private static double Dcg(IEnumerable<float> labels) => labels.Take(10).Select((label, rank) => (Math.Pow(2, label) - 1) / Math.Log2(rank + 2)).Sum();

    private static void PrintScoring(BoostedTrees model, Lists test, TextWriter output)
    {
        foreach (var rows in (int[])[100, 500])
        {
            var values = test.Values.AsMemory(0, rows * Features);
            var scores = new float[rows];
            var fast = Micros(() => model.Score(values.Span, scores));
            var plain = Micros(() => model.ScoreReference(values.Span, scores));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"score {rows} rows of {Features} features by {model.Trees} trees: {fast.Median:F0} µs (best {fast.Best:F0}), node by node {plain.Median:F0} µs (best {plain.Best:F0})"));
        }

        var contributions = new float[Features];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"contributions of a row: {Micros(() => model.Contribute(test.Values.AsSpan(0, Features), contributions)).Median:F1} µs"));
    }

    /// <summary>20 places out of 500 candidates with vectors of 64 numbers, in 8 groups.</summary>
    private static void PrintLists(TextWriter output)
    {
        const int Candidates = 500;
        const int Dimensions = 64;
        var random = new Random(4);
        var scores = Enumerable.Range(0, Candidates).Select(_ => random.NextSingle()).ToArray();
        var groups = Enumerable.Range(0, Candidates).Select(_ => random.Next(8)).ToArray();
        var vectors = new float[Candidates * Dimensions];
        for (var i = 0; i < Candidates; i++)
        {
            var own = vectors.AsSpan(i * Dimensions, Dimensions);
            foreach (ref var value in own) value = Normal(random);
            var norm = MathF.Sqrt(own.ToArray().Sum(value => value * value));
            foreach (ref var value in own) value /= norm;
        }

        double[] shares = [0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05];
        var quotas = new GroupQuota[] { new(7, 10, AtLeast: 2), new(0, 20, AtMost: 3), new(1, 20, AtMost: 3) };
        var chosen = new int[20];
        foreach (var (name, run) in new (string, Action)[]
                 {
                     ("marginal relevance", () => DiverseLists.Marginal(scores, vectors, 0.7, chosen)),
                     ("determinantal", () => DiverseLists.Determinantal(scores, vectors, 2, chosen)),
                     ("calibrated", () => CalibratedLists.Choose(scores, groups, shares, 0.5, chosen)),
                     ("quotas", () => GroupLists.WithQuotas(scores, groups, quotas, chosen)),
                     ("exposure", () => GroupLists.WithExposure(scores, groups, shares, 0.02, chosen)),
                 })
        {
            var (median, best) = Micros(run);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}, {chosen.Length} of {Candidates} candidates: {median:F0} µs (best {best:F0})"));
        }
    }

    /// <summary>Of many runs, each alone; the first ones let the runtime compile.</summary>
    private static (double Median, double Best) Micros(Action run)
    {
        var times = new double[300];
        for (var i = -300; i < times.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            run();
            if (i >= 0) times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        }

        Array.Sort(times);
        return (times[times.Length / 2], times[0]);
    }
}
