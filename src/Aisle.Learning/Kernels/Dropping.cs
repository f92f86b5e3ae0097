using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>Dropout: y = or += x · mask / (1 − rate), where the mask at place i is whether <see cref="CounterNoise"/> of i is at least the rate.</summary>
internal static unsafe class Dropping
{
    /// <param name="first">Counter of the first place, so that parts of a whole may be worked on apart.</param>
    public static void Apply(ReadOnlySpan<float> x, Span<float> y, float rate, uint first, uint key, bool accumulate)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, x.Length);
        fixed (float* source = x, target = y)
        {
            if (InstructionSets.Avx512) Apply<Avx512Lanes, Vector512<float>>(source, target, x.Length, rate, first, key, accumulate);
            else if (InstructionSets.Avx2) Apply<Avx2Lanes, Vector256<float>>(source, target, x.Length, rate, first, key, accumulate);
            else Apply<PortableLanes, Vector<float>>(source, target, x.Length, rate, first, key, accumulate);
        }
    }

    /// <summary>Plain twin of <see cref="Apply"/>.</summary>
    public static void ApplyReference(ReadOnlySpan<float> x, Span<float> y, float rate, uint first, uint key, bool accumulate)
    {
        for (var i = 0; i < x.Length; i++)
        {
            var kept = CounterNoise.At(first + (uint)i, key) >= rate ? x[i] / (1 - rate) : 0f;
            y[i] = accumulate ? y[i] + kept : kept;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Apply<TLanes, TVector>(float* x, float* y, int length, float rate, uint first, uint key, bool accumulate)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var scale = TLanes.Broadcast(1f / (1f - rate));

        // Half a step of the noise below the rate, so that "greater than" means "at least".
        var bound = TLanes.Broadcast(rate - (0.5f * CounterNoise.Unit));
        var i = 0;
        for (; i <= length - TLanes.Count; i += TLanes.Count)
        {
            var mask = TLanes.WherePositive(TLanes.Subtract(TLanes.Noise(first + (uint)i, key), bound), scale);
            TLanes.Store(y + i, accumulate ? TLanes.MultiplyAdd(TLanes.Load(x + i), mask, TLanes.Load(y + i)) : TLanes.Multiply(TLanes.Load(x + i), mask));
        }

        for (; i < length; i++)
        {
            var kept = CounterNoise.At(first + (uint)i, key) >= rate ? x[i] * (1f / (1f - rate)) : 0f;
            y[i] = accumulate ? y[i] + kept : kept;
        }
    }
}
