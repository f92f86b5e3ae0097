using System.Globalization;
using Aisle.Engine;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aisle.Benchmarks;

/// <summary>
/// How many impressions a newly listed product needs, one that shoppers click more often than nearly any other, until lists show it by themselves: with
/// exploration, and without. It stands among other new products of the usual kind; those of before have been shown often. The world's click-through rates
/// are drawn per product and hidden from the engine, which sees events alone.
/// </summary>
internal static class ExplorationRecovery
{
    private const int Products = 400;
    private const int NewProducts = 20;
    private const int PastImpressions = 250;
    private const int MostLists = 10_000;
    private const int ListLength = 12;
    private const int ListsAtOnce = 25;

    /// <summary>The product is found once this many lists one after the other show it without exploration.</summary>
    private const int FoundAfter = 50;

    /// <summary>Five times that of the usual product; of the others, one in a hundred has three times.</summary>
    private const double HitRate = 0.1;
    private static readonly TimeSpan BetweenLists = TimeSpan.FromSeconds(5);

    public static async Task PrintAsync(int worlds, TextWriter output)
    {
        foreach (var (sources, share) in new[] { ("trending, most-clicked", 0.0), ("trending, most-clicked", 0.05), ("trending, most-clicked", 0.1), ("trending", 0.1) })
        {
            var found = new List<Outcome>();
            for (var world = 0; world < worlds; world++)
            {
                if (await LiveAsync(sources, share, world) is { } outcome) found.Add(outcome);
            }

            var text = found.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture,
                $"; impressions of it until then: median {Middle(found, outcome => outcome.Impressions)}, {found.Min(outcome => outcome.Impressions)} to {found.Max(outcome => outcome.Impressions)}; lists served: median {Middle(found, outcome => outcome.Lists)}");
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{sources}, explore {share:P0}: found in {found.Count} of {worlds} worlds{text}"));
        }
    }

    /// <returns>Null where it was not found.</returns>
    private static async Task<Outcome?> LiveAsync(string sources, double share, int seed)
    {
        var folder = Directory.CreateTempSubdirectory("aisle-exploration-");
        try
        {
            var clock = new SteppedClock();
            await using var engine = EngineServices.Open(folder.FullName, clock, NullLoggerFactory.Instance);
            var world = new World(engine, clock, seed);
            await world.PrepareAsync(sources, share);
            return await world.ServeAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Middle(List<Outcome> outcomes, Func<Outcome, int> of) => outcomes.Select(of).Order().ElementAt(outcomes.Count / 2);

    private readonly record struct Outcome(int Impressions, int Lists);

    private sealed class World(EngineServices engine, SteppedClock clock, int seed)
    {
        private static readonly ItemId Hit = new("hit");

        private readonly Random _random = new(seed);
        private readonly Dictionary<ItemId, double> _rates = [];
        private readonly List<Event> _events = [];

        public async Task PrepareAsync(string sources, double share)
        {
            var items = Enumerable.Range(0, Products + NewProducts - 1).Select(number => new Item { Id = new ItemId($"p{number:D4}"), Title = $"Product {number}" }).ToList();
            foreach (var item in items) this._rates[item.Id] = 0.02 * Math.Exp(0.5 * this.Gaussian());
            await engine.Catalogue.UpsertAsync(items[..Products], CancellationToken.None);
            for (var i = 0; i < Products * PastImpressions; i++)
                this.Look(items[i % Products].Id, this._random.Next(ListLength), new UserId($"before-{this._random.Next(5000)}"), clock.Now - TimeSpan.FromMinutes(this._random.Next(7 * 24 * 60)));

            await this.SendAsync();
            this._rates[Hit] = HitRate;
            await engine.Catalogue.UpsertAsync([.. items[Products..].Append(new Item { Id = Hit, Title = "The hit" }).Select(item => item with { AvailableFrom = clock.Now })], CancellationToken.None);
            var explore = share > 0 ? string.Create(CultureInfo.InvariantCulture, $"explore: {{share: {share}, below: 200}}") : "";
            await engine.Pipelines.PublishAsync($"pipelines:\n  home:\n    sources: [{sources}]\n    fallback: [best-sellers]\n    {explore}\n", null, 0, CancellationToken.None);
        }

        public async Task<Outcome?> ServeAsync()
        {
            var (impressions, standing) = (0, 0);
            for (var list = 1; list <= MostLists; list++)
            {
                clock.Now += BetweenLists;
                var user = new UserId($"s{list}");
                var shown = engine.Recommendations.Recommend(new RecommendationRequest { Scenario = new Scenario("home"), User = user, Count = ListLength }).Items;
                standing = shown.Any(item => item.Id == Hit && item.Propensity is null) ? standing + 1 : 0;
                if (standing == FoundAfter) return new Outcome(impressions, list);
                for (var place = 0; place < shown.Count; place++) impressions += this.Look(shown[place].Id, place, user, clock.Now);
                if (list % ListsAtOnce == 0) await this.SendAsync();
            }

            return null;
        }

        /// <summary>A place is looked at the less the lower it stands.</summary>
        /// <returns>1 where it is the hit.</returns>
        private int Look(ItemId item, int place, UserId user, DateTimeOffset time)
        {
            this.Add(item, EventType.Impression, time, user);
            if (this._random.NextDouble() < this._rates[item] / (1 + (0.1 * place)))
            {
                this.Add(item, EventType.Click, time, user);
                this.Add(item, EventType.View, time, user);
                if (this._random.NextDouble() < 0.1) this.Add(item, EventType.Purchase, time, user);
            }

            return item == Hit ? 1 : 0;
        }

        private void Add(ItemId item, EventType type, DateTimeOffset time, UserId user) => this._events.Add(new Event
        {
            Id = EventId.FromContent(time, ((UInt128)this._random.NextInt64() << 64) | (UInt128)this._random.NextInt64()),
            Type = type,
            User = user,
            Item = item,
            Time = DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds()),
            Placement = type is EventType.Impression or EventType.Click ? "home" : null,
        });

        private async Task SendAsync()
        {
            await engine.Intake.AcceptAsync([.. this._events], CancellationToken.None);
            this._events.Clear();
        }

        private double Gaussian() => Math.Sqrt(-2 * Math.Log(1 - this._random.NextDouble())) * Math.Cos(2 * Math.PI * this._random.NextDouble());
    }

    private sealed class SteppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => this.Now;

        public override long GetTimestamp() => this.Now.UtcTicks;
    }
}
