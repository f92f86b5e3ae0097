namespace Aisle.Learning.Evaluation;

/// <summary>
/// How well one user's ranked list of K items recovers the user's n test items. With hit(r) = 1 where the item at rank r (from 1)
/// is a test item, and hits = Σ hit(r) over the K ranks:
/// </summary>
/// <param name="Recall">hits / n.</param>
/// <param name="Precision">hits / K.</param>
/// <param name="F1">2 · precision · recall / (precision + recall); 0 without a hit.</param>
/// <param name="Ndcg">Σ hit(r) / log₂(r + 1), divided by the same sum of an ideal list: its first min(K, n) ranks are all hits.</param>
/// <param name="Hit">1 with any hit, else 0.</param>
/// <param name="ReciprocalRank">1 / rank of the first hit; 0 without one.</param>
/// <param name="AveragePrecision">Σ hit(r) · (hits among the first r) / r, divided by min(K, n).</param>
public readonly record struct UserMetrics(
    float Recall, float Precision, float F1, float Ndcg, float Hit, float ReciprocalRank, float AveragePrecision)
{
    /// <summary>Measures a list.</summary>
    /// <param name="ranked">Items, best first; may be shorter than the cutoff where the model knows no more. Only the first <paramref name="cutoff"/> count.</param>
    /// <param name="test">The user's test items, ascending and distinct, at least one.</param>
    public static UserMetrics Of(ReadOnlySpan<int> ranked, ReadOnlySpan<int> test, int cutoff)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cutoff, 1);
        if (test.IsEmpty) throw new ArgumentException("A user without test items cannot be measured; leave such users out.");
        var hits = 0;
        var firstHit = 0;
        double gain = 0, precisions = 0;
        for (var rank = 1; rank <= Math.Min(cutoff, ranked.Length); rank++)
        {
            if (test.BinarySearch(ranked[rank - 1]) < 0) continue;
            hits++;
            if (firstHit == 0) firstHit = rank;
            gain += 1 / Math.Log2(rank + 1);
            precisions += (double)hits / rank;
        }

        if (hits == 0) return default;
        var ideal = 0.0;
        var reachable = Math.Min(cutoff, test.Length);
        for (var rank = 1; rank <= reachable; rank++) ideal += 1 / Math.Log2(rank + 1);
        var recall = (double)hits / test.Length;
        var precision = (double)hits / cutoff;
        return new UserMetrics(
            (float)recall, (float)precision, (float)(2 * precision * recall / (precision + recall)), (float)(gain / ideal), 1f, 1f / firstHit, (float)(precisions / reachable));
    }
}
