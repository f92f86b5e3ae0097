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

        Array.Sort(counts);
        double weighted = 0, total = 0, shared = 0;
        for (var i = 0; i < items; i++)
        {
            weighted += ((2.0 * (i + 1)) - items - 1) * counts[i];
            total += counts[i];
            shared += (double)counts[i] * (counts[i] - 1) / 2;
        }

        var pairs = (double)cases.Count * (cases.Count - 1) / 2;
        return new Exposure(
            (double)counts.Count(count => count > 0) / items,
            total > 0 ? weighted / (items * total) : double.NaN,
            pairs > 0 ? 1 - (shared / pairs / cutoff) : double.NaN);
    }
}
