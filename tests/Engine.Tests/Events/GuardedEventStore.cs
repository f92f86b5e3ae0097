using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Tests.Events;

/// <summary>A store that a test can stop inside an append, and that remembers how many events each append was given.</summary>
internal sealed class GuardedEventStore(IEventStore store) : IEventStore
{
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _open = Opened();

    /// <summary>Completes when an append has begun.</summary>
    public Task Entered => this._entered.Task;

    public List<int> Appended { get; } = [];

    public void Hold() => this._open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => this._open.SetResult();

    public async Task<AppendResult> AppendAsync(IReadOnlyList<Event> events, CancellationToken cancellation)
    {
        this.Appended.Add(events.Count);
        this._entered.TrySetResult();
        await this._open.Task;
        return await store.AppendAsync(events, cancellation);
    }

    public IEnumerable<StoredEvent> Read(long afterSequence = 0) => store.Read(afterSequence);

    public IReadOnlyList<StoredEvent> LatestOf(UserId user, int count) => store.LatestOf(user, count);

    public long LastSequence() => store.LastSequence();

    public IReadOnlyList<DailyCount> DailyCounts() => store.DailyCounts();

    public EventTotals Totals() => store.Totals();

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}
