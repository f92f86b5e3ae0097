namespace Aisle.Learning.Evaluation;

/// <summary>Candidates for the protocol of old papers, which ranks each test item against some sampled negatives instead of all items.</summary>
public static class SampledCandidates
{
    public const string Warning =
        "Sampled metrics mislead: ranked against a few sampled negatives, models look far better than they are, and the order between them can turn round "
        + "(Krichene, Rendle: On sampled metrics for item recommendation, KDD 2020). Compare these figures with tables of this protocol only; choose models by full ranking.";

    /// <summary>The same cases, each ranked among its targets and given negatives.</summary>
    /// <param name="negatives">By user; an item that stands there twice, or is a target itself, is one candidate.</param>
    /// <param name="name">Name of the negatives, for the message.</param>
    /// <param name="itself">How many of the negatives are a target of their own case.</param>
    /// <exception cref="ArgumentException">A user has none.</exception>
    public static RankingCases Given(RankingCases cases, IReadOnlyDictionary<int, int[]> negatives, string name, out int itself)
    {
        itself = 0;
        var candidates = new int[cases.Count][];
        for (var c = 0; c < cases.Count; c++)
        {
            var row = cases.RowOf(c);
            if (!negatives.TryGetValue(row, out var given)) throw new ArgumentException($"{name} holds no negatives for user {row}, who has a test item.");
            var targets = cases.TargetsOf(c);
            foreach (var item in given) itself += targets.BinarySearch(item) >= 0 ? 1 : 0;
            candidates[c] = TargetsLast(given, targets);
        }

        return cases.Among(candidates);
    }

    /// <summary>The same cases, each ranked among its targets and as many items as asked that it never touched, drawn evenly.</summary>
    /// <param name="count">Negatives a case, at least 1; fewer where so many do not exist.</param>
    public static RankingCases Draw(RankingCases cases, int count, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var candidates = new int[cases.Count][];
        for (var c = 0; c < cases.Count; c++)
        {
            var random = new RandomStream(seed, cases.RowOf(c));
            var targets = cases.TargetsOf(c);
            var excluded = cases.ExcludedOf(c);
            var free = cases.Items - targets.Length - excluded.Length;
            var drawn = new HashSet<int>();
            while (drawn.Count < Math.Min(count, free))
            {
                var item = random.Below(cases.Items);
                if (targets.BinarySearch(item) < 0 && excluded.BinarySearch(item) < 0) drawn.Add(item);
            }

            candidates[c] = TargetsLast([.. drawn], targets);
        }

        return cases.Among(candidates);
    }

    /// <summary>Of equal scores the earlier candidate is ranked first: with the targets last, a model that scores all alike finds nothing.</summary>
    private static int[] TargetsLast(int[] negatives, ReadOnlySpan<int> targets)
    {
        var places = new List<int>(negatives.Length + targets.Length);
        var taken = new HashSet<int>(targets.ToArray());
        foreach (var item in negatives)
        {
            if (taken.Add(item)) places.Add(item);
        }

        return [.. places, .. targets];
    }
}
