using System.Diagnostics;
using System.Globalization;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Training;
using Aisle.Learning.Models;

namespace Aisle.Benchmarks;

/// <summary>
/// The memory of a training's way from a shop's events to the steps of a model, with the events in memory or on disk. The shop is made up as it is
/// read: fifty events a shopper, all shoppers mixed in time. The fit is broken off after some seconds: its first step already holds all that the last will.
/// </summary>
internal static class StreamedTraining
{
    private const int EventsOfShopper = 50;
    private const int Products = 20_000;

    public static void Print(long events, string room, string folder, double seconds, string model, string options, TextWriter output)
    {
        var catalogue = new Catalogue(new NoProducts());
        var clock = Stopwatch.StartNew();
        using var watch = new MemoryWatch();
        using var data = TrainingData.Read(new MadeUpEvents(events), catalogue, room == "disk" ? new MappedColumns(folder) : new MemoryColumns(), long.MaxValue, null, CancellationToken.None);
        Tell("read and put in order");
        var all = data.All(null);
        Tell("matrix and rows made");
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        try
        {
            Trainers.Create(model, options).Fit(all, new FitContext { Threads = Environment.ProcessorCount, Cancellation = end.Token });
        }
        catch (OperationCanceledException)
        {
            // As planned: what counts is what the steps hold.
        }

        Tell($"{model}, {seconds} s of steps");

        void Tell(string what) => output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what}: {clock.Elapsed.TotalSeconds:F0} s, peak {watch.Peak >> 20} MB of its own, now {MemoryWatch.Own() >> 20} MB and {MemoryWatch.OfFiles() >> 20} MB of mapped files"));
    }

    /// <summary>What is the process's own: pages of mapped files can be taken back at any time, and are counted apart.</summary>
    private sealed class MemoryWatch : IDisposable
    {
        private readonly Timer _timer;
        private long _peak;

        public MemoryWatch() => this._timer = new Timer(_ => this._peak = Math.Max(this._peak, Own()), null, 0, 50);

        public long Peak => Math.Max(this._peak, Own());

        public static long Own() => Field("RssAnon:");

        public static long OfFiles() => Field("RssFile:");

        public void Dispose() => this._timer.Dispose();

        private static long Field(string name) =>
            long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }

    private sealed class NoProducts : ICatalogStore
    {
        public Task<int> UpsertAsync(IReadOnlyList<Item> items, CancellationToken cancellation) => throw new NotSupportedException("Nothing is stored here.");

        public Task<int> DeleteAsync(IReadOnlyList<ItemId> items, CancellationToken cancellation) => throw new NotSupportedException("Nothing is stored here.");

        public Item? Find(ItemId id) => null;

        public IEnumerable<Item> ReadAll() => [];

        public long Version() => 0;
    }

    /// <summary>A log of views and purchases that nothing holds.</summary>
    private sealed class MadeUpEvents(long count) : IEventStore
    {
        public IEnumerable<StoredEvent> Read(long afterSequence = 0)
        {
            var shoppers = (ulong)Math.Max(1, count / EventsOfShopper);
            var users = new UserId[shoppers];
            var items = new ItemId[Products];
            for (var user = 0; user < users.Length; user++) users[user] = new UserId(string.Create(CultureInfo.InvariantCulture, $"u{user}"));
            for (var item = 0; item < Products; item++) items[item] = new ItemId(string.Create(CultureInfo.InvariantCulture, $"i{item}"));
            var id = default(EventId);
            var random = new Random(1);
            var start = new DateTimeOffset(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
            for (long sequence = afterSequence + 1; sequence <= count; sequence++)
            {
                // Some products are met far more often than others.
                var share = random.NextDouble();
                yield return new StoredEvent(sequence, new Event
                {
                    Id = id,
                    Type = random.Next(50) == 0 ? EventType.Purchase : EventType.View,
                    User = users[random.NextInt64((long)shoppers)],
                    Item = items[(int)(share * share * Products)],
                    Time = start.AddSeconds(sequence / 10),
                    Basket = "till",
                });
            }
        }

        public long LastSequence() => count;

        public Task<AppendResult> AppendAsync(IReadOnlyList<Event> events, CancellationToken cancellation) => throw new NotSupportedException("Nothing is stored here.");

        public IReadOnlyList<StoredEvent> LatestOf(UserId user, int latest) => throw new NotSupportedException("Nothing is stored here.");

        public IReadOnlyList<DailyCount> DailyCounts() => throw new NotSupportedException("Nothing is stored here.");

        public EventTotals Totals() => throw new NotSupportedException("Nothing is stored here.");
    }
}
