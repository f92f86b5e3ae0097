using System.Numerics;

namespace Aisle.Engine.DemoShop;

/// <summary>
/// The demo shop's only source of chance: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021),
/// seeded through splitmix64. The same seed gives the same shop on every run.
/// </summary>
internal sealed class Chance
{
    private ulong _s0, _s1, _s2, _s3;

    public Chance(ulong seed)
    {
        var state = seed;
        this._s0 = Mix(state += Golden);
        this._s1 = Mix(state += Golden);
        this._s2 = Mix(state += Golden);
        this._s3 = Mix(state + Golden);
    }

    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>A well-mixed number that depends on nothing but its arguments.</summary>
    public static ulong Hash(ulong a, ulong b) => Mix(Mix(a + Golden) ^ (b * 0xD1B54A32D192ED03 + Golden));

    /// <summary>Uniform in [0, 1).</summary>
    public double Unit() => (this.Next() >> 11) * (1.0 / (1UL << 53));

    public bool Happens(double probability) => this.Unit() < probability;

    /// <summary>Uniform in [0, count).</summary>
    public int Below(int count) => (int)((UInt128)this.Next() * (uint)count >> 64);

    public double Between(double low, double high) => low + (high - low) * this.Unit();

    public T Pick<T>(IReadOnlyList<T> choices) => choices[this.Below(choices.Count)];

    /// <summary>About standard normal, by the sum of four uniforms: nothing lies beyond ±3.5, which suits tastes and prices.</summary>
    public double Normal() => (this.Unit() + this.Unit() + this.Unit() + this.Unit() - 2) * Math.Sqrt(3);

    /// <summary>An index with probability in proportion to its weight; −1 where every weight is 0.</summary>
    public int PickByWeight(ReadOnlySpan<float> weights)
    {
        var total = 0.0;
        foreach (var weight in weights) total += weight;
        if (total <= 0) return -1;

        var left = this.Unit() * total;
        var last = -1;
        for (var i = 0; i < weights.Length; i++)
        {
            if (weights[i] <= 0) continue;
            last = i;
            left -= weights[i];
            if (left < 0) return i;
        }

        return last;
    }

    private ulong Next()
    {
        var result = BitOperations.RotateLeft(this._s1 * 5, 7) * 9;
        var shifted = this._s1 << 17;
        this._s2 ^= this._s0;
        this._s3 ^= this._s1;
        this._s1 ^= this._s2;
        this._s0 ^= this._s3;
        this._s2 ^= shifted;
        this._s3 = BitOperations.RotateLeft(this._s3, 45);
        return result;
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
