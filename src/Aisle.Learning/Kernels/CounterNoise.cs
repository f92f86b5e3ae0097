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
}
