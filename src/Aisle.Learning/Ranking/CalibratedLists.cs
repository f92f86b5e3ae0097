using Aisle.Learning.Kernels;

namespace Aisle.Learning.Ranking;

/// <summary>Chooses lists whose groups stand in the proportions of a given mix, such as what someone chose so far.</summary>
/// <remarks>Steck: Calibrated recommendations (RecSys 2018), its greedy algorithm, for candidates that have one group each.</remarks>
public static class CalibratedLists
{
    /// <summary>q is mixed with a hundredth of p, so that the divergence is finite where a group is not in the list.</summary>
    private const double Mixed = 0.01;

    /// <summary>The next item has the largest (1 − λ) · Σ scores − λ · KL(p ‖ q), where q is the mix of the list with it.</summary>
    /// <param name="scores">One per candidate, best on a scale of 0 to 1.</param>
    /// <param name="groups">One per candidate, numbered from 0.</param>
    /// <param name="mix">p: a share per group; not negative, summing to 1.</param>
    /// <param name="strength">λ, 0 to 1: 0 leaves the order by score.</param>
    /// <param name="chosen">Receives candidates in their new order; at most as many as there are.</param>
    public static void Choose(ReadOnlySpan<float> scores, ReadOnlySpan<int> groups, ReadOnlySpan<double> mix, double strength, Span<int> chosen)
    {
        ListChecks.Check(scores, chosen);
        ListChecks.CheckGroups(scores, groups, mix.Length);
        CheckShares(mix);
        if (!(strength is >= 0 and <= 1)) throw new ArgumentException($"The strength of calibration is {strength}; allowed are 0 to 1.");
        using var scratch = new ScratchFloats((2L * mix.Length) + scores.Length);
        var counts = scratch.Span[..mix.Length];
        var changes = scratch.Span.Slice(mix.Length, mix.Length);
        var taken = scratch.Span[(2 * mix.Length)..];
        counts.Clear();
        taken.Clear();
        for (var place = 0; place < chosen.Length; place++)
        {
            // Σ p log q for the list with one more item, but for the group that gets it; what a group adds is the same for all its items.
            var length = place + 1;
            for (var group = 0; group < mix.Length; group++) changes[group] = (float)(Part(mix[group], counts[group] + 1, length) - Part(mix[group], counts[group], length));
            var (best, bestValue) = (-1, float.NegativeInfinity);
            for (var i = 0; i < scores.Length; i++)
            {
                if (taken[i] > 0) continue;
                var value = (float)(((1 - strength) * scores[i]) + (strength * changes[groups[i]]));
                if (best >= 0 && !(value > bestValue)) continue;
                (best, bestValue) = (i, value);
            }

            chosen[place] = best;
            taken[best] = 1;
            counts[groups[best]]++;
        }
    }

    /// <summary>KL(p ‖ q̃) of a list, q̃ = (1 − 0.01) q + 0.01 p: 0 where the list has the mix.</summary>
    public static double Divergence(ReadOnlySpan<int> list, ReadOnlySpan<int> groups, ReadOnlySpan<double> mix)
    {
        CheckShares(mix);
        var sum = 0.0;
        for (var group = 0; group < mix.Length; group++)
        {
            var count = 0;
            foreach (var candidate in list) count += groups[candidate] == group ? 1 : 0;
            if (mix[group] > 0) sum += (mix[group] * Math.Log(mix[group])) - Part(mix[group], count, list.Length);
        }

        return sum;
    }

    internal static void CheckShares(ReadOnlySpan<double> shares)
    {
        var sum = 0.0;
        foreach (var share in shares)
        {
            if (!(share >= 0)) throw new ArgumentException($"A share is {share}; shares are not negative.");
            sum += share;
        }

        if (!(Math.Abs(sum - 1) < 1e-6)) throw new ArgumentException($"The shares sum to {sum}; they must sum to 1.");
    }

    private static double Part(double share, double count, int length) => share > 0 ? share * Math.Log(((1 - Mixed) * count / length) + (Mixed * share)) : 0;
}
