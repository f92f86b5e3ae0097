using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using static Aisle.Engine.Tests.Storage.ShopEvents;

namespace Aisle.Engine.Tests.Storage.Contracts;

/// <summary>What every event store must do; a subclass says how one is opened.</summary>
public abstract class EventStoreContract
{
    /// <summary>Opens the test's store; opened again, it is the same store through another door (another process, say).</summary>
    protected abstract IEventStore Open();

    [Fact]
    public async Task Append_EventsOfEveryShape_AreReadBackAsTheyWere()
    {
        var events = OfEveryShape();
        var store = this.Open();

        var result = await store.AppendAsync(events, CancellationToken.None);

        result.Duplicates.ShouldBe(0);
        result.Stored.Select(stored => stored.Event).ShouldBe(events);
        store.Read().ShouldBe(result.Stored);
        this.Open().Read().ShouldBe(result.Stored);
    }

    [Fact]
    public async Task Append_TimeFinerThanAMillisecondAndElsewhere_IsStoredToTheMillisecondInUtc()
    {
        var store = this.Open();
        var time = new DateTimeOffset(2024, 5, 6, 14, 0, 0, TimeSpan.FromHours(2)).AddTicks(12_345);

        var result = await store.AppendAsync([View("a", time: time)], CancellationToken.None);

        var expected = Noon.AddMilliseconds(1);
        result.Stored.Single().Event.Time.ShouldBe(expected);
        result.Stored.Single().Event.Time.Offset.ShouldBe(TimeSpan.Zero);
        store.Read().Single().Event.Time.ShouldBe(expected);
    }

    [Fact]
    public async Task Append_Twice_StoresOnce()
    {
        var store = this.Open();
        var events = Views(20);
        await store.AppendAsync(events, CancellationToken.None);

        var retry = await store.AppendAsync(events, CancellationToken.None);

        retry.Stored.ShouldBeEmpty();
        retry.Duplicates.ShouldBe(20);
        store.Read().Count().ShouldBe(20);
        store.Totals().Events.ShouldBe(20);
        store.DailyCounts().Sum(day => day.Count).ShouldBe(20);
    }

    [Fact]
    public async Task Append_SameIdInsideABatch_KeepsTheFirst()
    {
        var store = this.Open();

        var result = await store.AppendAsync([View("a", item: "mug"), View("b"), View("a", item: "plate")], CancellationToken.None);

        result.Duplicates.ShouldBe(1);
        result.Stored.Select(stored => stored.Event.Id).ShouldBe([EventId.From("a"), EventId.From("b")]);
        store.Read().First().Event.Item.ShouldBe(new ItemId("mug"));
    }

    [Fact]
    public async Task Append_SomeKnownSomeNew_StoresTheNewInOrder()
    {
        var store = this.Open();
        await store.AppendAsync([View("b"), View("d")], CancellationToken.None);

        var result = await store.AppendAsync([View("a"), View("b"), View("c"), View("d"), View("e")], CancellationToken.None);

        result.Duplicates.ShouldBe(2);
        result.Stored.Select(stored => stored.Event.Id).ShouldBe(new[] { "a", "c", "e" }.Select(EventId.From));
    }

    [Fact]
    public async Task Append_Nothing_ChangesNothing()
    {
        var store = this.Open();

        var result = await store.AppendAsync([], CancellationToken.None);

        result.Stored.ShouldBeEmpty();
        result.Duplicates.ShouldBe(0);
        store.LastSequence().ShouldBe(0);
    }

    [Fact]
    public async Task Append_Cancelled_StoresNothing()
    {
        var store = this.Open();

        await Should.ThrowAsync<OperationCanceledException>(() => store.AppendAsync(Views(3), new CancellationToken(canceled: true)));

        store.Read().ShouldBeEmpty();
    }

    [Fact]
    public async Task Append_OneEventImpossible_StoresNoneAndGoesOn()
    {
        var store = this.Open();
        var impossible = View("bad", user: "nobody", item: "nothing") with { Quantity = double.NaN };

        await Should.ThrowAsync<Exception>(() => store.AppendAsync([.. Views(3), impossible], CancellationToken.None));

        store.Read().ShouldBeEmpty();
        store.Totals().ShouldBe(new EventTotals(0, 0, 0));
        await store.AppendAsync([View("x", user: "other", item: "other"), View("y", user: "nobody", item: "nothing")], CancellationToken.None);
        store.Read().Select(stored => stored.Event.User!.Value.Value).ShouldBe(["other", "nobody"]);
    }

    [Fact]
    public async Task Read_SeveralBatches_AscendsWithoutRepeats()
    {
        var store = this.Open();
        for (var batch = 0; batch < 5; batch++) await store.AppendAsync(Views(30, $"batch{batch}-"), CancellationToken.None);

        var sequences = store.Read().Select(stored => stored.Sequence).ToList();

        sequences.Count.ShouldBe(150);
        sequences.ShouldBe(sequences.Distinct().Order());
        sequences[0].ShouldBeGreaterThan(0);
        store.LastSequence().ShouldBe(sequences[^1]);
    }

    [Fact]
    public async Task Read_AfterASequence_GivesOnlyLaterEvents()
    {
        var store = this.Open();
        await store.AppendAsync(Views(50), CancellationToken.None);
        var all = store.Read().ToList();

        store.Read(all[19].Sequence).ShouldBe(all.Skip(20));
        store.Read(all[^1].Sequence).ShouldBeEmpty();
    }

    [Fact]
    public async Task Read_MoreThanOnePage_GivesEachEventOnce()
    {
        var store = this.Open();
        var events = Views(20_000);
        await store.AppendAsync(events, CancellationToken.None);

        store.Read().Select(stored => stored.Event).ShouldBe(events);
    }

    [Fact]
    public async Task Read_WhileOthersAppend_DoesNotHinderThem()
    {
        var store = this.Open();
        await store.AppendAsync(Views(10), CancellationToken.None);
        using var reading = store.Read().GetEnumerator();
        reading.MoveNext().ShouldBeTrue();

        (await store.AppendAsync(Views(10, "later"), CancellationToken.None)).Stored.Count.ShouldBe(10);
    }

    [Fact]
    public async Task LatestOf_EventsOutOfOrder_ComeNewestFirst()
    {
        var store = this.Open();
        await store.AppendAsync(
            [
                View("second", time: Noon.AddHours(1)),
                View("third", time: Noon.AddHours(2)),
                View("other", user: "bob", time: Noon.AddHours(3)),
                View("first", time: Noon),
                View("third-too", time: Noon.AddHours(2)),
            ],
            CancellationToken.None);

        store.LatestOf(new UserId("ann"), 3).Select(stored => stored.Event.Id)
            .ShouldBe(new[] { "third-too", "third", "second" }.Select(EventId.From));
        store.LatestOf(new UserId("ann"), 100).Select(stored => stored.Sequence).ShouldBe([5, 2, 1, 4]);
        store.LatestOf(new UserId("nobody"), 3).ShouldBeEmpty();
    }

    [Fact]
    public async Task DailyCounts_EventsAroundMidnight_FallOnTheirUtcDay()
    {
        var store = this.Open();
        var midnight = new DateTimeOffset(2024, 3, 1, 0, 0, 0, TimeSpan.Zero);
        await store.AppendAsync([View("a", time: midnight.AddMilliseconds(-1)), View("b", time: midnight)], CancellationToken.None);
        await store.AppendAsync([View("c", time: midnight.AddHours(23)), View("d", time: midnight) with { Type = EventType.Cart }], CancellationToken.None);

        store.DailyCounts().ShouldBe(
        [
            new DailyCount(new DateOnly(2024, 2, 29), EventType.View, 1),
            new DailyCount(new DateOnly(2024, 3, 1), EventType.View, 2),
            new DailyCount(new DateOnly(2024, 3, 1), EventType.Cart, 1),
        ]);
    }

    [Fact]
    public async Task Totals_RepeatedUsersAndItems_CountThemOnce()
    {
        var store = this.Open();
        store.Totals().ShouldBe(new EventTotals(0, 0, 0));

        await store.AppendAsync([View("a", "ann", "mug"), View("b", "bob", "mug"), View("c", "ann", "plate")], CancellationToken.None);
        await store.AppendAsync([View("d", "ann", "fork"), View("a", "stranger", "strange")], CancellationToken.None);

        store.Totals().ShouldBe(new EventTotals(4, 2, 3));
    }

    [Fact]
    public async Task Append_ThroughTwoDoors_AgreesOnUsersItemsAndDuplicates()
    {
        var here = this.Open();
        var there = this.Open();
        await here.AppendAsync([View("a", "ann", "mug")], CancellationToken.None);
        await there.AppendAsync([View("b", "bob", "plate")], CancellationToken.None);

        var result = await here.AppendAsync([View("c", "bob", "plate"), View("d", "ann", "mug"), View("b")], CancellationToken.None);

        result.Duplicates.ShouldBe(1);
        here.Read().Select(stored => (stored.Event.User!.Value.Value, stored.Event.Item!.Value.Value))
            .ShouldBe([("ann", "mug"), ("bob", "plate"), ("bob", "plate"), ("ann", "mug")]);
        there.Totals().ShouldBe(new EventTotals(4, 2, 2));
    }

    [Fact]
    public async Task Append_ManyAtOnceThroughTwoDoors_LosesAndRepeatsNothing()
    {
        var doors = new[] { this.Open(), this.Open() };
        var batches = Enumerable.Range(0, 40).Select(batch => Views(25, $"batch{batch / 2}-")).ToList();

        var results = await Task.WhenAll(batches.Select((batch, index) => Task.Run(() => doors[index % 2].AppendAsync(batch, CancellationToken.None))));

        results.Sum(result => result.Stored.Count).ShouldBe(500);
        results.Sum(result => result.Duplicates).ShouldBe(500);
        var stored = doors[0].Read().ToList();
        stored.ShouldBe(results.SelectMany(result => result.Stored).OrderBy(found => found.Sequence));
        doors[1].Totals().ShouldBe(new EventTotals(500, 7, 11));
    }

    [Fact]
    public async Task Append_WhileAnotherDoorWritesWithoutEnd_GetsItsTurn()
    {
        var busy = this.Open();
        var patient = this.Open();
        var batches = Enumerable.Range(0, 80).Select(i => Views(4_000, $"batch{i}-")).ToList();

        var writing = busy.AppendAsync(batches[0], CancellationToken.None);
        var waiting = patient.AppendAsync([View("patient")], CancellationToken.None);
        var written = 1;
        for (; written < batches.Count && !waiting.IsCompleted; written++)
        {
            await writing;
            writing = busy.AppendAsync(batches[written], CancellationToken.None);
        }

        await writing;

        written.ShouldBeLessThan(batches.Count);
        (await waiting).Stored.Count.ShouldBe(1);
    }
}
