using Aisle.Learning.Kernels;

namespace Aisle.Learning.Ranking;

/// <summary>
/// Chooses lists whose items differ, from candidates with scores and vectors of unit length (row by row; the dot product is the likeness).
/// Both ways cost candidates · places · dimensions operations and take no memory from the managed heap.
/// </summary>
public static class DiverseLists
{
    /// <summary>
    /// Maximal marginal relevance: the next item has the largest λ · score − (1 − λ) · largest likeness to those chosen.
    /// </summary>
    /// <param name="scores">One per candidate, on a scale like likeness: best brought to 0 to 1.</param>
    /// <param name="vectors">Candidates × dimensions.</param>
    /// <param name="relevance">λ, 0 to 1: 1 leaves the order by score.</param>
    /// <param name="chosen">Receives candidates in their new order; at most as many as there are.</param>
    /// <remarks>Carbonell, Goldstein: The use of MMR, diversity-based reranking (SIGIR 1998).</remarks>
    public static void Marginal(ReadOnlySpan<float> scores, ReadOnlySpan<float> vectors, double relevance, Span<int> chosen)
    {
        var dimensions = Check(scores, vectors, chosen);
        if (!(relevance is >= 0 and <= 1)) throw new ArgumentException($"The share of relevance is {relevance}; allowed are 0 to 1.");
        using var scratch = new ScratchFloats(scores.Length);
        var likeness = scratch.Span;
        likeness.Fill(float.NegativeInfinity);
        var share = (float)relevance;
        for (var place = 0; place < chosen.Length; place++)
        {
            var (best, bestValue) = (-1, float.NegativeInfinity);
            for (var i = 0; i < scores.Length; i++)
            {
                if (float.IsNaN(likeness[i])) continue;
                var value = place == 0 ? share * scores[i] : (share * scores[i]) - ((1 - share) * likeness[i]);
                if (best >= 0 && !(value > bestValue)) continue;
                (best, bestValue) = (i, value);
            }

            chosen[place] = best;

            // NaN marks what is chosen: Max keeps it.
            likeness[best] = float.NaN;
            var row = vectors.Slice(best * dimensions, dimensions);
            for (var i = 0; i < scores.Length; i++) likeness[i] = float.Max(likeness[i], Vectors.Dot(row, vectors.Slice(i * dimensions, dimensions)));
        }
    }

    /// <summary>
    /// The greedy most probable set of a determinantal point process with kernel L_ij = q_i q_j s_ij, q = e^(strength · score), s the likeness brought
    /// from [−1, 1] to [0, 1]: the next item adds most to log det L. When nothing adds anything (all that are left equal chosen ones), the rest follows by score.
    /// </summary>
    /// <param name="strength">α, 0 to 100: what the scores weigh beside difference; 0 for difference alone.</param>
    /// <param name="chosen">Receives candidates in their new order; at most as many as there are.</param>
    /// <remarks>Chen, Zhang, Zhou: Fast greedy MAP inference for determinantal point process to improve recommendation diversity (NeurIPS 2018): the Cholesky factor grows a row with each item.</remarks>
    public static void Determinantal(ReadOnlySpan<float> scores, ReadOnlySpan<float> vectors, double strength, Span<int> chosen)
    {
        const float Nothing = 1e-6f;
        var dimensions = Check(scores, vectors, chosen);
        if (!(strength is >= 0 and <= 100)) throw new ArgumentException($"The strength of scores is {strength}; allowed are 0 to 100.");

        // The kernel without its qualities: log det L = Σ 2 log q_i + log det S, so the gain of an item is 2 log q + log of what it adds to det S.
        using var scratch = new ScratchFloats(((long)chosen.Length * scores.Length) + scores.Length);
        var left = scratch.Span[..scores.Length];
        var factor = scratch.Span[scores.Length..];
        left.Fill(1);
        for (var place = 0; place < chosen.Length; place++)
        {
            var (best, bestValue) = (-1, float.NegativeInfinity);
            for (var i = 0; i < scores.Length; i++)
            {
                if (float.IsNaN(left[i])) continue;

                // Below anything that adds: far down, but still by score.
                var value = (2 * (float)strength * scores[i]) + (left[i] > Nothing ? MathF.Log(left[i]) : -1e6f);
                if (best >= 0 && !(value > bestValue)) continue;
                (best, bestValue) = (i, value);
            }

            chosen[place] = best;
            var root = MathF.Sqrt(Math.Max(left[best], Nothing));
            left[best] = float.NaN;
            var row = vectors.Slice(best * dimensions, dimensions);
            var own = factor.Slice(place * scores.Length, scores.Length);
            for (var i = 0; i < scores.Length; i++) own[i] = 0.5f + (0.5f * Vectors.Dot(row, vectors.Slice(i * dimensions, dimensions)));
            for (var earlier = 0; earlier < place; earlier++)
            {
                var before = factor.Slice(earlier * scores.Length, scores.Length);
                Vectors.AddScaled(-before[best], before, own);
            }

            for (var i = 0; i < scores.Length; i++)
            {
                own[i] /= root;
                left[i] -= own[i] * own[i];
            }
        }
    }

    private static int Check(ReadOnlySpan<float> scores, ReadOnlySpan<float> vectors, Span<int> chosen)
    {
        ListChecks.Check(scores, chosen);
        if (scores.IsEmpty) return 0;
        return vectors.Length % scores.Length == 0 ? vectors.Length / scores.Length : throw new ArgumentException($"There are {vectors.Length} numbers in the vectors of {scores.Length} candidates; each needs as many.");
    }
}

internal static class ListChecks
{
    public static void Check(ReadOnlySpan<float> scores, Span<int> chosen)
    {
        if (chosen.Length > scores.Length) throw new ArgumentException($"{chosen.Length} places cannot be filled from {scores.Length} candidates.");
        for (var i = 0; i < scores.Length; i++)
        {
            if (!float.IsFinite(scores[i])) throw new ArgumentException($"The score of candidate {i} is {scores[i]}; leave out candidates that have none.");
        }
    }

    /// <param name="groups">One per candidate.</param>
    public static void CheckGroups(ReadOnlySpan<float> scores, ReadOnlySpan<int> groups, int count)
    {
        if (groups.Length != scores.Length) throw new ArgumentException($"There are {groups.Length} groups and {scores.Length} candidates; each has one.");
        foreach (var group in groups)
        {
            if ((uint)group >= (uint)count) throw new ArgumentException($"A candidate is in group {group}; groups are numbered 0 to {count - 1}.");
        }
    }
}
