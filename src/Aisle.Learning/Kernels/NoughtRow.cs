using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>The logistic loss of one row of scores that all should be low: Σ_j (least + scale · weight_j) · ln(1 + e^score_j).</summary>
internal static unsafe class NoughtRow
{
    /// <summary>Turns scores into the slopes of the loss, in place.</summary>
    /// <param name="weights">As many as scores.</param>
    /// <returns>The loss.</returns>
    public static float Apply(Span<float> scores, ReadOnlySpan<float> weights, float scale, float least)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, scores.Length);
        fixed (float* row = scores, weight = weights)
        {
            return InstructionSets.Avx512 ? Apply<Avx512Lanes, Vector512<float>>(row, weight, scores.Length, scale, least)
                : InstructionSets.Avx2 ? Apply<Avx2Lanes, Vector256<float>>(row, weight, scores.Length, scale, least)
                : Apply<PortableLanes, Vector<float>>(row, weight, scores.Length, scale, least);
        }
    }

    /// <summary>Plain twin, in double.</summary>
    public static double ApplyReference(Span<float> scores, ReadOnlySpan<float> weights, float scale, float least)
    {
        var sum = 0.0;
        for (var i = 0; i < scores.Length; i++) sum += Rest(ref scores[i], least + ((double)scale * weights[i]));
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Apply<TLanes, TVector>(float* row, float* weights, int length, float scale, float least)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var (scales, leasts, sums) = (TLanes.Broadcast(scale), TLanes.Broadcast(least), TLanes.Broadcast(0f));
        var i = 0;
        for (; i <= length - TLanes.Count; i += TLanes.Count)
        {
            var (value, slope) = LaneFunctions.Softplus<TLanes, TVector>(TLanes.Load(row + i));
            var weight = TLanes.MultiplyAdd(scales, TLanes.Load(weights + i), leasts);
            sums = TLanes.MultiplyAdd(weight, value, sums);
            TLanes.Store(row + i, TLanes.Multiply(weight, slope));
        }

        var sum = TLanes.Sum(sums);
        for (; i < length; i++) sum += (float)Rest(ref row[i], least + (scale * weights[i]));
        return sum;
    }

    private static double Rest(ref float score, double weight)
    {
        var loss = weight * (Math.Max(score, 0) + Math.Log(1 + Math.Exp(-Math.Abs((double)score))));
        score = (float)(weight / (1 + Math.Exp(-(double)score)));
        return loss;
    }
}
