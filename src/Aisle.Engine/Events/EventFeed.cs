namespace Aisle.Engine.Events;

/// <summary>
/// Hands every stored event, once and in sequence order, to those who keep live state (histories, popularity, counters).
/// Events of this process arrive before they are acknowledged; those that another process stored arrive with <see cref="CatchUp"/>.
/// </summary>
public sealed class EventFeed(IEventStore store)
{
    private const int BatchSize = 4096;

    private readonly Lock _delivery = new();
    private readonly List<Action<IReadOnlyList<StoredEvent>>> _listeners = [];

    /// <summary>Sequence of the last event delivered.</summary>
    public long Position { get; private set; }

    /// <summary>Adds a listener. All listeners are added before the first <see cref="CatchUp"/>, so that each sees every event.</summary>
    public void Subscribe(Action<IReadOnlyList<StoredEvent>> listener)
    {
        lock (this._delivery)
        {
            if (this.Position > 0)
                throw new InvalidOperationException("Subscribe before the feed starts: this listener would miss the events delivered so far.");
            this._listeners.Add(listener);
        }
    }

    /// <summary>Delivers what the store holds beyond <see cref="Position"/>.</summary>
    public void CatchUp()
    {
        lock (this._delivery)
        {
            foreach (var batch in store.Read(this.Position).Chunk(BatchSize)) this.Deliver(batch);
        }
    }

    /// <summary>Delivers events just stored, reading first what other processes stored before them.</summary>
    public void Publish(IReadOnlyList<StoredEvent> events)
    {
        if (events.Count == 0) return;
        lock (this._delivery)
        {
            if (events[^1].Sequence <= this.Position) return;
            if (events[0].Sequence == this.Position + 1 && events[^1].Sequence - events[0].Sequence == events.Count - 1) this.Deliver(events);
            else this.CatchUp();
        }
    }

    /// <summary>Each listener gets the events once, whatever becomes of the others; what they threw is thrown when all have been told.</summary>
    private void Deliver(IReadOnlyList<StoredEvent> events)
    {
        this.Position = events[^1].Sequence;
        List<Exception>? failures = null;
        foreach (var listener in this._listeners)
        {
            try
            {
                listener(events);
            }
#pragma warning disable CA1031 // Collected and thrown below.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                (failures ??= []).Add(failure);
            }
        }

        if (failures is not null) throw new AggregateException("Listeners of the event feed failed.", failures);
    }
}
