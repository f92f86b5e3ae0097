using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>Softmax of one row of scores. A score of −∞ has probability 0.</summary>
internal static unsafe class SoftmaxRow
{
    /// <summary>values = total · exp(scale · values − largest) / Σ; in place.</summary>
    /// <param name="total">What the results add up to.</param>
    /// <returns>ln Σ exp(scale · value), from which the logarithm of each probability follows.</returns>
    public static float Apply(Span<float> values, float scale, float total = 1f)
    {
        if (values.IsEmpty) return float.NegativeInfinity;
        fixed (float* row = values) return Apply(row, values.Length, scale, total);
    }

    public static float Apply(float* row, int length, float scale, float total = 1f) =>
        InstructionSets.Avx512 ? Apply<Avx512Lanes, Vector512<float>>(row, length, scale, total)
        : InstructionSets.Avx2 ? Apply<Avx2Lanes, Vector256<float>>(row, length, scale, total)
        : Apply<PortableLanes, Vector<float>>(row, length, scale, total);

    /// <summary>Plain twin, in double.</summary>
    public static double ApplyReference(Span<float> values, float scale, float total = 1f)
    {
        var scaled = values.ToArray().Select(value => (double)value * scale).ToArray();
        var largest = scaled.Max();
        var sum = scaled.Sum(value => Math.Exp(value - largest));
        for (var i = 0; i < values.Length; i++) values[i] = (float)(total * Math.Exp(scaled[i] - largest) / sum);
        return largest + Math.Log(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Apply<TLanes, TVector>(float* row, int length, float scale, float total)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var factor = TLanes.Broadcast(scale);
        var tops = TLanes.Broadcast(float.NegativeInfinity);
        var i = 0;
        for (; i <= length - TLanes.Count; i += TLanes.Count)
        {
            var scaled = TLanes.Multiply(TLanes.Load(row + i), factor);
            TLanes.Store(row + i, scaled);
            tops = TLanes.LargerOrSecond(scaled, tops);
        }

        var top = float.NegativeInfinity;
        var lanes = stackalloc float[TLanes.Count];
        TLanes.Store(lanes, tops);
        for (var lane = 0; lane < TLanes.Count; lane++) top = MathF.Max(top, lanes[lane]);
        for (; i < length; i++)
        {
            row[i] *= scale;
            top = MathF.Max(top, row[i]);
        }

        var shift = TLanes.Broadcast(top);
        var sums = TLanes.Broadcast(0f);
        for (i = 0; i <= length - TLanes.Count; i += TLanes.Count)
        {
            var power = LaneFunctions.Exp<TLanes, TVector>(TLanes.Subtract(TLanes.Load(row + i), shift));
            TLanes.Store(row + i, power);
            sums = TLanes.Add(sums, power);
        }

        var sum = TLanes.Sum(sums);
        for (; i < length; i++)
        {
            row[i] = MathF.Exp(row[i] - top);
            sum += row[i];
        }

        var share = TLanes.Broadcast(total / sum);
        for (i = 0; i <= length - TLanes.Count; i += TLanes.Count) TLanes.Store(row + i, TLanes.Multiply(TLanes.Load(row + i), share));
        for (; i < length; i++) row[i] *= total / sum;
        return top + MathF.Log(sum);
    }
}
