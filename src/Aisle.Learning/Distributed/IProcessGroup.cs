namespace Aisle.Learning.Distributed;

/// <summary>
/// The processes that fit one model together. Each runs the same program on the same data; every call but <see cref="Abort"/> is made by all of
/// them, in the same order, or none returns. What a call gives is the same to the bit in every process.
/// </summary>
public interface IProcessGroup : IDisposable
{
    /// <summary>This process, 0 to <see cref="Size"/> − 1. Process 0 writes what the group has to say.</summary>
    int Rank { get; }

    int Size { get; }

    /// <summary>Each number becomes its sum over the processes.</summary>
    void Sum(Span<float> values);

    /// <inheritdoc cref="Sum(Span{float})"/>
    void Sum(Span<double> values);

    /// <summary>Each process brings a part of <paramref name="all"/>, and all receive the whole.</summary>
    /// <param name="all">Holds the own part at its place; the rest is overwritten.</param>
    /// <param name="starts">The part of process r is starts[r] … starts[r + 1); Size + 1 numbers, the same everywhere.</param>
    void Gather<T>(Span<T> all, ReadOnlySpan<int> starts)
        where T : unmanaged;

    /// <summary>What process 0 holds, all receive.</summary>
    void Broadcast<T>(Span<T> values)
        where T : unmanaged;

    /// <summary>Waits until all are here.</summary>
    void Barrier();

    /// <summary>Ends all processes of the group at once, because this one cannot go on.</summary>
    void Abort(int exitCode);
}
