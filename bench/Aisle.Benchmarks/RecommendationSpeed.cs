using System.Diagnostics;
using Aisle.Engine;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aisle.Benchmarks;

/// <summary>Time of one list in process, without HTTP, on the shoppers of a trained store; one thread.</summary>
internal static class RecommendationSpeed
{
    private const int Shoppers = 1000;
    private const int Rounds = 10;
    private const int ListLength = 12;

    public static async Task RunAsync(string store)
    {
        await using var engine = EngineServices.Open(store, TimeProvider.System, NullLoggerFactory.Instance);
        var users = engine.Users.List(null, Shoppers);
        foreach (var scenario in new[] { Scenario.RecommendedForYou, Scenario.Similar, Scenario.BoughtTogether, Scenario.BestSellers, Scenario.Trending })
        {
            var times = new List<double>();
            for (var round = 0; round <= Rounds; round++)
            {
                foreach (var user in users)
                {
                    var request = Request(scenario, user.Id, engine);
                    var start = Stopwatch.GetTimestamp();
                    engine.Recommendations.Recommend(request);
                    // The first round warms up: code is compiled, histories are read.
                    if (round > 0) times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
                }
            }

            times.Sort();
            Console.WriteLine($"{scenario}: p50 {times[times.Count / 2]:F0} µs, p99 {times[times.Count * 99 / 100]:F0} µs");
        }
    }

    private static RecommendationRequest Request(Scenario scenario, UserId user, EngineServices engine) => new()
    {
        Scenario = scenario,
        User = user,
        Items = scenario == Scenario.Similar || scenario == Scenario.BoughtTogether ? [.. engine.Histories.Of(user).Items.Take(1).Select(entry => entry.Item).DefaultIfEmpty(engine.Catalogue.IdAt(0))] : [],
        Count = ListLength,
    };
}
