namespace Aisle.Learning.Kernels;

/// <summary>
/// Random numbers that are a function of a counter and a key: nothing is kept, any thread may ask for any place, and the same place
/// asked again (by the backward pass) gives the same number.
/// </summary>
/// <remarks>The 32-bit finaliser of least bias found by search (Wellons: Prospecting for hash functions, 2018).</remarks>
internal static class CounterNoise
{
    public const uint First = 0x7feb352d;

    public const uint Second = 0x846ca68b;

    public const float Unit = 1f / (1 << 24);

    /// <summary>Uniform in [0, 1).</summary>
    public static float At(uint counter, uint key)
    {
        var x = counter ^ key;
        x = (x ^ (x >>> 16)) * First;
        x = (x ^ (x >>> 15)) * Second;
        x ^= x >>> 16;
        return (x >>> 8) * Unit;
    }

    /// <summary>Normal with mean 0 and variance 1, of two uniform numbers (Box, Muller 1958).</summary>
    public static float Normal(uint counter, uint key)
    {
        var distance = MathF.Sqrt(-2f * MathF.Log(1f - At(2 * counter, key)));
        return distance * MathF.Cos(2f * MathF.PI * At((2 * counter) + 1, key));
    }
}
