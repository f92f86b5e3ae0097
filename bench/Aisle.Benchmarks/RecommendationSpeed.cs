using System.Diagnostics;
using System.Globalization;
using Aisle.Engine;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Recommending.Pipelines;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aisle.Benchmarks;

/// <summary>Time of one list in process, without HTTP, on the shoppers of a trained store: each pipeline on one thread, then all of them on two.</summary>
internal static class RecommendationSpeed
{
    private const int Shoppers = 1000;
    private const int Rounds = 3;
    private const int ListLength = 12;
    private const int SearchLength = 100;
    private const double MostSeconds = 10;

    public static async Task RunAsync(string store)
    {
        await using var engine = EngineServices.Open(store, TimeProvider.System, NullLoggerFactory.Instance);
        var users = engine.Users.List(null, Shoppers);
        foreach (var pipeline in engine.Pipelines.Current.Pipelines)
        {
            var times = new List<double>();
            var processor = TimeSpan.Zero;
            var clock = Stopwatch.StartNew();
            for (var round = 0; round <= Rounds && clock.Elapsed.TotalSeconds < MostSeconds; round++)
            {
                if (round == 1) processor = Environment.CpuUsage.TotalTime;
                foreach (var user in users)
                {
                    if (clock.Elapsed.TotalSeconds >= MostSeconds) break;
                    var request = Request(pipeline, user.Id, engine);
                    if (engine.Recommendations.Check(request) is not null) continue;
                    var start = Stopwatch.GetTimestamp();
                    engine.Recommendations.Recommend(request);
                    // The first round warms up: code is compiled, histories are read.
                    if (round > 0) times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
                }
            }

            if (times.Count == 0) continue;
            times.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pipeline.Name}: p50 {times[times.Count / 2]:F0} µs, p99 {times[times.Count * 99 / 100]:F0} µs, {(Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / times.Count:F0} µs of processor time each, {times.Count} lists"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"recommended-for-you on two threads: {Throughput(engine, users):F0} lists/s"));
    }

    private static double Throughput(EngineServices engine, IReadOnlyList<User> users)
    {
        var pipeline = engine.Pipelines.Current.Find(Scenario.RecommendedForYou)!;
        var lists = 0;
        var clock = Stopwatch.StartNew();
        Parallel.For(0, 2, new ParallelOptions { MaxDegreeOfParallelism = 2 }, thread =>
        {
            for (var place = thread; clock.Elapsed.TotalSeconds < MostSeconds; place++)
            {
                engine.Recommendations.Recommend(Request(pipeline, users[place % users.Count].Id, engine));
                Interlocked.Increment(ref lists);
            }
        });
        return lists / clock.Elapsed.TotalSeconds;
    }

    private static RecommendationRequest Request(Pipeline pipeline, UserId user, EngineServices engine)
    {
        var touched = pipeline.Needs == PipelineNeeds.None ? [] : engine.Histories.Of(user).Items.Select(entry => entry.Item).DefaultIfEmpty(engine.Catalogue.IdAt(0)).ToList();
        var place = pipeline.AmongItems ? engine.Catalogue.IndexOf(touched[0]) ?? 0 : 0;
        return new RecommendationRequest
        {
            Scenario = new Scenario(pipeline.Name),
            User = user,
            Items = !pipeline.Needs.HasFlag(PipelineNeeds.Items) ? []
                : pipeline.AmongItems ? [.. Enumerable.Range(0, SearchLength).Select(next => engine.Catalogue.IdAt((place + 7 * next) % engine.Catalogue.Count))]
                : [touched[0]],
            Filter = pipeline.Needs.HasFlag(PipelineNeeds.Category) && engine.Catalogue.Find(touched[0]) is { Category.Count: > 0 } item ? new ItemFilter { Category = item.Category } : ItemFilter.None,
            Context = new Dictionary<string, string> { ["missing"] = "10" },
            Count = ListLength,
        };
    }
}
