using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>Dot product and scaled addition of two vectors.</summary>
internal static unsafe class Vectors
{
    /// <summary>Σ aᵢ·bᵢ.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(b.Length, a.Length);
        fixed (float* x = a, y = b)
        {
            return InstructionSets.Avx512 ? Dot<Avx512Lanes, Vector512<float>>(x, y, a.Length)
                : InstructionSets.Avx2 ? Dot<Avx2Lanes, Vector256<float>>(x, y, a.Length)
                : Dot<PortableLanes, Vector<float>>(x, y, a.Length);
        }
    }

    /// <summary>y += scale · x (axpy).</summary>
    public static void AddScaled(float scale, ReadOnlySpan<float> x, Span<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, x.Length);
        fixed (float* source = x, target = y)
        {
            if (InstructionSets.Avx512) AddScaled<Avx512Lanes, Vector512<float>>(scale, source, target, x.Length);
            else if (InstructionSets.Avx2) AddScaled<Avx2Lanes, Vector256<float>>(scale, source, target, x.Length);
            else AddScaled<PortableLanes, Vector<float>>(scale, source, target, x.Length);
        }
    }

    /// <summary>y = a ∘ b.</summary>
    public static void Multiply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(a.Length, y.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(b.Length, y.Length);
        var i = 0;
        for (; i <= y.Length - Vector<float>.Count; i += Vector<float>.Count) (new Vector<float>(a[i..]) * new Vector<float>(b[i..])).CopyTo(y[i..]);
        for (; i < y.Length; i++) y[i] = a[i] * b[i];
    }

    /// <summary>y += a ∘ b.</summary>
    public static void AddProducts(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(a.Length, y.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(b.Length, y.Length);
        var i = 0;
        for (; i <= y.Length - Vector<float>.Count; i += Vector<float>.Count) (new Vector<float>(y[i..]) + (new Vector<float>(a[i..]) * new Vector<float>(b[i..]))).CopyTo(y[i..]);
        for (; i < y.Length; i++) y[i] += a[i] * b[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot<TLanes, TVector>(float* a, float* b, int length)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        // Four sums hide the latency of the fused multiply-add.
        var sum0 = TLanes.Broadcast(0);
        var sum1 = sum0;
        var sum2 = sum0;
        var sum3 = sum0;
        var i = 0;
        for (; i <= length - (4 * TLanes.Count); i += 4 * TLanes.Count)
        {
            sum0 = TLanes.MultiplyAdd(TLanes.Load(a + i), TLanes.Load(b + i), sum0);
            sum1 = TLanes.MultiplyAdd(TLanes.Load(a + i + TLanes.Count), TLanes.Load(b + i + TLanes.Count), sum1);
            sum2 = TLanes.MultiplyAdd(TLanes.Load(a + i + (2 * TLanes.Count)), TLanes.Load(b + i + (2 * TLanes.Count)), sum2);
            sum3 = TLanes.MultiplyAdd(TLanes.Load(a + i + (3 * TLanes.Count)), TLanes.Load(b + i + (3 * TLanes.Count)), sum3);
        }

        for (; i <= length - TLanes.Count; i += TLanes.Count) sum0 = TLanes.MultiplyAdd(TLanes.Load(a + i), TLanes.Load(b + i), sum0);
        var sum = TLanes.Sum(TLanes.Add(TLanes.Add(sum0, sum1), TLanes.Add(sum2, sum3)));
        for (; i < length; i++) sum += a[i] * b[i];
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled<TLanes, TVector>(float scale, float* x, float* y, int length)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var factor = TLanes.Broadcast(scale);
        var i = 0;
        for (; i <= length - (2 * TLanes.Count); i += 2 * TLanes.Count)
        {
            TLanes.Store(y + i, TLanes.MultiplyAdd(factor, TLanes.Load(x + i), TLanes.Load(y + i)));
            TLanes.Store(y + i + TLanes.Count, TLanes.MultiplyAdd(factor, TLanes.Load(x + i + TLanes.Count), TLanes.Load(y + i + TLanes.Count)));
        }

        for (; i <= length - TLanes.Count; i += TLanes.Count) TLanes.Store(y + i, TLanes.MultiplyAdd(factor, TLanes.Load(x + i), TLanes.Load(y + i)));
        for (; i < length; i++) y[i] += scale * x[i];
    }

    /// <summary>Plain twin of <see cref="Dot(ReadOnlySpan{float}, ReadOnlySpan{float})"/>, summed in double.</summary>
    public static double DotReference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }

    /// <summary>Plain twin of <see cref="AddScaled(float, ReadOnlySpan{float}, Span{float})"/>.</summary>
    public static void AddScaledReference(float scale, ReadOnlySpan<float> x, Span<float> y)
    {
        for (var i = 0; i < x.Length; i++) y[i] += scale * x[i];
    }
}
