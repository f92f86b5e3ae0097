using System.Diagnostics;
using System.Globalization;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Benchmarks;

/// <summary>Memory that the histories of many shoppers take, each read from a store of made-up events.</summary>
internal static class ShopperState
{
    private const int Items = 100_000;

    public static void Print(int shoppers, int eventsEach, TextWriter output)
    {
        var catalogue = new Catalogue(new NoCatalogue());
        for (var item = 0; item < Items; item++) catalogue.IndexFor(new ItemId(item.ToString(CultureInfo.InvariantCulture)));
        var histories = new ShopperHistories(new MadeUpEvents(eventsEach), catalogue, shoppers);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();
        for (var shopper = 0; shopper < shoppers; shopper++) histories.Of(new UserId($"shopper-{shopper}"));
        var seconds = clock.Elapsed.TotalSeconds;
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{shoppers:N0} shoppers of {eventsEach} events: {bytes / 1e6:F0} MB, {(double)bytes / shoppers:F0} bytes each, made in {seconds:F1} s"));
        GC.KeepAlive(histories);
    }

    private sealed class NoCatalogue : ICatalogStore
    {
        public long Version() => 0;

        public Item? Find(ItemId id) => null;

        public IEnumerable<Item> ReadAll() => [];

        public Task<int> UpsertAsync(IReadOnlyList<Item> items, CancellationToken cancellation) => Task.FromResult(0);

        public Task<int> DeleteAsync(IReadOnlyList<ItemId> items, CancellationToken cancellation) => Task.FromResult(0);
    }

    private sealed class MadeUpEvents(int eventsEach) : IEventStore
    {
        private readonly Random _random = new(1);
        private readonly ItemId[] _items = [.. Enumerable.Range(0, Items).Select(item => new ItemId(item.ToString(CultureInfo.InvariantCulture)))];

        public IReadOnlyList<StoredEvent> LatestOf(UserId user, int count) =>
            [.. Enumerable.Range(0, eventsEach).Select(place => new StoredEvent(place + 1, new Event
            {
                Id = EventId.From($"{user.Value}-{place}"), Type = EventType.View, User = user, Item = this._items[this._random.Next(Items)], Time = DateTimeOffset.UnixEpoch.AddDays(20_000 - place),
            }))];

        public Task<AppendResult> AppendAsync(IReadOnlyList<Event> events, CancellationToken cancellation) => throw new NotSupportedException("Nothing is stored here.");

        public IEnumerable<StoredEvent> Read(long afterSequence = 0) => [];

        public long LastSequence() => 0;

        public IReadOnlyList<DailyCount> DailyCounts() => [];

        public EventTotals Totals() => default;
    }
}
