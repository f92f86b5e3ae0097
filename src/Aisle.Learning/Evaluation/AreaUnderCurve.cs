using System.Numerics;
using System.Runtime.InteropServices;

namespace Aisle.Learning.Evaluation;

/// <summary>
/// The chance that an item to be found scores higher than a candidate that is not, over the whole ranking:
/// AUC(target) = (negatives that score lower + ½ · negatives that score the same) / negatives. A user's AUC is the mean over the targets.
/// Items that a model does not know share the last place.
/// </summary>
public static class AreaUnderCurve
{
    /// <param name="scores">One per item.</param>
    /// <param name="targets">Ascending and distinct.</param>
    /// <param name="excluded">Items that are no candidates, ascending; ignored where candidates are given.</param>
    /// <param name="candidates">The items that are ranked, targets among them; null for all.</param>
    /// <returns>Beside the targets; ½ where there is no negative.</returns>
    public static float[] Of(ReadOnlySpan<float> scores, ReadOnlySpan<int> targets, ReadOnlySpan<int> excluded, int[]? candidates)
    {
        if (candidates is not null) return Among(scores, targets, candidates);
        var areas = new float[targets.Length];
        var negatives = scores.Length - targets.Length - excluded.Length;
        for (var t = 0; t < areas.Length; t++)
        {
            // All are counted in one sweep; the few that are no negatives are taken out again.
            var score = scores[targets[t]];
            var halves = Halves(scores, score);
            foreach (var item in targets) halves -= Halves(scores[item], score);
            foreach (var item in excluded) halves -= Halves(scores[item], score);
            areas[t] = negatives == 0 ? 0.5f : (float)(halves / (2.0 * negatives));
        }

        return areas;
    }

    private static float[] Among(ReadOnlySpan<float> scores, ReadOnlySpan<int> targets, int[] candidates)
    {
        var areas = new float[targets.Length];
        for (var t = 0; t < areas.Length; t++)
        {
            long halves = 0, negatives = 0;
            foreach (var item in candidates)
            {
                if (targets.BinarySearch(item) >= 0) continue;
                halves += Halves(scores[item], scores[targets[t]]);
                negatives++;
            }

            areas[t] = negatives == 0 ? 0.5f : (float)(halves / (2.0 * negatives));
        }

        return areas;
    }

    /// <summary>Twice what the target wins against one negative.</summary>
    private static int Halves(float negative, float target) => negative < target ? 2 : negative == target ? 1 : 0;

    /// <summary>The same against all items. A comparison of vectors gives −1 where it holds, so that it is subtracted.</summary>
    private static long Halves(ReadOnlySpan<float> scores, float target)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(scores);
        var bound = new Vector<float>(target);
        var counts = Vector<int>.Zero;
        foreach (var vector in vectors) counts -= Vector.LessThan(vector, bound) + Vector.LessThanOrEqual(vector, bound);
        long halves = Vector.Sum(counts);
        foreach (var score in scores[(vectors.Length * Vector<float>.Count)..]) halves += Halves(score, target);
        return halves;
    }
}
