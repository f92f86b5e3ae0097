namespace Aisle.Learning.Distributed;

/// <summary>One process on its own: what it brings is what it receives.</summary>
public sealed class SingleProcess : IProcessGroup
{
    private SingleProcess()
    {
    }

    public static SingleProcess Instance { get; } = new();

    public int Rank => 0;

    public int Size => 1;

    public void Sum(Span<float> values)
    {
    }

    public void Sum(Span<double> values)
    {
    }

    public void Gather<T>(Span<T> all, ReadOnlySpan<int> starts)
        where T : unmanaged
    {
    }

    public void Broadcast<T>(Span<T> values)
        where T : unmanaged
    {
    }

    public void Barrier()
    {
    }

    public void Abort(int exitCode) => Environment.Exit(exitCode);

    public void Dispose()
    {
    }
}
