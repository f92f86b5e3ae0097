using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>The numbers of one Adam step that are the same for every weight.</summary>
/// <param name="Rate">Learning rate over 1 − β₁ᵗ.</param>
/// <param name="SecondScale">1 / (1 − β₂ᵗ).</param>
/// <param name="GradientScale">What the gradients are multiplied by (clipping).</param>
/// <param name="Decay">Weight decay that is no part of the gradient: rate · λ (AdamW).</param>
internal readonly record struct AdamFactors(float Rate, float FirstDecay, float SecondDecay, float SecondScale, float Epsilon, float GradientScale, float Decay);

/// <summary>m = β₁m + (1 − β₁)g; v = β₂v + (1 − β₂)g²; w −= decay · w + rate · m / (√(v · scale) + ε) (Kingma, Ba 2015; Loshchilov, Hutter 2019).</summary>
internal static unsafe class AdamStep
{
    public static void Apply(Span<float> weights, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, in AdamFactors factors)
    {
        var length = weights.Length;
        ArgumentOutOfRangeException.ThrowIfNotEqual(gradients.Length, length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(first.Length, length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(second.Length, length);
        fixed (float* w = weights, g = gradients, m = first, v = second)
        {
            if (InstructionSets.Avx512) Apply<Avx512Lanes, Vector512<float>>(w, g, m, v, length, factors);
            else if (InstructionSets.Avx2) Apply<Avx2Lanes, Vector256<float>>(w, g, m, v, length, factors);
            else Apply<PortableLanes, Vector<float>>(w, g, m, v, length, factors);
        }
    }

    /// <summary>Plain twin of <see cref="Apply"/>.</summary>
    public static void ApplyReference(Span<float> weights, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, in AdamFactors factors)
    {
        for (var i = 0; i < weights.Length; i++)
        {
            var gradient = gradients[i] * factors.GradientScale;
            first[i] = (factors.FirstDecay * first[i]) + ((1 - factors.FirstDecay) * gradient);
            second[i] = (factors.SecondDecay * second[i]) + ((1 - factors.SecondDecay) * gradient * gradient);
            weights[i] -= (factors.Decay * weights[i]) + (factors.Rate * first[i] / (MathF.Sqrt(second[i] * factors.SecondScale) + factors.Epsilon));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Apply<TLanes, TVector>(float* w, float* g, float* m, float* v, int length, in AdamFactors factors)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        TVector firstDecay = TLanes.Broadcast(factors.FirstDecay), firstShare = TLanes.Broadcast(1 - factors.FirstDecay);
        TVector secondDecay = TLanes.Broadcast(factors.SecondDecay), secondShare = TLanes.Broadcast(1 - factors.SecondDecay);
        TVector secondScale = TLanes.Broadcast(factors.SecondScale), epsilon = TLanes.Broadcast(factors.Epsilon), rate = TLanes.Broadcast(-factors.Rate);
        TVector gradientScale = TLanes.Broadcast(factors.GradientScale), kept = TLanes.Broadcast(1 - factors.Decay);
        var i = 0;
        for (; i <= length - TLanes.Count; i += TLanes.Count)
        {
            var gradient = TLanes.Multiply(TLanes.Load(g + i), gradientScale);
            var first = TLanes.MultiplyAdd(firstDecay, TLanes.Load(m + i), TLanes.Multiply(firstShare, gradient));
            var second = TLanes.MultiplyAdd(secondDecay, TLanes.Load(v + i), TLanes.Multiply(secondShare, TLanes.Multiply(gradient, gradient)));
            TLanes.Store(m + i, first);
            TLanes.Store(v + i, second);
            var step = TLanes.Divide(first, TLanes.Add(TLanes.SquareRoot(TLanes.Multiply(second, secondScale)), epsilon));
            TLanes.Store(w + i, TLanes.MultiplyAdd(rate, step, TLanes.Multiply(kept, TLanes.Load(w + i))));
        }

        ApplyReference(new Span<float>(w + i, length - i), new ReadOnlySpan<float>(g + i, length - i), new Span<float>(m + i, length - i), new Span<float>(v + i, length - i), factors);
    }
}
