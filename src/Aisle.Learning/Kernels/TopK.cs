using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>
/// The K best of a row of scores: best first, ties by lower index. Scores that are NaN or −∞ are never taken.
/// Vectors of scores are compared with the K-th best so far, and only what beats it enters a heap; on real scores nearly nothing does.
/// </summary>
public static unsafe class TopK
{
    /// <param name="indices">K places; receives the indices of the best scores.</param>
    /// <param name="values">As long as <paramref name="indices"/>; receives their scores.</param>
    /// <returns>How many places were filled: fewer than K where fewer scores count.</returns>
    public static int Select(ReadOnlySpan<float> scores, Span<int> indices, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, indices.Length);
        if (indices.IsEmpty || scores.IsEmpty) return 0;
        int count;
        fixed (float* source = scores, heap = values)
        fixed (int* at = indices)
        {
            count = InstructionSets.Avx512 ? Scan<Avx512Lanes, Vector512<float>>(source, scores.Length, at, heap, indices.Length)
                : InstructionSets.Avx2 ? Scan<Avx2Lanes, Vector256<float>>(source, scores.Length, at, heap, indices.Length)
                : Scan<PortableLanes, Vector<float>>(source, scores.Length, at, heap, indices.Length);
        }

        Sort(indices[..count], values[..count]);
        return count;
    }

    /// <summary>Plain twin of <see cref="Select"/>: sorts everything.</summary>
    public static int SelectReference(ReadOnlySpan<float> scores, Span<int> indices, Span<float> values)
    {
        var kept = new List<(float Score, int Index)>();
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] > float.NegativeInfinity) kept.Add((scores[i], i));
        }

        kept.Sort((x, y) => x.Score == y.Score ? x.Index.CompareTo(y.Index) : y.Score.CompareTo(x.Score));
        var count = Math.Min(kept.Count, indices.Length);
        for (var i = 0; i < count; i++) (values[i], indices[i]) = kept[i];
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Scan<TLanes, TVector>(float* scores, int length, int* indices, float* values, int places)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var count = 0;
        var threshold = float.NegativeInfinity;
        var bound = TLanes.Broadcast(threshold);
        var i = 0;
        for (; i <= length - (4 * TLanes.Count); i += 4 * TLanes.Count)
        {
            // The bound goes in first: a NaN among the scores leaves the second operand standing and hides none of its neighbours.
            var best = TLanes.LargerOrSecond(TLanes.Load(scores + i), bound);
            best = TLanes.LargerOrSecond(TLanes.Load(scores + i + TLanes.Count), best);
            best = TLanes.LargerOrSecond(TLanes.Load(scores + i + (2 * TLanes.Count)), best);
            best = TLanes.LargerOrSecond(TLanes.Load(scores + i + (3 * TLanes.Count)), best);
            if (TLanes.GreaterThan(best, bound) == 0) continue;
            for (var j = i; j < i + (4 * TLanes.Count); j++)
            {
                if (scores[j] > threshold) threshold = Insert(scores[j], j, indices, values, places, ref count);
            }

            bound = TLanes.Broadcast(threshold);
        }

        for (; i < length; i++)
        {
            if (scores[i] > threshold) threshold = Insert(scores[i], i, indices, values, places, ref count);
        }

        return count;
    }

    /// <summary>Adds to the heap, whose root is the worst kept (lowest score, then highest index).</summary>
    /// <returns>The score that the next one must exceed.</returns>
    private static float Insert(float score, int index, int* indices, float* values, int places, ref int count)
    {
        int at;
        if (count < places)
        {
            at = count++;
            while (at > 0)
            {
                var parent = (at - 1) / 2;
                if (!IsWorse(score, index, values[parent], indices[parent])) break;
                values[at] = values[parent];
                indices[at] = indices[parent];
                at = parent;
            }
        }
        else
        {
            at = SiftDown(score, index, indices, values, count);
        }

        values[at] = score;
        indices[at] = index;
        return count < places ? float.NegativeInfinity : values[0];
    }

    /// <summary>Moves the hole at the root down to where the given pair belongs.</summary>
    private static int SiftDown(float score, int index, int* indices, float* values, int count)
    {
        var at = 0;
        for (var child = 1; child < count; child = (2 * at) + 1)
        {
            if (child + 1 < count && IsWorse(values[child + 1], indices[child + 1], values[child], indices[child])) child++;
            if (!IsWorse(values[child], indices[child], score, index)) break;
            values[at] = values[child];
            indices[at] = indices[child];
            at = child;
        }

        return at;
    }

    /// <summary>Heap sort: the root, which is the worst, goes to the end of the shrinking heap.</summary>
    private static void Sort(Span<int> indices, Span<float> values)
    {
        fixed (float* heap = values)
        fixed (int* at = indices)
        {
            for (var last = values.Length - 1; last > 0; last--)
            {
                var (worst, worstIndex) = (heap[0], at[0]);
                var hole = SiftDown(heap[last], at[last], at, heap, last);
                heap[hole] = heap[last];
                at[hole] = at[last];
                heap[last] = worst;
                at[last] = worstIndex;
            }
        }
    }

    private static bool IsWorse(float score, int index, float other, int otherIndex) =>
        score < other || (score == other && index > otherIndex);
}
