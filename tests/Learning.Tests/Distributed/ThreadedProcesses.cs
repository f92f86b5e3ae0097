using System.Runtime.ExceptionServices;
using Aisle.Learning.Distributed;

namespace Aisle.Learning.Tests.Distributed;

/// <summary>A group whose processes are threads of this one, so that what several compute can be looked at in a test.</summary>
internal sealed class ThreadedProcesses : IProcessGroup
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Array[] _brought;
    private readonly Barrier _barrier;
    private readonly CancellationToken _ended;

    private ThreadedProcesses(int rank, Array[] brought, Barrier barrier, CancellationToken ended)
    {
        this.Rank = rank;
        this._brought = brought;
        this._barrier = barrier;
        this._ended = ended;
    }

    public int Rank { get; }

    public int Size => this._brought.Length;

    /// <summary>What the work gives in each process, in their order; the first failure is thrown. Where one fails, those that wait for it end too.</summary>
    public static T[] Run<T>(int size, Func<IProcessGroup, T> work)
    {
        using var barrier = new Barrier(size);
        using var ended = new CancellationTokenSource();
        var brought = new Array[size];
        var results = new T[size];
        var failures = new Exception?[size];
        var threads = Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = work(new ThreadedProcesses(rank, brought, barrier, ended.Token));
            }
            catch (Exception failure)
            {
                failures[rank] = failure;
                ended.Cancel();
            }
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        if ((Array.Find(failures, failure => failure is not (null or OperationCanceledException)) ?? Array.Find(failures, failure => failure is not null)) is { } first) ExceptionDispatchInfo.Throw(first);
        return results;
    }

    public void Sum(Span<float> values)
    {
        var parts = this.Exchange(values.ToArray());
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = 0;
            foreach (var part in parts) values[i] += part[i];
        }
    }

    public void Sum(Span<double> values)
    {
        var parts = this.Exchange(values.ToArray());
        for (var i = 0; i < values.Length; i++) values[i] = parts.Sum(part => part[i]);
    }

    public void Gather<T>(Span<T> all, ReadOnlySpan<int> starts)
        where T : unmanaged
    {
        var parts = this.Exchange(all[starts[this.Rank]..starts[this.Rank + 1]].ToArray());
        for (var rank = 0; rank < this.Size; rank++) parts[rank].CopyTo(all[starts[rank]..]);
    }

    public void Broadcast<T>(Span<T> values)
        where T : unmanaged => this.Exchange(values.ToArray())[0].CopyTo(values);

    public void Barrier() => this.Exchange<byte>([]);

    public void Abort(int exitCode) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    private T[][] Exchange<T>(T[] own)
    {
        this._brought[this.Rank] = own;
        this.Wait();
        T[][] all = [.. this._brought.Cast<T[]>()];
        this.Wait();
        return all;
    }

    private void Wait()
    {
        if (!this._barrier.SignalAndWait(Patience, this._ended)) throw new InvalidOperationException("A process waits in vain: the others do not make the same calls.");
    }
}
