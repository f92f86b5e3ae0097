using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aisle.Engine.Events;

/// <summary>What became of a request's events.</summary>
/// <param name="Accepted">Stored now.</param>
/// <param name="Duplicates">Known already, by their ids; nothing was changed.</param>
public readonly record struct IntakeReceipt(int Accepted, int Duplicates);

/// <summary>
/// The way of events into the store. Requests that wait at the same time share one transaction, and so one wait for the disk (group commit);
/// each is answered when its events are durable and the feed has delivered them.
/// </summary>
public sealed class EventIntake : IAsyncDisposable
{
    /// <summary>Requests that may wait; the next caller waits before it joins the queue.</summary>
    private const int QueuedRequests = 1024;

    /// <summary>A group is closed once it holds as many events.</summary>
    private const int GroupEvents = 8192;

    private readonly IEventStore _store;
    private readonly EventFeed _feed;
    private readonly ILogger<EventIntake> _logger;
    private readonly Channel<Request> _queue = Channel.CreateBounded<Request>(new BoundedChannelOptions(QueuedRequests) { SingleReader = true });
    private readonly Task _writing;

    public EventIntake(IEventStore store, EventFeed feed, ILogger<EventIntake> logger)
    {
        this._store = store;
        this._feed = feed;
        this._logger = logger;
        this._writing = Task.Run(this.WriteAsync);
    }

    /// <summary>
    /// Stores events that keep to <see cref="EventRules"/>. Cancelling ends the waiting; events that stand in the queue already are stored nevertheless,
    /// and a retry with the same ids does no harm.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The intake was closed.</exception>
    public async Task<IntakeReceipt> AcceptAsync(IReadOnlyList<Event> events, CancellationToken cancellation)
    {
        if (events.Count == 0) return default;

        var request = new Request(events);
        try
        {
            await this._queue.Writer.WriteAsync(request, cancellation);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(EventIntake), "The server is stopping and takes no more events; send them again later.");
        }

        return await request.Receipt.Task.WaitAsync(cancellation);
    }

    /// <summary>Takes no more requests and returns when all that wait are answered.</summary>
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
            for (var events = 0; events < GroupEvents && this._queue.Reader.TryRead(out var request); events += request.Events.Count) group.Add(request);
            await this.StoreAsync(group);
        }
    }

    private async Task StoreAsync(List<Request> group)
    {
        AppendResult result;
        try
        {
            result = await this._store.AppendAsync(Join(group), CancellationToken.None);
        }
        catch (Exception failure) when (group.Count > 1)
        {
            // One request may have spoilt it for the others: each gets a transaction, and an answer, of its own.
            this._logger.LogWarning(failure, "Storing {Requests} requests together failed; storing them one by one.", group.Count);
            foreach (var request in group) await this.StoreAsync([request]);
            return;
        }
#pragma warning disable CA1031 // Whatever went wrong belongs to the caller, who waits for it; the loop must go on for the next one.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            group[0].Receipt.SetException(failure);
            return;
        }

        this.Publish(result.Stored);
        Answer(group, result.Stored);
    }

    private void Publish(IReadOnlyList<StoredEvent> stored)
    {
        try
        {
            this._feed.Publish(stored);
        }
#pragma warning disable CA1031 // The events are durable: a listener's failure must not be told to the caller as if they were not.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            this._logger.LogError(failure, "A listener failed to take {Events} stored events; its live state is behind until the next start.", stored.Count);
        }
    }

    private static IReadOnlyList<Event> Join(List<Request> group)
    {
        if (group.Count == 1) return group[0].Events;
        var all = new List<Event>(group.Sum(request => request.Events.Count));
        foreach (var request in group) all.AddRange(request.Events);
        return all;
    }

    /// <summary>Walks along the stored events, which stand in the order of the requests, to tell each request how many of its own were new.</summary>
    private static void Answer(List<Request> group, IReadOnlyList<StoredEvent> stored)
    {
        var next = 0;
        foreach (var request in group)
        {
            var accepted = 0;
            foreach (var shopEvent in request.Events)
            {
                if (next == stored.Count || stored[next].Event.Id != shopEvent.Id) continue;
                next++;
                accepted++;
            }

            request.Receipt.SetResult(new IntakeReceipt(accepted, request.Events.Count - accepted));
        }
    }

    private sealed record Request(IReadOnlyList<Event> Events)
    {
        public TaskCompletionSource<IntakeReceipt> Receipt { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
