namespace Aisle.Learning.Evaluation;

/// <summary>How the places of many lists are shared out among the items. With c_i the lists that show item i, of N items, and lists of K:</summary>
/// <param name="Coverage">Share of the N items with c_i &gt; 0.</param>
/// <param name="Gini">Σ_i (2 i − N − 1) c_(i) / (N Σ c), c_(1) ≤ c_(2) ≤ …: 0 where all items are shown alike, near 1 where few take all places.</param>
/// <param name="Personalisation">1 − the mean over all pairs of lists of |A ∩ B| / K, exactly: the pairs share Σ_i c_i (c_i − 1) / 2 items. NaN for a single list.</param>
public readonly record struct Exposure(double Coverage, double Gini, double Personalisation)
{
    /// <param name="cases">The lists that count; their first <paramref name="cutoff"/> places do.</param>
    public static Exposure Of(RankedLists lists, IReadOnlyList<int> cases, int cutoff, int items)
    {
        var counts = new int[items];
        foreach (var @case in cases)
        {
            var list = lists.Of(@case);
            foreach (var item in list[..Math.Min(cutoff, list.Length)]) counts[item]++;
        }

        var shared = 0.0;
        foreach (var count in counts) shared += (double)count * (count - 1) / 2;

        var pairs = (double)cases.Count * (cases.Count - 1) / 2;
        return new Exposure(
            (double)counts.Count(count => count > 0) / items,
            GiniOf(Array.ConvertAll(counts, count => (double)count)),
            pairs > 0 ? 1 - (shared / pairs / cutoff) : double.NaN);
    }
    /// <summary>
    /// Share of each group in what is looked at: a place counts 1 / log₂(1 + rank), as in NDCG (Singh, Joachims: Fairness of exposure in rankings, KDD 2018).
    /// Groups may be sellers, bands of popularity or of age. <see cref="GiniOf"/> of them says how unevenly they are shown.
    /// </summary>
    /// <param name="groupOf">By item, numbered from 0.</param>
    /// <returns>By group, summing to 1; zeros where nothing is shown.</returns>
    public static double[] ByGroup(RankedLists lists, IReadOnlyList<int> cases, int cutoff, ReadOnlySpan<int> groupOf, int groups)
    {
        var (shares, total) = (new double[groups], 0.0);
        foreach (var @case in cases)
        {
            var list = lists.Of(@case);
            for (var rank = 0; rank < Math.Min(cutoff, list.Length); rank++)
            {
                var seen = 1 / Math.Log2(rank + 2);
                shares[groupOf[list[rank]]] += seen;
                total += seen;
            }
        }

        return total > 0 ? Array.ConvertAll(shares, share => share / total) : shares;
    }

    /// <summary>Gini of amounts, as above: 0 where all are alike. NaN where nothing is given out.</summary>
    public static double GiniOf(ReadOnlySpan<double> amounts)
    {
        double[] sorted = [.. amounts];
        Array.Sort(sorted);
        double weighted = 0, total = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            weighted += ((2.0 * (i + 1)) - sorted.Length - 1) * sorted[i];
            total += sorted[i];
        }

        return total > 0 ? weighted / (sorted.Length * total) : double.NaN;
    }
}
