namespace Aisle.Engine.Ranking;

/// <summary>What a ranker is trained on; what it is trained for says <see cref="RankingSettings"/>.</summary>
public sealed record RankerOptions
{
    /// <summary>Lists learned from at most, the latest. In [1,000, 10,000,000], default 100,000.</summary>
    public int Lists { get; init; } = 100_000;

    /// <summary>Lists with a gain that there must be at least. In [50, 1,000,000], default 500.</summary>
    public int LeastGaining { get; init; } = 500;

    /// <summary>Clips the weights of gains from places that are seldom looked at. In [1, 100], default 10.</summary>
    public float MostWeight { get; init; } = 10;

    public int Seed { get; init; } = 1;

    /// <summary>Worker threads. At least 1; default: all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public void Check()
    {
        if (this.Lists is < 1000 or > 10_000_000) throw new ArgumentException($"lists is {this.Lists}; it must lie between 1000 and 10000000.");
        if (this.LeastGaining is < 50 or > 1_000_000) throw new ArgumentException($"least gaining is {this.LeastGaining}; it must lie between 50 and 1000000.");
        if (this.MostWeight is not (>= 1 and <= 100)) throw new ArgumentException($"most weight is {this.MostWeight}; it must lie between 1 and 100.");
        if (this.Threads < 1) throw new ArgumentException($"threads is {this.Threads}; it must be at least 1.");
    }
}
