using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aisle.Engine;

/// <summary>
/// Writes that wait at the same time share one transaction, and so one wait for the disk (group commit). Each is answered once it is durable. Where a
/// transaction fails, each of its writes gets one, and an answer, of its own: one may have spoilt it for the others.
/// </summary>
internal sealed class GroupCommit<TWrite, TAnswer> : IAsyncDisposable
{
    /// <summary>Writes that may wait; the next caller waits before it joins the queue.</summary>
    private const int Queued = 1024;

    private readonly Func<IReadOnlyList<TWrite>, Task<IReadOnlyList<TAnswer>>> _store;
    private readonly Func<TWrite, int> _size;
    private readonly int _groupSize;
    private readonly ILogger _logger;
    private readonly Channel<Request> _queue = Channel.CreateBounded<Request>(new BoundedChannelOptions(Queued) { SingleReader = true });
    private readonly Task _writing;

    /// <param name="store">Stores writes in order in one transaction, or none of them; one answer for each.</param>
    /// <param name="size">Of a write.</param>
    /// <param name="groupSize">A group is closed once its writes' sizes come to as much.</param>
    public GroupCommit(Func<IReadOnlyList<TWrite>, Task<IReadOnlyList<TAnswer>>> store, Func<TWrite, int> size, int groupSize, ILogger logger)
    {
        this._store = store;
        this._size = size;
        this._groupSize = groupSize;
        this._logger = logger;
        this._writing = Task.Run(this.WriteAsync);
    }

    /// <summary>Cancelling ends the waiting; a write that stands in the queue already is stored nevertheless.</summary>
    /// <exception cref="ObjectDisposedException">The server is stopping.</exception>
    public async Task<TAnswer> AcceptAsync(TWrite write, CancellationToken cancellation)
    {
        var request = new Request(write);
        try
        {
            await this._queue.Writer.WriteAsync(request, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(null, "The server is stopping and takes nothing more; send the request again later.");
        }

        return await request.Answer.Task.WaitAsync(cancellation);
    }

    /// <summary>Takes no more writes and returns when all that wait are answered.</summary>
    public async ValueTask DisposeAsync()
    {
        this._queue.Writer.TryComplete();
        await this._writing;
    }

    private async Task WriteAsync()
    {
        var group = new List<Request>();
        while (await this._queue.Reader.WaitToReadAsync())
        {
            group.Clear();
            for (var size = 0; size < this._groupSize && this._queue.Reader.TryRead(out var request); size += this._size(request.Write)) group.Add(request);
            await this.StoreAsync(group);
        }
    }

    private async Task StoreAsync(List<Request> group)
    {
        IReadOnlyList<TAnswer> answers;
        try
        {
            answers = await this._store([.. group.Select(request => request.Write)]);
        }
        catch (Exception failure) when (group.Count > 1)
        {
            this._logger.LogWarning(failure, "Storing {Writes} writes together failed; storing them one by one.", group.Count);
            foreach (var request in group) await this.StoreAsync([request]);
            return;
        }
#pragma warning disable CA1031 // Whatever went wrong belongs to the caller, who waits for it; the loop must go on for the next one.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            group[0].Answer.SetException(failure);
            return;
        }

        for (var i = 0; i < group.Count; i++) group[i].Answer.SetResult(answers[i]);
    }

    private sealed record Request(TWrite Write)
    {
        public TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
