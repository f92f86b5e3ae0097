using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Models;

namespace Aisle.Learning.Evaluation;

/// <summary>
/// For every case, its candidates (all items but those that it excludes) are ranked by the model's scores (best first, ties by lower
/// index; items that the model does not know are left out), and the head of that list is compared with the items to be found. Means
/// are over the cases.
/// </summary>
public static class RankingEvaluator
{
    /// <summary>Scores held per thread: 4 MiB, so that they are still in the cache when the best are picked.</summary>
    private const int ScoresPerBatch = 1 << 20;

    /// <summary>Known users by what they did later: see <see cref="RankingCases.OfUsers"/>.</summary>
    public static RankingReport Evaluate(
        IModel model, Interactions seen, Interactions test, IReadOnlyList<int> cutoffs, int threads, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        Evaluate(model, RankingCases.OfUsers(test, seen), cutoffs, threads, progress, cancellation: cancellation);

    /// <param name="cutoffs">List lengths, each ≥ 1.</param>
    /// <param name="details">What to keep beside the metrics of each case; costs time and memory.</param>
    /// <param name="progress">Told the number of cases measured so far, in no particular order.</param>
    /// <exception cref="ArgumentException">Shapes differ or a cutoff is wrong.</exception>
    public static RankingReport Evaluate(
        IModel model,
        RankingCases cases,
        IReadOnlyList<int> cutoffs,
        int threads,
        IProgress<int>? progress = null,
        RankingDetails details = RankingDetails.None,
        CancellationToken cancellation = default)
    {
        Check(model, cases, cutoffs);
        var perCase = cutoffs.Select(_ => new UserMetrics[cases.Count]).ToArray();
        var lists = details.HasFlag(RankingDetails.Lists) ? new RankedLists(cases.Count, cutoffs.Max()) : null;
        var areas = details.HasFlag(RankingDetails.Auc) ? new float[cases.Count][] : null;
        var workers = new Worker?[threads];
        var batch = Math.Clamp(ScoresPerBatch / model.Items / Tile.Rows * Tile.Rows, Tile.Rows, 256);
        var done = 0;
        ParallelRows.Run(
            threads,
            cases.Count,
            batch,
            (number, first, end) =>
            {
                var worker = workers[number] ??= new Worker(model.Items, batch, cutoffs);
                worker.Measure(model, cases, first, end, new Findings(perCase, lists, areas));
                progress?.Report(Interlocked.Add(ref done, end - first));
            },
            cancellation);

        var rows = Enumerable.Range(0, cases.Count).Select(cases.RowOf).ToArray();
        return new RankingReport(rows, [.. cutoffs.Select((cutoff, i) => new CutoffReport(cutoff, perCase[i], Coverage(workers, i, model.Items)))])
        {
            Lists = lists,
            TargetAreas = areas,
        };
    }

    private static void Check(IModel model, RankingCases cases, IReadOnlyList<int> cutoffs)
    {
        if (model.Items != cases.Items || (cases.AreKnownUsers && model.Users != cases.TargetRows))
        {
            throw new ArgumentException(
                $"The model ({model.Users} users × {model.Items} items) and the test part ({cases.TargetRows} × {cases.Items}) must have one shape.");
        }

        if (cutoffs.Count == 0) throw new ArgumentException("Give at least one list length to measure at, e.g. 20.");
        foreach (var cutoff in cutoffs)
        {
            if (cutoff < 1 || cutoff > model.Items) throw new ArgumentException($"A list length of {cutoff} cannot be measured; allowed are 1 to {model.Items}, the number of items.");
        }
    }

    private static double Coverage(Worker?[] workers, int cutoff, int items)
    {
        var covered = 0;
        for (var item = 0; item < items; item++)
        {
            if (Array.Exists(workers, worker => worker is not null && worker.Shown[cutoff][item])) covered++;
        }

        return (double)covered / items;
    }

    /// <summary>What the threads fill, each case once.</summary>
    private sealed record Findings(UserMetrics[][] PerCase, RankedLists? Lists, float[][]? Areas);

    /// <summary>One thread's buffers, and the items that it has seen in lists.</summary>
    private sealed class Worker(int items, int batch, IReadOnlyList<int> cutoffs)
    {
        private readonly float[] _scores = new float[batch * items];
        private readonly int[] _ranked = new int[cutoffs.Max()];
        private readonly float[] _rankedScores = new float[cutoffs.Max()];
        private float[] _candidateScores = [];

        public bool[][] Shown { get; } = [.. cutoffs.Select(_ => new bool[items])];

        public void Measure(IModel model, RankingCases cases, int first, int end, Findings found)
        {
            var scores = this._scores.AsSpan(0, (end - first) * items);
            if (cases.AreKnownUsers) model.ScoreUsers(cases.UsersOf(first, end - first), scores);
            for (var i = first; i < end; i++)
            {
                var row = scores.Slice((i - first) * items, items);
                if (!cases.AreKnownUsers) model.ScoreHistory(new History(cases.HistoryOf(i)), row);
                if (found.Areas is not null) found.Areas[i] = AreaUnderCurve.Of(row, cases.TargetsOf(i), cases.ExcludedOf(i), cases.CandidatesOf(i));
                foreach (var item in cases.ExcludedOf(i)) row[item] = float.NegativeInfinity;
                var ranked = cases.CandidatesOf(i) is { } candidates
                    ? this.Rank(row, candidates)
                    : this._ranked.AsSpan(0, TopK.Select(row, this._ranked, this._rankedScores));
                found.Lists?.Set(i, ranked);
                for (var c = 0; c < cutoffs.Count; c++)
                {
                    found.PerCase[c][i] = UserMetrics.Of(ranked, cases.TargetsOf(i), cutoffs[c]);
                    foreach (var item in ranked[..Math.Min(cutoffs[c], ranked.Length)]) this.Shown[c][item] = true;
                }
            }
        }

        private Span<int> Rank(Span<float> row, int[] candidates)
        {
            Array.Resize(ref this._candidateScores, candidates.Length);
            for (var i = 0; i < candidates.Length; i++) this._candidateScores[i] = row[candidates[i]];
            var ranked = this._ranked.AsSpan(0, TopK.Select(this._candidateScores, this._ranked, this._rankedScores));
            foreach (ref var place in ranked) place = candidates[place];
            return ranked;
        }
    }
}
