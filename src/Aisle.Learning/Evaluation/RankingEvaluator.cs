using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Models;

namespace Aisle.Learning.Evaluation;

/// <summary>
/// Full ranking: for every user with a test item, all items but those that the user is known to have touched are ranked by the model's scores
/// (best first, ties by lower index; items that the model does not know are left out), and the head of that list is compared
/// with the test items. Means are over those users.
/// </summary>
public static class RankingEvaluator
{
    /// <summary>Scores held per thread: 4 MiB, so that they are still in the cache when the best are picked.</summary>
    private const int ScoresPerBatch = 1 << 20;

    /// <param name="seen">What the user had touched before, the training part at least: no candidates.</param>
    /// <param name="test">Same shape as <paramref name="seen"/>.</param>
    /// <param name="cutoffs">List lengths, each ≥ 1.</param>
    /// <param name="progress">Told the number of users measured so far, in no particular order.</param>
    /// <exception cref="ArgumentException">Shapes differ, no user has a test item, or a cutoff is wrong.</exception>
    public static RankingReport Evaluate(
        IModel model, Interactions seen, Interactions test, IReadOnlyList<int> cutoffs, int threads, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        Check(model, seen, test, cutoffs);
        var users = Enumerable.Range(0, test.Users).Where(user => test.CountOf(user) > 0).ToArray();
        if (users.Length == 0) throw new ArgumentException("No user has a test item: there is nothing to measure.");

        var perUser = cutoffs.Select(_ => new UserMetrics[users.Length]).ToArray();
        var workers = new Worker?[threads];
        var batch = Math.Clamp(ScoresPerBatch / model.Items / Tile.Rows * Tile.Rows, Tile.Rows, 256);
        var done = 0;
        ParallelRows.Run(
            threads,
            users.Length,
            batch,
            (number, first, end) =>
            {
                var worker = workers[number] ??= new Worker(model.Items, batch, cutoffs);
                worker.Measure(model, seen, test, users.AsSpan(first, end - first), cutoffs, perUser, first);
                progress?.Report(Interlocked.Add(ref done, end - first));
            },
            cancellation);

        return new RankingReport(users, [.. cutoffs.Select((cutoff, i) => new CutoffReport(cutoff, perUser[i], Coverage(workers, i, model.Items)))]);
    }

    private static void Check(IModel model, Interactions seen, Interactions test, IReadOnlyList<int> cutoffs)
    {
        if (seen.Users != test.Users || seen.Items != test.Items || model.Users != seen.Users || model.Items != seen.Items)
        {
            throw new ArgumentException(
                $"The model ({model.Users} users × {model.Items} items), the part seen ({seen.Users} × {seen.Items}) and the test part ({test.Users} × {test.Items}) must have one shape.");
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

    /// <summary>One thread's buffers, and the items that it has seen in lists.</summary>
    private sealed class Worker(int items, int batch, IReadOnlyList<int> cutoffs)
    {
        private readonly float[] _scores = new float[batch * items];
        private readonly int[] _ranked = new int[cutoffs.Max()];
        private readonly float[] _rankedScores = new float[cutoffs.Max()];

        public bool[][] Shown { get; } = [.. cutoffs.Select(_ => new bool[items])];

        public void Measure(
            IModel model, Interactions seen, Interactions test, ReadOnlySpan<int> users, IReadOnlyList<int> cutoffs, UserMetrics[][] perUser, int position)
        {
            var scores = this._scores.AsSpan(0, users.Length * items);
            model.ScoreUsers(users, scores);
            for (var i = 0; i < users.Length; i++)
            {
                var row = scores.Slice(i * items, items);
                foreach (var item in seen.ItemsOf(users[i])) row[item] = float.NegativeInfinity;
                var ranked = this._ranked.AsSpan(0, TopK.Select(row, this._ranked, this._rankedScores));
                for (var c = 0; c < cutoffs.Count; c++)
                {
                    perUser[c][position + i] = UserMetrics.Of(ranked, test.ItemsOf(users[i]), cutoffs[c]);
                    foreach (var item in ranked[..Math.Min(cutoffs[c], ranked.Length)]) this.Shown[c][item] = true;
                }
            }
        }
    }
}
