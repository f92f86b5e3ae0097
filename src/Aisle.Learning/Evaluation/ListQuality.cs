using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Evaluation;

/// <summary>
/// What lists of one length are like beyond being right, for each case. With L the list, n_i the users who touched item i in training
/// and U their number:
/// </summary>
/// <param name="Novelty">Mean of −log₂(n_i / U) over L, in bits (self-information; Zhou et al., PNAS 2010). An item that nobody touched counts as touched once.</param>
/// <param name="Diversity">Mean of 1 − cosine over the pairs in L (Ziegler et al., WWW 2005).</param>
/// <param name="Serendipity">
/// Items of L that are to be found and do not stand in the list of the same length that popularity would show this user, divided by K
/// (Ge, Delgado-Battenfeld, Jannach: Beyond accuracy, RecSys 2010; their primitive model is popularity here).
/// </param>
/// <remarks>NaN where a list is too short to say: means leave those out.</remarks>
public sealed record ListQuality(float[] Novelty, float[] Diversity, float[] Serendipity)
{
    private const int CasesPerPortion = 64;

    /// <returns>One per cutoff of the report, which must have kept its lists.</returns>
    public static IReadOnlyList<ListQuality> Of(RankingReport report, RankingCases cases, Dataset train, int threads, CancellationToken cancellation = default)
    {
        var lists = report.Lists ?? throw new ArgumentException("The lists were not kept. Evaluate with RankingDetails.Lists.");
        var cutoffs = report.Cutoffs.Select(at => at.Cutoff).ToArray();
        var results = cutoffs.Select(_ => new ListQuality(new float[lists.Count], new float[lists.Count], new float[lists.Count])).ToArray();
        var information = Information(train.Interactions, out var popular);
        var likeness = ItemLikeness.Of(train);
        var workers = new Worker?[threads];
        ParallelRows.Run(
            threads,
            lists.Count,
            CasesPerPortion,
            (number, first, end) =>
            {
                var worker = workers[number] ??= new Worker(likeness, information, popular, cutoffs);
                for (var c = first; c < end; c++) worker.Measure(c, lists.Of(c), cases.TargetsOf(c), cases.ExcludedOf(c), results);
            },
            cancellation);
        return results;
    }

    /// <param name="popular">Items by falling popularity, ties by lower index; without those that nobody touched.</param>
    private static float[] Information(Interactions train, out int[] popular)
    {
        var counts = Counts(train);
        popular = [.. Enumerable.Range(0, train.Items).Where(item => counts[item] > 0).OrderByDescending(item => counts[item])];
        var users = Enumerable.Range(0, train.Users).Count(user => train.CountOf(user) > 0);
        return Array.ConvertAll(counts, count => (float)Math.Log2((double)users / Math.Max(count, 1)));
    }

    internal static int[] Counts(Interactions train)
    {
        var counts = new int[train.Items];
        foreach (var item in train.AllItems) counts[item]++;
        return counts;
    }

    private sealed class Worker(ItemLikeness likeness, float[] information, int[] popular, int[] cutoffs)
    {
        private readonly float[] _sum = new float[likeness.Features];
        private readonly float[] _diversity = new float[cutoffs.Length];

        /// <summary>Place of an item in the list that popularity would show, plus one, in the case numbered by the other half.</summary>
        private readonly (int Case, int Rank)[] _shown = new (int, int)[information.Length];

        public void Measure(int @case, ReadOnlySpan<int> list, ReadOnlySpan<int> targets, ReadOnlySpan<int> excluded, ListQuality[] results)
        {
            likeness.Diversity(list, cutoffs, this._sum, this._diversity);
            this.MarkPopular(@case, excluded);
            for (var c = 0; c < cutoffs.Length; c++)
            {
                var length = Math.Min(cutoffs[c], list.Length);
                var (bits, surprises) = (0.0, 0);
                foreach (var item in list[..length])
                {
                    bits += information[item];
                    var shown = this._shown[item];
                    var isPopular = shown.Case == @case + 1 && shown.Rank <= cutoffs[c];
                    if (!isPopular && targets.BinarySearch(item) >= 0) surprises++;
                }

                results[c].Novelty[@case] = length == 0 ? float.NaN : (float)(bits / length);
                results[c].Diversity[@case] = this._diversity[c];
                results[c].Serendipity[@case] = (float)surprises / cutoffs[c];
            }
        }

        private void MarkPopular(int @case, ReadOnlySpan<int> excluded)
        {
            var (rank, longest) = (0, cutoffs.Max());
            for (var i = 0; i < popular.Length && rank < longest; i++)
            {
                if (excluded.BinarySearch(popular[i]) < 0) this._shown[popular[i]] = (@case + 1, ++rank);
            }
        }
    }
}
