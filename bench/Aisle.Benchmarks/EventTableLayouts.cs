using System.Diagnostics;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Storage.Sqlite;

namespace Aisle.Benchmarks;

/// <summary>Compares two layouts of the event table; the figures stand in docs/decisions/0002-event-table-layout.md.</summary>
internal static class EventTableLayouts
{
    private const int Events = 500_000;
    private const int Measured = 100_000;
    private const int Rounds = 3;

    public static async Task RunAsync()
    {
        Console.WriteLine($"{Events:N0} events, best of {Rounds} rounds; an append is one durable transaction; rates of the last {Measured:N0} events");
        Console.WriteLine("layout      ids           batch   append/s  processor µs/event  bytes/event     scan/s  latest 200 of a user, µs");
        foreach (var randomIds in new[] { false, true })
        {
            var events = SampleEvents.Make(Events, randomIds);
            foreach (var batch in new[] { 100, 10_000 })
            {
                Print("text", randomIds, batch, await BestAsync(() => MeasureTextAsync(events, batch)));
                Print("dictionary", randomIds, batch, await BestAsync(() => MeasureDictionaryAsync(events, batch)));
            }
        }
    }

    private static async Task<Figures> MeasureTextAsync(List<Event> events, int batch)
    {
        var folder = Directory.CreateTempSubdirectory("aisle-bench-");
        try
        {
            var file = Path.Combine(folder.FullName, "text.db");
            Figures figures;
            using (var layout = new TextIdEvents(file))
                figures = await MeasureAsync(events, batch, layout.AppendAsync, layout.Read, layout.LatestOf);
            return figures with { BytesPerEvent = (double)new FileInfo(file).Length / events.Count };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Figures> MeasureDictionaryAsync(List<Event> events, int batch)
    {
        var folder = Directory.CreateTempSubdirectory("aisle-bench-");
        try
        {
            Figures figures;
            using (var store = SqliteStore.Open(folder.FullName, TimeProvider.System))
            {
                figures = await MeasureAsync(
                    events, batch, chunk => store.Events.AppendAsync(chunk, CancellationToken.None), () => store.Events.Read(), store.Events.LatestOf);
            }

            return figures with { BytesPerEvent = (double)new FileInfo(Path.Combine(folder.FullName, SqliteStore.FileName)).Length / events.Count };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Figures> MeasureAsync<TLatest>(
        List<Event> events, int batch, Func<Event[], Task> append, Func<IEnumerable<StoredEvent>> read, Func<UserId, int, TLatest> latestOf)
    {
        foreach (var chunk in events.Take(events.Count - Measured).Chunk(10_000)) await append(chunk);
        var chunks = events.Skip(events.Count - Measured).Chunk(batch).ToList();
        var busy = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        foreach (var chunk in chunks) await append(chunk);
        var appendRate = Measured / clock.Elapsed.TotalSeconds;
        var appendBusy = (Environment.CpuUsage.TotalTime - busy).TotalMicroseconds / Measured;

        clock.Restart();
        var scanned = read().Count();
        var scanRate = scanned / clock.Elapsed.TotalSeconds;
        if (scanned != events.Count) throw new InvalidOperationException($"{scanned} events came back of {events.Count}.");

        var users = events.Take(2000).Select(shopEvent => shopEvent.User!.Value).ToList();
        foreach (var user in users) latestOf(user, 200);
        clock.Restart();
        foreach (var user in users) latestOf(user, 200);
        return new Figures(appendRate, appendBusy, 0, scanRate, clock.Elapsed.TotalMicroseconds / users.Count);
    }

    private static async Task<Figures> BestAsync(Func<Task<Figures>> measure)
    {
        var best = new Figures(0, double.MaxValue, double.MaxValue, 0, double.MaxValue);
        for (var round = 0; round < Rounds; round++)
        {
            var figures = await measure();
            best = new Figures(
                Math.Max(best.AppendRate, figures.AppendRate),
                Math.Min(best.AppendBusy, figures.AppendBusy),
                Math.Min(best.BytesPerEvent, figures.BytesPerEvent),
                Math.Max(best.ScanRate, figures.ScanRate),
                Math.Min(best.LatestMicroseconds, figures.LatestMicroseconds));
        }

        return best;
    }

    private static void Print(string layout, bool randomIds, int batch, Figures figures) => Console.WriteLine(
        $"{layout,-10}  {(randomIds ? "random" : "time-leading"),-12}  {batch,6:N0}  {figures.AppendRate,9:N0}  {figures.AppendBusy,18:N1}  {figures.BytesPerEvent,11:N0}  {figures.ScanRate,9:N0}  {figures.LatestMicroseconds,9:N0}");

    private readonly record struct Figures(double AppendRate, double AppendBusy, double BytesPerEvent, double ScanRate, double LatestMicroseconds);
}
