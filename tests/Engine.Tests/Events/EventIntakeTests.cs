using Aisle.Engine.Events;
using Aisle.Engine.Tests.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using static Aisle.Engine.Tests.Storage.ShopEvents;

namespace Aisle.Engine.Tests.Events;

public sealed class EventIntakeTests : IDisposable
{
    private readonly SqliteDoors _doors = new();
    private readonly GuardedEventStore _store;
    private readonly EventFeed _feed;

    public EventIntakeTests()
    {
        this._store = new GuardedEventStore(this._doors.Open().Events);
        this._feed = new EventFeed(this._store);
    }

    public void Dispose() => this._doors.Dispose();

    [Fact]
    public async Task Accept_NewAndKnown_CountsBoth()
    {
        await using var intake = this.Start();

        (await intake.AcceptAsync(Views(5), CancellationToken.None)).ShouldBe(new IntakeReceipt(5, 0));
        (await intake.AcceptAsync([.. Views(5), View("new"), View("new")], CancellationToken.None)).ShouldBe(new IntakeReceipt(1, 6));
        (await intake.AcceptAsync([], CancellationToken.None)).ShouldBe(new IntakeReceipt(0, 0));
    }

    [Fact]
    public async Task Accept_RequestsThatWaitTogether_ShareOneTransaction()
    {
        await using var intake = this.Start();
        var waiting = await this.QueueBehindAHeldTransactionAsync(intake, [.. Enumerable.Range(0, 50).Select(i => Views(3, $"request{i}-"))]);

        this._store.Release();
        var receipts = await Task.WhenAll(waiting);

        receipts.ShouldAllBe(receipt => receipt == new IntakeReceipt(3, 0));
        this._store.Appended.ShouldBe([1, 150]);
    }

    [Fact]
    public async Task Accept_SameIdInTwoRequestsOfAGroup_IsNewForTheFirstOnly()
    {
        await using var intake = this.Start();
        var shared = View("shared");
        var waiting = await this.QueueBehindAHeldTransactionAsync(
            intake, [[View("a"), shared], [shared, View("b"), View("held")], [View("c"), View("a", item: "plate"), shared], [View("d")]]);

        this._store.Release();

        (await Task.WhenAll(waiting)).ShouldBe([new(2, 0), new(1, 2), new(1, 2), new(1, 0)]);
        this._store.Appended.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Accept_OneImpossibleRequestInAGroup_FailsAlone()
    {
        await using var intake = this.Start();
        var waiting = await this.QueueBehindAHeldTransactionAsync(
            intake, [Views(3, "good-"), [View("fine"), View("bad") with { Quantity = double.NaN }], Views(4, "fair-")]);

        this._store.Release();

        (await waiting[0]).ShouldBe(new IntakeReceipt(3, 0));
        await Should.ThrowAsync<Exception>(() => waiting[1]);
        (await waiting[2]).ShouldBe(new IntakeReceipt(4, 0));
        (await intake.AcceptAsync([View("fine")], CancellationToken.None)).ShouldBe(new IntakeReceipt(1, 0));
    }

    [Fact]
    public async Task Accept_Acknowledged_WasDeliveredByTheFeed()
    {
        var seen = new List<long>();
        this._feed.Subscribe(events => seen.AddRange(events.Select(stored => stored.Sequence)));
        await using var intake = this.Start();

        await intake.AcceptAsync(Views(5), CancellationToken.None);
        seen.Count.ShouldBe(5);
        await intake.AcceptAsync(Views(7), CancellationToken.None);

        seen.ShouldBe(this._store.Read().Select(stored => stored.Sequence));
    }

    [Fact]
    public async Task Accept_ListenerThatFails_IsAcknowledgedNevertheless()
    {
        var seen = 0;
        this._feed.Subscribe(_ => throw new InvalidOperationException("a listener with a fault"));
        this._feed.Subscribe(events => seen += events.Count);
        await using var intake = this.Start();

        (await intake.AcceptAsync(Views(5), CancellationToken.None)).Accepted.ShouldBe(5);
        (await intake.AcceptAsync(Views(5, "more"), CancellationToken.None)).Accepted.ShouldBe(5);

        seen.ShouldBe(10);
    }

    [Fact]
    public async Task Accept_CancelledInTheQueue_StoresTheEventsNevertheless()
    {
        var intake = this.Start();
        using var cancellation = new CancellationTokenSource();
        this._store.Hold();
        var first = intake.AcceptAsync([View("held")], CancellationToken.None);
        var cancelled = intake.AcceptAsync([View("cancelled")], cancellation.Token);

        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled);
        this._store.Release();
        await first;
        await intake.DisposeAsync();

        this._store.Read().Select(stored => stored.Event.Id).ShouldBe([EventId.From("held"), EventId.From("cancelled")]);
    }

    [Fact]
    public async Task Accept_MoreThanTheQueueHolds_WaitsForRoom()
    {
        await using var intake = this.Start();
        var waiting = await this.QueueBehindAHeldTransactionAsync(intake, [.. Enumerable.Range(0, 3000).Select(i => Views(1, $"request{i}-"))]);
        using var impatient = new CancellationTokenSource();
        var unheard = intake.AcceptAsync([View("unheard")], impatient.Token);

        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => unheard);
        this._store.Release();
        await Task.WhenAll(waiting);

        // Cancelled before there was room for it: never queued, never stored.
        this._store.Read().Select(stored => stored.Event.Id).ShouldNotContain(EventId.From("unheard"));
        this._store.Totals().Events.ShouldBe(3001);
    }

    [Fact]
    public async Task Dispose_RequestsInTheQueue_AreStoredAndAnsweredFirst()
    {
        var intake = this.Start();
        var waiting = await this.QueueBehindAHeldTransactionAsync(intake, [Views(3, "a"), Views(3, "b")]);

        var closing = intake.DisposeAsync();
        await Should.ThrowAsync<ObjectDisposedException>(() => intake.AcceptAsync([View("late")], CancellationToken.None));
        this._store.Release();
        await closing;

        this._store.Totals().Events.ShouldBe(7);
        (await Task.WhenAll(waiting)).ShouldBe([new(3, 0), new(3, 0)]);
    }

    private EventIntake Start() => new(this._store, this._feed, NullLogger<EventIntake>.Instance);

    /// <summary>Stops the writer inside a first transaction of one event, so that all the requests wait for the next one together.</summary>
    private async Task<Task<IntakeReceipt>[]> QueueBehindAHeldTransactionAsync(EventIntake intake, List<List<Event>> requests)
    {
        this._store.Hold();
        _ = intake.AcceptAsync([View("held")], CancellationToken.None);
        await this._store.Entered;
        return [.. requests.Select(events => intake.AcceptAsync(events, CancellationToken.None))];
    }
}
