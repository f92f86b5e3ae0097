using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>The numbers of one Adagrad step that are the same for every weight.</summary>
/// <param name="GradientScale">What the gradients are multiplied by (clipping).</param>
/// <param name="Decay">Weight decay that is no part of the gradient: rate · λ.</param>
internal readonly record struct AdagradFactors(float Rate, float Epsilon, float GradientScale, float Decay);

/// <summary>s += g²; w −= decay · w + rate · g / (√s + ε) (Duchi, Hazan, Singer 2011).</summary>
internal static unsafe class AdagradStep
{
    public static void Apply(Span<float> weights, ReadOnlySpan<float> gradients, Span<float> squares, in AdagradFactors factors)
    {
        var length = weights.Length;
        ArgumentOutOfRangeException.ThrowIfNotEqual(gradients.Length, length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(squares.Length, length);
        fixed (float* w = weights, g = gradients, s = squares)
        {
            if (InstructionSets.Avx512) Apply<Avx512Lanes, Vector512<float>>(w, g, s, length, factors);
            else if (InstructionSets.Avx2) Apply<Avx2Lanes, Vector256<float>>(w, g, s, length, factors);
            else Apply<PortableLanes, Vector<float>>(w, g, s, length, factors);
        }
    }

    /// <summary>Plain twin of <see cref="Apply"/>.</summary>
    public static void ApplyReference(Span<float> weights, ReadOnlySpan<float> gradients, Span<float> squares, in AdagradFactors factors)
    {
        for (var i = 0; i < weights.Length; i++)
        {
            var gradient = gradients[i] * factors.GradientScale;
            squares[i] += gradient * gradient;
            weights[i] -= (factors.Decay * weights[i]) + (factors.Rate * gradient / (MathF.Sqrt(squares[i]) + factors.Epsilon));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Apply<TLanes, TVector>(float* w, float* g, float* s, int length, in AdagradFactors factors)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        TVector rate = TLanes.Broadcast(-factors.Rate), epsilon = TLanes.Broadcast(factors.Epsilon);
        TVector gradientScale = TLanes.Broadcast(factors.GradientScale), kept = TLanes.Broadcast(1 - factors.Decay);
        var i = 0;
        for (; i <= length - TLanes.Count; i += TLanes.Count)
        {
            var gradient = TLanes.Multiply(TLanes.Load(g + i), gradientScale);
            var square = TLanes.MultiplyAdd(gradient, gradient, TLanes.Load(s + i));
            TLanes.Store(s + i, square);
            var step = TLanes.Divide(gradient, TLanes.Add(TLanes.SquareRoot(square), epsilon));
            TLanes.Store(w + i, TLanes.MultiplyAdd(rate, step, TLanes.Multiply(kept, TLanes.Load(w + i))));
        }

        ApplyReference(new Span<float>(w + i, length - i), new ReadOnlySpan<float>(g + i, length - i), new Span<float>(s + i, length - i), factors);
    }
}
