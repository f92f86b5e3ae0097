using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>A function applied to each number, and what it passes back.</summary>
internal interface IActivation
{
    /// <summary>f(x).</summary>
    static abstract TVector Value<TLanes, TVector>(TVector x)
        where TLanes : ILanes<TVector>
        where TVector : struct;

    /// <summary>f′ at x, where y = f(x).</summary>
    static abstract TVector Slope<TLanes, TVector>(TVector x, TVector y)
        where TLanes : ILanes<TVector>
        where TVector : struct;

    /// <summary>Plain twin of <see cref="Value"/>.</summary>
    static abstract double Reference(double x);
}

/// <summary>max(0, x).</summary>
internal readonly struct Relu : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TLanes, TVector>(TVector x)
        where TLanes : ILanes<TVector>
        where TVector : struct => TLanes.WherePositive(x, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope<TLanes, TVector>(TVector x, TVector y)
        where TLanes : ILanes<TVector>
        where TVector : struct => TLanes.WherePositive(x, TLanes.Broadcast(1f));

    public static double Reference(double x) => Math.Max(0, x);
}

/// <summary>x · Φ(x).</summary>
/// <remarks>Hendrycks, Gimpel: Gaussian error linear units (2016).</remarks>
internal readonly struct Gelu : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TLanes, TVector>(TVector x)
        where TLanes : ILanes<TVector>
        where TVector : struct => TLanes.Multiply(x, LaneFunctions.Normal<TLanes, TVector>(x).Below);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope<TLanes, TVector>(TVector x, TVector y)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var (below, density) = LaneFunctions.Normal<TLanes, TVector>(x);
        return TLanes.MultiplyAdd(x, density, below);
    }

    public static double Reference(double x)
    {
        // Φ by its series, which converges for every x; beyond 6 it is 0 or 1 in single precision.
        if (Math.Abs(x) > 6) return x > 0 ? x : 0;
        double term = x, sum = x;
        for (var k = 1; k < 200; k++)
        {
            term *= x * x / ((2 * k) + 1);
            sum += term;
        }

        return x * (0.5 + (sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI)));
    }
}

/// <summary>x · σ(x).</summary>
/// <remarks>Elfwing, Uchibe, Doya: Sigmoid-weighted linear units (2018).</remarks>
internal readonly struct Silu : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TLanes, TVector>(TVector x)
        where TLanes : ILanes<TVector>
        where TVector : struct => TLanes.Multiply(x, LaneFunctions.Sigmoid<TLanes, TVector>(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope<TLanes, TVector>(TVector x, TVector y)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var sigmoid = LaneFunctions.Sigmoid<TLanes, TVector>(x);
        return TLanes.MultiplyAdd(y, TLanes.Subtract(TLanes.Broadcast(1f), sigmoid), sigmoid);
    }

    public static double Reference(double x) => x / (1 + Math.Exp(-x));
}

/// <summary>1 / (1 + e⁻ˣ).</summary>
internal readonly struct Sigmoid : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TLanes, TVector>(TVector x)
        where TLanes : ILanes<TVector>
        where TVector : struct => LaneFunctions.Sigmoid<TLanes, TVector>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope<TLanes, TVector>(TVector x, TVector y)
        where TLanes : ILanes<TVector>
        where TVector : struct => TLanes.Subtract(y, TLanes.Multiply(y, y));

    public static double Reference(double x) => 1 / (1 + Math.Exp(-x));
}

internal readonly struct Tanh : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TLanes, TVector>(TVector x)
        where TLanes : ILanes<TVector>
        where TVector : struct => LaneFunctions.Tanh<TLanes, TVector>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope<TLanes, TVector>(TVector x, TVector y)
        where TLanes : ILanes<TVector>
        where TVector : struct => TLanes.Subtract(TLanes.Broadcast(1f), TLanes.Multiply(y, y));

    public static double Reference(double x) => Math.Tanh(x);
}

/// <summary>eˣ.</summary>
internal readonly struct Exponential : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TLanes, TVector>(TVector x)
        where TLanes : ILanes<TVector>
        where TVector : struct => LaneFunctions.Exp<TLanes, TVector>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Slope<TLanes, TVector>(TVector x, TVector y)
        where TLanes : ILanes<TVector>
        where TVector : struct => y;

    public static double Reference(double x) => Math.Exp(x);
}

/// <summary>Activations over spans of any length.</summary>
internal static unsafe class Activations
{
    /// <summary>y = f(x); may be in place.</summary>
    public static void Apply<TActivation>(ReadOnlySpan<float> x, Span<float> y)
        where TActivation : struct, IActivation
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, x.Length);
        fixed (float* source = x, target = y)
        {
            if (InstructionSets.Avx512) Apply<TActivation, Avx512Lanes, Vector512<float>>(source, target, x.Length);
            else if (InstructionSets.Avx2) Apply<TActivation, Avx2Lanes, Vector256<float>>(source, target, x.Length);
            else Apply<TActivation, PortableLanes, Vector<float>>(source, target, x.Length);
        }
    }

    /// <summary>dx = or += dy · f′(x).</summary>
    public static void PassBack<TActivation>(ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> dy, Span<float> dx, bool accumulate)
        where TActivation : struct, IActivation
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, x.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(dy.Length, x.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(dx.Length, x.Length);
        fixed (float* input = x, output = y, above = dy, target = dx)
        {
            if (InstructionSets.Avx512) PassBack<TActivation, Avx512Lanes, Vector512<float>>(input, output, above, target, x.Length, accumulate);
            else if (InstructionSets.Avx2) PassBack<TActivation, Avx2Lanes, Vector256<float>>(input, output, above, target, x.Length, accumulate);
            else PassBack<TActivation, PortableLanes, Vector<float>>(input, output, above, target, x.Length, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Apply<TActivation, TLanes, TVector>(float* x, float* y, int length)
        where TActivation : struct, IActivation
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var i = 0;
        for (; i <= length - TLanes.Count; i += TLanes.Count) TLanes.Store(y + i, TActivation.Value<TLanes, TVector>(TLanes.Load(x + i)));
        if (i == length) return;
        var rest = stackalloc float[TLanes.Count];
        new ReadOnlySpan<float>(x + i, length - i).CopyTo(new Span<float>(rest, length - i));
        TLanes.Store(rest, TActivation.Value<TLanes, TVector>(TLanes.Load(rest)));
        new ReadOnlySpan<float>(rest, length - i).CopyTo(new Span<float>(y + i, length - i));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PassBack<TActivation, TLanes, TVector>(float* x, float* y, float* dy, float* dx, int length, bool accumulate)
        where TActivation : struct, IActivation
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var i = 0;
        for (; i <= length - TLanes.Count; i += TLanes.Count)
        {
            var slope = TActivation.Slope<TLanes, TVector>(TLanes.Load(x + i), TLanes.Load(y + i));
            var before = accumulate ? TLanes.Load(dx + i) : TLanes.Broadcast(0f);
            TLanes.Store(dx + i, TLanes.MultiplyAdd(TLanes.Load(dy + i), slope, before));
        }

        if (i == length) return;
        var rest = stackalloc float[4 * TLanes.Count];
        new Span<float>(rest, 4 * TLanes.Count).Clear();
        for (var j = 0; j < length - i; j++)
        {
            rest[j] = x[i + j];
            rest[TLanes.Count + j] = y[i + j];
            rest[(2 * TLanes.Count) + j] = dy[i + j];
            if (accumulate) rest[(3 * TLanes.Count) + j] = dx[i + j];
        }

        var last = TActivation.Slope<TLanes, TVector>(TLanes.Load(rest), TLanes.Load(rest + TLanes.Count));
        TLanes.Store(rest, TLanes.MultiplyAdd(TLanes.Load(rest + (2 * TLanes.Count)), last, TLanes.Load(rest + (3 * TLanes.Count))));
        new ReadOnlySpan<float>(rest, length - i).CopyTo(new Span<float>(dx + i, length - i));
    }
}
