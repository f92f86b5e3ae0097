using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Aisle.Benchmarks;

/// <summary>
/// Recommendation requests over HTTP: first as many as one client after the other gets answered, then at half that rate on a fixed
/// timetable, for the first shoppers of the store. Latency counts from when a request was due, so that a stall is charged to every request that it delays.
/// </summary>
internal static class RecommendationLatency
{
    private const int Connections = 8;
    private const int Shoppers = 5000;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(8);

    public static async Task RunAsync(Uri server, string key)
    {
        using var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections });
        client.BaseAddress = server;
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

        var shoppers = await ShoppersAsync(client);
        // Warms up: code is compiled, and each shopper's history is read once.
        foreach (var shopper in shoppers) await AskAsync(client, shopper);
        var full = await FullRateAsync(client, shoppers);
        Console.WriteLine($"full load: {full:F0} requests/s");
        var latencies = await TimetableAsync(client, shoppers, full / 2);
        Array.Sort(latencies);
        Console.WriteLine($"half load: {latencies.Length} requests, p50 {latencies[latencies.Length / 2]:F2} ms, p99 {latencies[latencies.Length * 99 / 100]:F2} ms, largest {latencies[^1]:F2} ms");
    }

    private static async Task<List<string>> ShoppersAsync(HttpClient client)
    {
        var shoppers = new List<string>();
        for (string? after = null; shoppers.Count < Shoppers;)
        {
            var page = await client.GetFromJsonAsync<JsonElement>(new Uri($"/api/v1/users?count=200{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}", UriKind.Relative));
            shoppers.AddRange(page.GetProperty("items").EnumerateArray().Select(user => user.GetProperty("id").GetString()!));
            if ((after = page.GetProperty("next").GetString()) is null) break;
        }

        return shoppers;
    }

    private static async Task<double> FullRateAsync(HttpClient client, List<string> shoppers)
    {
        var asked = 0;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(start) < Duration) await AskAsync(client, shoppers[Interlocked.Increment(ref asked) % shoppers.Count]);
        }));
        return asked / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Every few milliseconds, as a timer can keep, what is due by then is sent at once.</summary>
    private static async Task<double[]> TimetableAsync(HttpClient client, List<string> shoppers, double rate)
    {
        var requests = (int)(rate * Duration.TotalSeconds);
        var latencies = new double[requests];
        var pending = new Task[requests];
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < requests;)
        {
            await timer.WaitForNextTickAsync();
            var now = Stopwatch.GetTimestamp();
            for (var due = Math.Min(requests, Stopwatch.GetElapsedTime(start, now).TotalSeconds * rate); sent < due; sent++)
                pending[sent] = MeasureAsync(client, shoppers[sent % shoppers.Count], sent, now, latencies);
        }

        await Task.WhenAll(pending);
        return latencies;
    }

    private static async Task MeasureAsync(HttpClient client, string shopper, int number, long due, double[] latencies)
    {
        await AskAsync(client, shopper);
        latencies[number] = Stopwatch.GetElapsedTime(due).TotalMilliseconds;
    }

    private static async Task AskAsync(HttpClient client, string shopper)
    {
        using var response = await client.GetAsync(new Uri($"/api/v1/recommendations/recommended-for-you?user={Uri.EscapeDataString(shopper)}&count=12", UriKind.Relative));
        response.EnsureSuccessStatusCode();
        await response.Content.CopyToAsync(Stream.Null);
    }
}
