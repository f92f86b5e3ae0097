using System.Threading.Channels;

namespace Aisle.Engine.ChoicePoints;

/// <summary>The way of decisions and rewards into the log: what waits at the same time shares one transaction, and so one wait for the disk.</summary>
internal sealed class ChoiceIntake : IAsyncDisposable
{
    private const int Queued = 1024;
    private const int GroupSize = 512;

    private readonly IChoiceStore _store;
    private readonly Channel<Request> _queue = Channel.CreateBounded<Request>(new BoundedChannelOptions(Queued) { SingleReader = true });
    private readonly Task _writing;

    public ChoiceIntake(IChoiceStore store)
    {
        this._store = store;
        this._writing = Task.Run(this.WriteAsync);
    }

    /// <exception cref="ObjectDisposedException">The intake was closed.</exception>
    public async Task<ChoiceOutcome> AcceptAsync(ChoiceWrite write, CancellationToken cancellation)
    {
        var request = new Request(write);
        try
        {
            await this._queue.Writer.WriteAsync(request, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(ChoiceIntake), "The server is stopping and takes no more decisions; send the request again later.");
        }

        return await request.Outcome.Task.WaitAsync(cancellation);
    }

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
            while (group.Count < GroupSize && this._queue.Reader.TryRead(out var request)) group.Add(request);
            await this.StoreAsync(group);
        }
    }

    private async Task StoreAsync(List<Request> group)
    {
        try
        {
            var outcomes = await this._store.WriteAsync([.. group.Select(request => request.Write)], CancellationToken.None);
            for (var i = 0; i < group.Count; i++) group[i].Outcome.SetResult(outcomes[i]);
        }
#pragma warning disable CA1031 // Whatever went wrong belongs to the callers, who wait for it; the loop must go on for the next ones.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            // Nothing of the transaction stands, so each can be told to send it again.
            foreach (var request in group) request.Outcome.TrySetException(failure);
        }
    }

    private sealed record Request(ChoiceWrite Write)
    {
        public TaskCompletionSource<ChoiceOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
