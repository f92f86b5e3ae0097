using Aisle.Learning.Models;

namespace Aisle.Learning.Index;

/// <summary>How a graph is built. Only <see cref="HnswIndex.EfSearch"/> can be changed afterwards.</summary>
public sealed record HnswOptions
{
    /// <summary>Links that a vector seeks in each layer; twice as many may meet in the lowest. More: better recall, more memory (8 bytes each), slower building. 4 to 64, default 16.</summary>
    public int Links { get; init; } = 16;

    /// <summary>Candidates among which a vector's links are chosen. More: better recall, slower building. 8 to 4,000 and at least <see cref="Links"/>, default 200.</summary>
    public int EfConstruction { get; init; } = 200;

    /// <summary>Walks by bytes, and scores by floats only what it found: nearly always faster, for a quarter more memory. Default true.</summary>
    public bool WalkByBytes { get; init; } = true;

    /// <summary>Decides in which layers a vector stands. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check("hnsw-index", this.Links, 4, 64);
        OptionRange.Check("hnsw-index", this.EfConstruction, Math.Max(8, this.Links), 4_000);
    }
}
