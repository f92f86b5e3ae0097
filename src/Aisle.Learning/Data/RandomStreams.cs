namespace Aisle.Learning.Data;

/// <summary>Streams of random numbers of their own for each user, trial or resample, so that none depends on how many others there are or who comes first.</summary>
internal static class RandomStreams
{
    /// <summary>The same in every process, which System.HashCode is not.</summary>
    public static Random Of(int seed, int number) => new(unchecked((int)((((uint)seed * 2_654_435_761u) ^ ((uint)number + 0x9E3779B9u)) * 2_246_822_519u)));
}
