using Aisle.Engine.Profiles;

namespace Aisle.Engine.Events;

/// <summary>The append-only log of events. One contract suite runs against every implementation.</summary>
public interface IEventStore
{
    /// <summary>
    /// Appends events in order, in one transaction. When it returns they are durable: a crash of process or machine does not lose them.
    /// Events whose id is stored already (or stands earlier in the batch) are left out and reported as duplicates.
    /// </summary>
    Task<AppendResult> AppendAsync(IReadOnlyList<Event> events, CancellationToken cancellation);

    /// <summary>Streams events in sequence order, those after <paramref name="afterSequence"/> only; constant memory.</summary>
    IEnumerable<StoredEvent> Read(long afterSequence = 0);

    /// <summary>A shopper's latest events, newest first (by time, then sequence).</summary>
    IReadOnlyList<StoredEvent> LatestOf(UserId user, int count);

    /// <summary>Sequence of the last stored event; 0 for an empty store.</summary>
    long LastSequence();

    /// <summary>Events by UTC day and type, ascending by day. Kept up to date with each append, so that asking is cheap at any size.</summary>
    IReadOnlyList<DailyCount> DailyCounts();

    /// <summary>Distinct users and distinct items that occur in events, and the number of events.</summary>
    EventTotals Totals();
}

/// <param name="Stored">The events that were new, with their sequences, in order.</param>
/// <param name="Duplicates">How many were known already.</param>
public sealed record AppendResult(IReadOnlyList<StoredEvent> Stored, int Duplicates);

public readonly record struct DailyCount(DateOnly Day, EventType Type, long Count);

public readonly record struct EventTotals(long Events, long Users, long Items);
