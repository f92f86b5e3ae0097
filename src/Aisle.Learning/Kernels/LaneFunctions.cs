using System.Runtime.CompilerServices;

namespace Aisle.Learning.Kernels;

/// <summary>Functions of a vector that no processor has, accurate to about 2 ulp (the error function to 2·10⁻⁷).</summary>
internal static class LaneFunctions
{
    /// <summary>eˣ; 0 below −87.3, the largest finite power above 88.</summary>
    /// <remarks>2ⁿ · e^r with r in ±ln 2 / 2, the polynomial of Cephes' expf (Moshier).</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp<TLanes, TVector>(TVector x)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var lowest = TLanes.Broadcast(-87.3f);
        var one = TLanes.Broadcast(1f);
        var kept = TLanes.WherePositive(TLanes.Subtract(x, lowest), one);
        x = TLanes.Subtract(TLanes.Broadcast(0f), TLanes.LargerOrSecond(TLanes.Subtract(TLanes.Broadcast(0f), x), TLanes.Broadcast(-88f)));
        x = TLanes.LargerOrSecond(x, lowest);
        var n = TLanes.Round(TLanes.Multiply(x, TLanes.Broadcast(1.44269504f)));
        var r = TLanes.MultiplyAdd(n, TLanes.Broadcast(-0.693359375f), x);
        r = TLanes.MultiplyAdd(n, TLanes.Broadcast(2.12194440e-4f), r);
        var p = TLanes.Broadcast(1.9875691500e-4f);
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(1.3981999507e-3f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(8.3334519073e-3f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(4.1665795894e-2f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(1.6666665459e-1f));
        p = TLanes.MultiplyAdd(p, r, TLanes.Broadcast(5.0000001201e-1f));
        p = TLanes.MultiplyAdd(p, TLanes.Multiply(r, r), TLanes.Add(r, one));
        return TLanes.Multiply(TLanes.TimesPowerOfTwo(p, n), kept);
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid<TLanes, TVector>(TVector x)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var one = TLanes.Broadcast(1f);
        return TLanes.Divide(one, TLanes.Add(one, Exp<TLanes, TVector>(TLanes.Subtract(TLanes.Broadcast(0f), x))));
    }

    /// <summary>ln(1 + eˣ) and its slope σ(x).</summary>
    /// <remarks>max(x, 0) + ln(1 + t) with t = e^−|x|; the logarithm by 2 artanh(t / (2 + t)), whose series is short as the argument is a third at most.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector Value, TVector Slope) Softplus<TLanes, TVector>(TVector x)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var one = TLanes.Broadcast(1f);
        var t = Exp<TLanes, TVector>(TLanes.Subtract(TLanes.Broadcast(0f), TLanes.LargerOrSecond(x, TLanes.Subtract(TLanes.Broadcast(0f), x))));
        var z = TLanes.Divide(t, TLanes.Add(TLanes.Broadcast(2f), t));
        var squared = TLanes.Multiply(z, z);
        var p = TLanes.Broadcast(1f / 13);
        p = TLanes.MultiplyAdd(p, squared, TLanes.Broadcast(1f / 11));
        p = TLanes.MultiplyAdd(p, squared, TLanes.Broadcast(1f / 9));
        p = TLanes.MultiplyAdd(p, squared, TLanes.Broadcast(1f / 7));
        p = TLanes.MultiplyAdd(p, squared, TLanes.Broadcast(1f / 5));
        p = TLanes.MultiplyAdd(p, squared, TLanes.Broadcast(1f / 3));
        p = TLanes.MultiplyAdd(p, squared, one);
        var value = TLanes.MultiplyAdd(TLanes.Add(z, z), p, TLanes.WherePositive(x, x));

        // σ(|x|) = 1 / (1 + t), and its complement below 0.
        var slope = TLanes.Divide(one, TLanes.Add(one, t));
        var below = TLanes.Subtract(one, slope);
        return (value, TLanes.Add(below, TLanes.WherePositive(x, TLanes.Subtract(slope, below))));
    }

    /// <summary>2σ(2x) − 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh<TLanes, TVector>(TVector x)
        where TLanes : ILanes<TVector>
        where TVector : struct =>
        TLanes.MultiplyAdd(TLanes.Broadcast(2f), Sigmoid<TLanes, TVector>(TLanes.Add(x, x)), TLanes.Broadcast(-1f));

    /// <summary>Φ(x), the normal distribution function, and φ(x), its density.</summary>
    /// <remarks>Abramowitz, Stegun 7.1.26 for the error function of x / √2.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector Below, TVector Density) Normal<TLanes, TVector>(TVector x)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var zero = TLanes.Broadcast(0f);
        var one = TLanes.Broadcast(1f);
        var size = TLanes.LargerOrSecond(x, TLanes.Subtract(zero, x));
        var gauss = Exp<TLanes, TVector>(TLanes.Multiply(TLanes.Multiply(x, x), TLanes.Broadcast(-0.5f)));
        var t = TLanes.Divide(one, TLanes.MultiplyAdd(size, TLanes.Broadcast(0.3275911f * 0.70710678f), one));
        var p = TLanes.Broadcast(1.061405429f);
        p = TLanes.MultiplyAdd(p, t, TLanes.Broadcast(-1.453152027f));
        p = TLanes.MultiplyAdd(p, t, TLanes.Broadcast(1.421413741f));
        p = TLanes.MultiplyAdd(p, t, TLanes.Broadcast(-0.284496736f));
        p = TLanes.MultiplyAdd(p, t, TLanes.Broadcast(0.254829592f));

        // The tail beyond |x|: half of what the error function leaves to 1.
        var tail = TLanes.Multiply(TLanes.Multiply(TLanes.Multiply(p, t), gauss), TLanes.Broadcast(0.5f));
        var positive = TLanes.WherePositive(x, TLanes.Subtract(one, tail));
        var below = TLanes.Add(positive, TLanes.Subtract(tail, TLanes.WherePositive(x, tail)));
        return (below, TLanes.Multiply(gauss, TLanes.Broadcast(0.39894228f)));
    }
}
