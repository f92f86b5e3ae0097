using Microsoft.Extensions.Logging;

namespace Aisle.Engine.Events;

/// <summary>What became of a request's events.</summary>
/// <param name="Accepted">Stored now.</param>
/// <param name="Duplicates">Known already, by their ids; nothing was changed.</param>
public readonly record struct IntakeReceipt(int Accepted, int Duplicates);

/// <summary>The way of events into the store. Each request is answered when its events are durable and the feed has delivered them.</summary>
public sealed class EventIntake : IAsyncDisposable
{
    /// <summary>A transaction takes no more requests once it holds as many events.</summary>
    private const int GroupEvents = 8192;

    private readonly IEventStore _store;
    private readonly EventFeed _feed;
    private readonly ILogger<EventIntake> _logger;
    private readonly GroupCommit<IReadOnlyList<Event>, IntakeReceipt> _commit;

    public EventIntake(IEventStore store, EventFeed feed, ILogger<EventIntake> logger)
    {
        this._store = store;
        this._feed = feed;
        this._logger = logger;
        this._commit = new GroupCommit<IReadOnlyList<Event>, IntakeReceipt>(this.StoreAsync, events => events.Count, GroupEvents, logger);
    }

    /// <summary>
    /// Stores events that keep to <see cref="EventRules"/>. Cancelling ends the waiting; events that stand in the queue already are stored nevertheless,
    /// and a retry with the same ids does no harm.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The intake was closed.</exception>
    public async Task<IntakeReceipt> AcceptAsync(IReadOnlyList<Event> events, CancellationToken cancellation) =>
        events.Count == 0 ? default : await this._commit.AcceptAsync(events, cancellation);

    /// <summary>Takes no more requests and returns when all that wait are answered.</summary>
    public ValueTask DisposeAsync() => this._commit.DisposeAsync();

    private async Task<IReadOnlyList<IntakeReceipt>> StoreAsync(IReadOnlyList<IReadOnlyList<Event>> requests)
    {
        var result = await this._store.AppendAsync(requests.Count == 1 ? requests[0] : [.. requests.SelectMany(events => events)], CancellationToken.None);
        this.Publish(result.Stored);
        return Receipts(requests, result.Stored);
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

    /// <summary>Walks along the stored events, which stand in the order of the requests, to tell each request how many of its own were new.</summary>
    private static List<IntakeReceipt> Receipts(IReadOnlyList<IReadOnlyList<Event>> requests, IReadOnlyList<StoredEvent> stored)
    {
        var receipts = new List<IntakeReceipt>(requests.Count);
        var next = 0;
        foreach (var events in requests)
        {
            var accepted = 0;
            foreach (var shopEvent in events)
            {
                if (next == stored.Count || stored[next].Event.Id != shopEvent.Id) continue;
                next++;
                accepted++;
            }

            receipts.Add(new IntakeReceipt(accepted, events.Count - accepted));
        }

        return receipts;
    }
}
