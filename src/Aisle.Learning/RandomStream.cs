using System.Runtime.CompilerServices;

namespace Aisle.Learning;

/// <summary>
/// Pseudo-random numbers that can be told apart by a place: every block, user or resample has its own, whichever thread does the work
/// and however many others there are. The same in every process.
/// </summary>
/// <remarks>SplitMix64 (Steele, Lea, Flood 2014).</remarks>
internal struct RandomStream
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    private ulong _state;

    public RandomStream(int seed, int first = 0, int second = 0)
    {
        this._state = (ulong)(uint)seed << 32;
        this._state = this.Next() ^ (uint)first;
        this._state = this.Next() ^ (uint)second;
        this._state = this.Next();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next()
    {
        this._state += Step;
        var bits = (this._state ^ (this._state >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    /// <summary>Leaves out so many numbers.</summary>
    public void Skip(long count) => this._state += unchecked((ulong)count * Step);

    /// <summary>In [0, limit), for limits far below 2³².</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Below(int limit) => (int)(((this.Next() >> 32) * (ulong)limit) >> 32);

    /// <summary>In [0, 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Uniform() => (this.Next() >> 40) * (1f / (1 << 24));

    /// <summary>In [0, 1), as finely as a double can say.</summary>
    public double UniformDouble() => (this.Next() >> 11) * (1.0 / (1L << 53));

    /// <summary>The sum of four uniform 16-bit numbers, near enough to a normal with mean 0 and standard deviation 1.</summary>
    public float Normal()
    {
        var bits = this.Next();
        var sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
        return (sum - (2 * 65_535)) / (65_536 * 0.57735027f);
    }

    /// <summary>Standard normal with its tails (Box, Muller 1958), from two numbers.</summary>
    public double NormalDouble() => Math.Sqrt(-2 * Math.Log(1 - this.UniformDouble())) * Math.Cos(2 * Math.PI * this.UniformDouble());

    public void Shuffle<T>(Span<T> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = this.Below(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }
}
