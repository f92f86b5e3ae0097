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
        var sorted = new float[targets.Length];
        var order = new int[targets.Length];
        for (var t = 0; t < targets.Length; t++) (sorted[t], order[t]) = (scores[targets[t]], t);
        Array.Sort(sorted, order);

        // Twice what a negative wins is added where its winners begin, and the sums follow from left to right.
        var gains = new long[targets.Length + 1];
        var negatives = 0L;
        if (candidates is not null)
        {
            foreach (var item in candidates)
            {
                if (targets.BinarySearch(item) >= 0) continue;
                Count(scores[item], sorted, gains);
                negatives++;
            }
        }
        else
        {
            int nextTarget = 0, nextExcluded = 0;
            for (var item = 0; item < scores.Length; item++)
            {
                while (nextTarget < targets.Length && targets[nextTarget] < item) nextTarget++;
                while (nextExcluded < excluded.Length && excluded[nextExcluded] < item) nextExcluded++;
                if (nextTarget < targets.Length && targets[nextTarget] == item) continue;
                if (nextExcluded < excluded.Length && excluded[nextExcluded] == item) continue;
                Count(scores[item], sorted, gains);
                negatives++;
            }
        }

        var areas = new float[targets.Length];
        var sum = 0L;
        for (var i = 0; i < sorted.Length; i++)
        {
            sum += gains[i];
            areas[order[i]] = negatives == 0 ? 0.5f : (float)(sum / (2.0 * negatives));
        }

        return areas;
    }

    /// <summary>Adds 1 for every target that scores at least as much as the negative, and 1 more for every one that scores more.</summary>
    private static void Count(float score, float[] sorted, long[] gains)
    {
        var first = FirstAtLeast(sorted, score);
        gains[first]++;
        while (first < sorted.Length && sorted[first] == score) first++;
        gains[first]++;
    }

    private static int FirstAtLeast(float[] sorted, float score)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < score) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
