using System.Diagnostics;
using Aisle.Engine.Events;
using Aisle.Engine.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aisle.Benchmarks;

/// <summary>The store's figures in docs/benchmarks.md: appending, taking in through <see cref="EventIntake"/>, scanning.</summary>
internal static class StoreSpeed
{
    private const int Rounds = 3;

    public static async Task RunAsync()
    {
        foreach (var randomIds in new[] { false, true })
        {
            foreach (var batch in new[] { 100, 10_000, 50_000 })
            {
                await BestAsync(
                    $"append, {(randomIds ? "random" : "time-leading")} ids, batches of {batch:N0}",
                    batch == 100 ? 200_000 : 500_000,
                    randomIds,
                    (store, events) => AppendAsync(store, events, batch));
            }
        }

        foreach (var callers in new[] { 1, 32, 256 })
            await BestAsync($"intake, {callers} callers with single events", callers * 600, randomIds: true, (store, events) => IntakeAsync(store, events, callers, 1));
        await BestAsync("intake, 8 callers with batches of 100", 200_000, randomIds: true, (store, events) => IntakeAsync(store, events, 8, 100));
        await ScanAsync();
    }

    private static async Task AppendAsync(SqliteStore store, List<Event> events, int batch)
    {
        foreach (var chunk in events.Chunk(batch)) await store.Events.AppendAsync(chunk, CancellationToken.None);
    }

    private static async Task IntakeAsync(SqliteStore store, List<Event> events, int callers, int batch)
    {
        await using var intake = new EventIntake(store.Events, new EventFeed(store.Events), NullLogger<EventIntake>.Instance);
        await Task.WhenAll(events.Chunk(events.Count / callers).Select(share => Task.Run(async () =>
        {
            foreach (var request in share.Chunk(batch)) await intake.AcceptAsync(request, CancellationToken.None);
        })));
    }

    private static async Task ScanAsync()
    {
        var folder = Directory.CreateTempSubdirectory("aisle-bench-");
        try
        {
            using (var store = SqliteStore.Open(folder.FullName, TimeProvider.System)) await AppendAsync(store, SampleEvents.Make(500_000, randomIds: false), 50_000);
            double best = 0;
            var leastBusy = double.MaxValue;
            for (var round = 0; round < Rounds; round++)
            {
                using var store = SqliteStore.Open(folder.FullName, TimeProvider.System);
                var busy = Environment.CpuUsage.TotalTime;
                var clock = Stopwatch.StartNew();
                var count = store.Events.Read().Count();
                best = Math.Max(best, count / clock.Elapsed.TotalSeconds);
                leastBusy = Math.Min(leastBusy, (Environment.CpuUsage.TotalTime - busy).TotalMicroseconds / count);
            }

            Print("scan of all events", best, leastBusy);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task BestAsync(string name, int count, bool randomIds, Func<SqliteStore, List<Event>, Task> work)
    {
        var events = SampleEvents.Make(count, randomIds);
        double best = 0;
        var leastBusy = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var folder = Directory.CreateTempSubdirectory("aisle-bench-");
            try
            {
                using var store = SqliteStore.Open(folder.FullName, TimeProvider.System);
                var busy = Environment.CpuUsage.TotalTime;
                var clock = Stopwatch.StartNew();
                await work(store, events);
                best = Math.Max(best, count / clock.Elapsed.TotalSeconds);
                leastBusy = Math.Min(leastBusy, (Environment.CpuUsage.TotalTime - busy).TotalMicroseconds / count);
                if (store.Events.Totals().Events != count) throw new InvalidOperationException("Not every event was stored.");
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        Print(name, best, leastBusy);
    }

    private static void Print(string name, double rate, double busy) =>
        Console.WriteLine($"{name,-44} {rate,10:N0} events/s {busy,8:N1} µs of processor time per event");
}
