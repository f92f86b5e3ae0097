namespace Aisle.Learning.Kernels;

/// <summary>A small stream of random numbers, the same for the same seed on every platform. Steele, Lea, Flood: Fast splittable pseudorandom number generators (OOPSLA 2014).</summary>
internal struct SplitMix64(int seed, int stream = 0)
{
    private ulong _state = ((ulong)(uint)seed << 32) ^ ((ulong)(uint)stream * 0xD1342543DE82EF95);

    public ulong Next()
    {
        this._state += 0x9E3779B97F4A7C15;
        var bits = (this._state ^ (this._state >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    /// <summary>A whole number in [0, end).</summary>
    public int Below(int end) => (int)(((this.Next() >> 32) * (ulong)(uint)end) >> 32);

    /// <summary>The sum of four uniform 16-bit numbers: near enough to a normal one with mean 0 and standard deviation 1.</summary>
    public float Normal()
    {
        const float Deviation = 65_536 * 0.577350269f; // √(4/12)
        var bits = this.Next();
        var sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
        return (sum - (2 * 65_535)) / Deviation;
    }

    public void Shuffle(Span<int> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var other = this.Below(i + 1);
            (values[i], values[other]) = (values[other], values[i]);
        }
    }
}
