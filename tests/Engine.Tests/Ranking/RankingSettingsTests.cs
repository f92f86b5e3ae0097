using Aisle.Engine.Catalog;
using Aisle.Engine.Configuration;
using Aisle.Engine.Events;
using Aisle.Engine.Ranking;
using Aisle.Engine.Recommending;
using Aisle.Learning;
using Aisle.Learning.Models;
using Aisle.Learning.Ranking;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aisle.Engine.Tests.Ranking;

public sealed class RankingSettingsTests : IAsyncDisposable
{
    private readonly RankedShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Fact]
    public void Document_SaysWhatCounts_AndWhatItLeavesOutStaysAsItWas()
    {
        var usual = RankingSettings.Parse(null);
        usual.Gains.Named.Select(gain => gain.Value).ShouldBe([1, 3, 10, 0, 0]);
        usual.Exchange.ShouldBeNull();
        usual.Margin.ShouldBeNull();

        var settings = RankingSettings.Parse("gains: {click: 0, revenue: 0.1, margin: 0.5}\nmargin: {attribute: net, is: cost}\nkeep: 3\nexchange: {share: 0.2, places: 6}");

        settings.Gains.Named.Select(gain => gain.Value).ShouldBe([0, 3, 10, 0.1, 0.5]);
        settings.Margin.ShouldBe(new MarginSource("net", MarginForm.Cost));
        settings.Keep.ShouldBe(3);
        settings.Exchange.ShouldBe(new NeighbourExchange(0.2, 6));
        RankingSettings.Parse("margin: margin\nexchange: {share: 0}").ShouldSatisfyAllConditions(
            read => read.Margin.ShouldBe(new MarginSource("margin", MarginForm.Share)), read => read.Exchange.ShouldBeNull());
    }

    [Theory]
    [InlineData("gains: {clik: 1}", "did you mean click?", 1)]
    [InlineData("keep: 5\ngains:\n  click: -1", "gains.click must be a number from 0 to 1000000", 3)]
    [InlineData("gains: {click: 0, cart: 0, purchase: 0}", "at least one a weight above 0", 1)]
    [InlineData("gains: {margin: 1}", "add margin: {attribute: NAME, is: share}", 1)]
    [InlineData("margin: {attribute: m, is: percent}", "Allowed are share, amount, cost", 1)]
    [InlineData("exchange: {share: 2}", "exchange.share must be a number from 0 to 1", 1)]
    [InlineData("exchange: {places: 3}", "exchange.share is missing", 1)]
    public void Document_ThatCannotBeTaken_IsRefusedWithPlaceAndWhatIsAllowed(string document, string reason, long line)
    {
        var refusal = Should.Throw<ConfigurationException>(() => RankingSettings.Parse(document));

        refusal.Message.ShouldContain(reason);
        refusal.Line.ShouldBe(line);
    }

    [Theory]
    [InlineData("0.25", MarginForm.Share, 20.0, 5.0)]
    [InlineData("0.25", MarginForm.Share, null, 10.0)]
    [InlineData("7.5", MarginForm.Amount, 20.0, 7.5)]
    [InlineData("12", MarginForm.Cost, 20.0, 8.0)]
    [InlineData("25 %", MarginForm.Share, 20.0, null)]
    [InlineData("NaN", MarginForm.Share, 20.0, null)]
    public void Margin_OfAPiece_IsWhatTheAttributeTells(string attribute, MarginForm form, double? paid, double? margin)
    {
        var item = SmallShop.Item("a", "Tea", price: 40) with { Attributes = new Dictionary<string, string> { ["m"] = attribute } };

        new MarginSource("m", form).Of(item, paid).ShouldBe(margin);
        new MarginSource("other", form).Of(item, paid).ShouldBeNull();
    }

    [Fact]
    public async Task Margin_ThatNoItemTells_IsRefusedBeforeAnythingIsRead()
    {
        await this._shop.OpenAsync();
        await this._shop.Engine.Ranking.PublishAsync("gains: {margin: 1}\nmargin: net", null, 0, CancellationToken.None);

        var refusal = await Should.ThrowAsync<InvalidOperationException>(() => this._shop.Engine.RankerTraining.RunAsync(new RankerOptions(), CancellationToken.None));

        refusal.Message.ShouldContain("no item has the attribute net");
    }

    [Fact]
    public async Task Gains_CountMarginOfEachPiece()
    {
        await this._shop.OpenAsync();
        var item = new ItemId("item-1");
        var served = new ServedList(Guid.NewGuid(), this._shop.Shop.Time.GetUtcNow(), "found", false, 0, [new ItemId("item-0"), item], []);
        var sale = this._shop.Shop.Event(EventType.Purchase, "a", item.Value) with { RecommendationId = new RecommendationId(served.List, null, null, null, []).ToString(), Quantity = 3, Price = 7 };

        var list = ServedGains.Join([served], _ => [new StoredEvent(1, sale)], (_, id) => id == item ? 6 : 0, CancellationToken.None).ShouldHaveSingleItem();

        list.GainsAt(1).ToArray().ShouldBe([0, 0, 1, 21, 6]);
        list.GainsAt(0).ToArray().ShouldBe([0, 0, 0, 0, 0]);
    }

    [Fact]
    public async Task Gains_AreLookedForAfterTheEventsThatTheFirstListFound()
    {
        await this._shop.OpenAsync();
        var known = this._shop.Engine.Events.LastSequence();
        await this._shop.ServeAsync("found", 50);
        var served = this._shop.Engine.Served.Latest(100);
        var all = ServedGains.Join(served, _ => this._shop.Engine.Events.Read(), (_, _) => 0, CancellationToken.None);

        var asked = 0L;
        var found = ServedGains.Join(served, after => this._shop.Engine.Events.Read(asked = after), (_, _) => 0, CancellationToken.None);

        asked.ShouldBe(known);
        known.ShouldBeGreaterThan(0);
        found.Count.ShouldBe(50);
        found.SelectMany(list => list.Gains).ShouldBe(all.SelectMany(list => list.Gains));
        found.SelectMany(list => list.Gains).Sum().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Exchange_LeavesTheOrderOfTwoNeighboursToChance_AndTheLogSaysWhich()
    {
        await this._shop.OpenAsync();
        await this._shop.Engine.Ranking.PublishAsync("exchange: {share: 0.5, places: 4}", null, 0, CancellationToken.None);
        var request = this._shop.Found();

        var lists = new List<RecommendationList>();
        for (var list = 0; list < 600; list++)
        {
            // So that the log takes all of them.
            this._shop.Shop.Time.Advance(TimeSpan.FromMilliseconds(10));
            lists.Add(this._shop.Ask("found", "shopper-1", request, explain: true));
        }

        await this._shop.Engine.TendAsync(CancellationToken.None);
        await this._shop.Shop.ReopenAsync();

        var logged = this._shop.Engine.Served.Latest(600).ToDictionary(list => list.List);
        foreach (var list in lists)
        {
            RecommendationId.TryParse(list.Id, out var id).ShouldBeTrue();
            var expected = request.ToList();
            var exchange = logged[id.List].Exchange;
            if (exchange is { Happened: true, Place: var place }) (expected[place], expected[place + 1]) = (expected[place + 1], expected[place]);
            list.Items.Select(item => item.Id).ShouldBe(expected);
            logged[id.List].Items.ShouldBe(expected);
            var told = list.Items.SelectMany((item, at) => item.Steps.Where(step => step.Stage == "exchange").Select(step => (at, step.Rank))).ToList();
            told.ShouldBe(exchange is { Happened: true, Place: var first } ? [(first, first + 2), (first + 1, first + 1)] : []);
        }

        var drawn = logged.Values.Select(list => list.Exchange).OfType<ServedExchange>().ToList();
        drawn.Count.ShouldBeInRange(240, 360);
        drawn.Count(exchange => exchange.Happened).ShouldBeInRange(drawn.Count * 2 / 5, drawn.Count * 3 / 5);
        drawn.Select(exchange => exchange.Place).Distinct().Order().ShouldBe([0, 1, 2]);
    }

    [Fact]
    public async Task Exchange_NeverMovesWhatARulePinned()
    {
        await this._shop.OpenAsync();
        await this._shop.Engine.Ranking.PublishAsync("exchange: {share: 1, places: 2}", null, 0, CancellationToken.None);
        await this._shop.Engine.Rules.PublishAsync("rules: [{name: first, do: pin, items: [item-7], position: 1}]", null, 0, CancellationToken.None);
        var request = this._shop.Found().Where(id => id.Value != "item-7").Prepend(new ItemId("item-7")).ToList();

        for (var list = 0; list < 50; list++) this._shop.Ask("found", "shopper-1", request).Items[0].Id.Value.ShouldBe("item-7");
        await this._shop.Engine.TendAsync(CancellationToken.None);

        this._shop.Engine.Served.Latest(50).ShouldAllBe(list => list.Exchange == null);
    }

    [Fact]
    public void Positions_FromExchanges_AreRight_WhereTheOrderIsThatOfRelevance()
    {
        var random = new Random(5);
        var lists = Enumerable.Range(0, 60_000).Select(number => Served(number, random)).ToList();

        var (curve, way) = new PositionBias(new FeatureSchema([new("none")]), _ => false).Of(lists, new FitContext { Threads = 1 });

        way.ShouldBe("exchanges");
        curve.Propensities.Length.ShouldBe(5);
        for (var place = 1; place < 5; place++) ((double)curve.Propensities[place]).ShouldBe(RankedShop.Examined(place), 0.05);

        // What stands above is better: clicks alone would find places to fade much faster than they do.
        static GainedList Served(int number, Random random)
        {
            var place = number % 4;
            var happened = UnitHash.Place(UnitHash.Of("half", $"{number}")) < 0.5;
            var relevances = new[] { 0.8, 0.5, 0.3, 0.2, 0.15 };
            if (happened) (relevances[place], relevances[place + 1]) = (relevances[place + 1], relevances[place]);
            var list = new GainedList(new ServedList(Guid.Empty, default, "p", false, 0, [.. Enumerable.Range(0, 5).Select(item => new ItemId($"{item}"))], new float[5])
            {
                Exchange = new ServedExchange(place, happened),
            });
            for (var at = 0; at < 5; at++)
            {
                list.Shown[at] = true;
                if (random.NextDouble() < RankedShop.Examined(at) * relevances[at]) list.Gains[at * ServedGains.Kinds] = 1;
            }

            return list;
        }
    }

    [Fact]
    public async Task Rankers_AreKept_RolledBack_AndTheOldestGo()
    {
        var folder = Path.Combine(this._shop.Shop.Directory, "some-rankers");
        var schema = new FeatureSchema([new("one")]);
        var registry = new RankerRegistry(folder, schema, NullLogger<RankerRegistry>.Instance);
        var other = new RankerRegistry(folder, schema, NullLogger<RankerRegistry>.Instance);
        var examples = new RankingExamples(schema);
        for (var list = 0; list < 50; list++) examples.AddList([0, 1, 2], [0, 0, 1]);
        var trees = new BoostedTreesTrainer(new BoostedTreesOptions { Trees = 3 }).Fit(examples);
        for (var turn = 1; turn <= 4; turn++)
        {
            var seed = turn;
            registry.Publish(trees, version => new RankerReport(version, 50 * seed, 50, "assumed", [1], 1, 0.5, 0.1, 0.2, new Dictionary<string, double>(), ""), keep: 3);
        }

        registry.Versions().Select(report => report.Version).ShouldBe([4, 3, 2]);
        registry.Versions()[0].Lists.ShouldBe(200);
        registry.Activate(2)!.Report.Lists.ShouldBe(100);
        other.Refresh().ShouldBeTrue();
        other.Serving!.Version.ShouldBe(2);
        registry.Activate(RankerRegistry.None).ShouldBeNull();
        other.Refresh().ShouldBeTrue();
        other.Serving.ShouldBeNull();
        other.Refresh().ShouldBeFalse();
        Should.Throw<ArgumentException>(() => registry.Activate(1)).Message.ShouldContain("On disk: 2, 3, 4; 0 is the order by score");

        var damaged = Path.Combine(folder, "000003.trees");
        var bytes = await File.ReadAllBytesAsync(damaged, CancellationToken.None);
        bytes[^40] ^= 1;
        await File.WriteAllBytesAsync(damaged, bytes, CancellationToken.None);
        Should.Throw<InvalidDataException>(() => registry.Activate(3)).Message.ShouldContain("damaged");
        registry.Versions().Select(report => report.Version).ShouldBe([4, 2]);
        registry.Serving.ShouldBeNull();
    }
}
