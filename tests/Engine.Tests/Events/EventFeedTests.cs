using Aisle.Engine.Events;
using Aisle.Engine.Tests.Storage.Sqlite;
using static Aisle.Engine.Tests.Storage.ShopEvents;

namespace Aisle.Engine.Tests.Events;

public sealed class EventFeedTests : IDisposable
{
    private readonly SqliteDoors _doors = new();
    private readonly IEventStore _store;
    private readonly EventFeed _feed;
    private readonly List<long> _seen = [];

    public EventFeedTests()
    {
        this._store = this._doors.Open().Events;
        this._feed = new EventFeed(this._store);
        this._feed.Subscribe(events => this._seen.AddRange(events.Select(stored => stored.Sequence)));
    }

    public void Dispose() => this._doors.Dispose();

    [Fact]
    public async Task CatchUp_StoreWithHistory_DeliversItOnce()
    {
        await this._store.AppendAsync(Views(10_000), CancellationToken.None);

        this._feed.CatchUp();
        this._feed.CatchUp();

        this._seen.ShouldBe(this._store.Read().Select(stored => stored.Sequence));
        this._feed.Position.ShouldBe(this._store.LastSequence());
    }

    [Fact]
    public async Task Publish_AfterEventsOfAnotherProcess_DeliversThoseFirst()
    {
        await this._doors.Open().Events.AppendAsync(Views(5, "there"), CancellationToken.None);
        var here = await this._store.AppendAsync(Views(5, "here"), CancellationToken.None);

        this._feed.Publish(here.Stored);

        this._seen.ShouldBe(this._store.Read().Select(stored => stored.Sequence));
    }

    [Fact]
    public async Task Publish_WhatCatchUpDeliveredAlready_DeliversNothingTwice()
    {
        var stored = (await this._store.AppendAsync(Views(5), CancellationToken.None)).Stored;
        this._feed.CatchUp();

        this._feed.Publish(stored);
        this._feed.Publish([]);

        this._seen.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Publish_ListenerThatFails_GivesOthersEachEventOnce()
    {
        var failing = new EventFeed(this._store);
        var seen = new List<long>();
        failing.Subscribe(_ => throw new InvalidOperationException("a listener with a fault"));
        failing.Subscribe(events => seen.AddRange(events.Select(stored => stored.Sequence)));

        for (var i = 0; i < 3; i++)
        {
            var stored = (await this._store.AppendAsync(Views(4, $"batch{i}-"), CancellationToken.None)).Stored;
            Should.Throw<AggregateException>(() => failing.Publish(stored));
        }

        seen.ShouldBe(this._store.Read().Select(stored => stored.Sequence));
    }

    [Fact]
    public async Task Subscribe_AfterTheStart_IsRefused()
    {
        await this._store.AppendAsync(Views(1), CancellationToken.None);
        this._feed.CatchUp();

        Should.Throw<InvalidOperationException>(() => this._feed.Subscribe(_ => { }));
    }
}
