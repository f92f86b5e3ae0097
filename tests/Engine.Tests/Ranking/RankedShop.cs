using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;

namespace Aisle.Engine.Tests.Ranking;

/// <summary>
/// A shop whose shoppers click by a known rule: what costs about what they paid before, where they look at it at all, which they do less and less down
/// the list. Lists are found ones, in an order that says nothing.
/// </summary>
internal sealed class RankedShop : IAsyncDisposable
{
    public const int Items = 60;
    public const int Length = 10;
    private const int Shoppers = 40;

    private readonly Random _random = new(11);
    private readonly Dictionary<string, double> _wanted = [];

    public SmallShop Shop { get; } = new();

    public EngineServices Engine => this.Shop.Engine;

    public static double Examined(int place) => 1 / (1 + 0.5 * place);

    public static double Relevance(double price, double wanted) => Math.Abs(price / wanted - 1) < 0.3 ? 0.7 : 0.03;

    public double Relevance(string shopper, Recommendation item) => Relevance(item.Item!.Price!.Value, this._wanted[shopper]);

    public async Task OpenAsync()
    {
        await this.Engine.Catalogue.UpsertAsync([.. Enumerable.Range(0, Items).Select(item => SmallShop.Item($"item-{item}", "Tea", price: 10 + 2 * item))], CancellationToken.None);
        var past = new List<Event>();
        for (var shopper = 0; shopper < Shoppers; shopper++)
        {
            // Their past has them look at things at one price.
            var level = 5 + shopper % 10 * 5;
            this._wanted[$"shopper-{shopper}"] = 10 + 2 * level;
            for (var view = -2; view <= 2; view++) past.Add(this.Shop.Event(EventType.View, $"shopper-{shopper}", $"item-{level + view}", daysAgo: 20));
        }

        await this.Shop.AcceptAsync([.. past]);
        await this.Engine.Pipelines.PublishAsync(
            "pipelines: {found: {needs: [items], among: items, sources: [given]}, ranked: {like: found, rank: learned}}", null, 0, CancellationToken.None);
    }

    public RecommendationList Ask(string pipeline, string shopper, bool explain = false) => this.Ask(pipeline, shopper, this.Found(), explain);

    public RecommendationList Ask(string pipeline, string shopper, IReadOnlyList<ItemId> found, bool explain = false) =>
        this.Engine.Recommendations.Recommend(
            new RecommendationRequest { Scenario = new Scenario(pipeline), User = new UserId(shopper), Items = found, Count = Length, Explain = explain });

    public IReadOnlyList<ItemId> Found()
    {
        var items = Enumerable.Range(0, Items).ToArray();
        this._random.Shuffle(items);
        return [.. items.Take(Length).Select(item => new ItemId($"item-{item}"))];
    }

    public string Shopper(int number) => $"shopper-{number % Shoppers}";

    /// <summary>Serves lists and sends back what shoppers do.</summary>
    public async Task ServeAsync(string pipeline, int lists)
    {
        var events = new List<Event>();
        for (var number = 0; number < lists; number++)
        {
            var shopper = this.Shopper(number);
            var list = this.Ask(pipeline, shopper);
            for (var place = 0; place < list.Items.Count; place++)
            {
                var about = this.Shop.Event(EventType.Impression, shopper, list.Items[place].Id.Value) with { RecommendationId = list.Id };
                events.Add(about);
                if (this._random.NextDouble() >= Examined(place) * this.Relevance(shopper, list.Items[place])) continue;
                events.Add(this.Shop.Event(EventType.Click, shopper, list.Items[place].Id.Value) with { RecommendationId = list.Id });
                if (this._random.NextDouble() < 0.2) events.Add(this.Shop.Event(EventType.Purchase, shopper, list.Items[place].Id.Value));
            }

            this.Shop.Time.Advance(TimeSpan.FromMinutes(1));
            if (events.Count < 2000) continue;
            await this.Shop.AcceptAsync([.. events]);
            events.Clear();
        }

        await this.Shop.AcceptAsync([.. events]);
        await this.Engine.TendAsync(CancellationToken.None);
    }

    /// <summary>Mean NDCG of lists by what shoppers truly want.</summary>
    public double TrueNdcg(string pipeline, int lists)
    {
        var sum = 0.0;
        for (var number = 0; number < lists; number++)
        {
            var relevances = this.Ask(pipeline, this.Shopper(number)).Items.Select(item => this.Relevance(this.Shopper(number), item)).ToList();
            sum += Discounted(relevances) / Discounted(relevances.OrderDescending());
        }

        return sum / lists;

        static double Discounted(IEnumerable<double> gains) => gains.Select((gain, rank) => gain / Math.Log2(rank + 2)).Sum();
    }

    /// <summary>Mean clicks of a list by what shoppers truly do.</summary>
    public double TrueClicks(string pipeline, int lists)
    {
        var sum = 0.0;
        for (var number = 0; number < lists; number++)
        {
            this.Shop.Time.Advance(TimeSpan.FromMilliseconds(1));
            sum += this.Ask(pipeline, this.Shopper(number)).Items.Select((item, place) => Examined(place) * this.Relevance(this.Shopper(number), item)).Sum();
        }

        return sum / lists;
    }

    public ValueTask DisposeAsync() => this.Shop.DisposeAsync();
}
