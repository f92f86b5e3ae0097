using System.Diagnostics;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Ranking;
using Aisle.Engine.Recommending;
using Aisle.Learning.Ranking;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aisle.Engine.Tests.Ranking;

public sealed class LearnedRankingTests : IAsyncDisposable
{
    private readonly RankedShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Fact]
    public async Task Ranker_OfClicksWithPositionBias_OrdersBetterThanWhatServed_AndOutlivesARestart()
    {
        await this._shop.OpenAsync();
        await this._shop.ServeAsync("found", 2400);

        var report = await this._shop.Engine.RankerTraining.RunAsync(new RankerOptions(), CancellationToken.None);

        report.Version.ShouldBe(1, report.Verdict);
        report.Low.ShouldBeGreaterThan(0);
        report.Curve.ShouldBe("harvest");
        report.Gains.ShouldBe(new Dictionary<string, double> { ["click"] = 1, ["cart"] = 3, ["purchase"] = 10 });
        for (var place = 1; place < 5; place++) ((double)report.Propensities[place]).ShouldBe(RankedShop.Examined(place), 0.15);
        report.Importance.Keys.First().ShouldBe("shopper.price-ratio");
        var (found, ranked) = (this._shop.TrueNdcg("found", 200), this._shop.TrueNdcg("ranked", 200));
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{report.Verdict} True NDCG: found {found:F3}, ranked {ranked:F3}. {string.Join(' ', report.Propensities)}"));
        ranked.ShouldBeGreaterThan(0.9);
        found.ShouldBeLessThan(0.8);

        var request = this._shop.Found();
        var before = this._shop.Ask("ranked", "shopper-3", request).Items.Select(item => item.Id).ToList();
        await this._shop.Shop.ReopenAsync();
        this._shop.Engine.Rankers.Serving.ShouldNotBeNull().Version.ShouldBe(1);
        this._shop.Ask("ranked", "shopper-3", request).Items.Select(item => item.Id).ShouldBe(before);

        await this.ExplainsAndKeepsBoostsAsync(request);
    }

    private async Task ExplainsAndKeepsBoostsAsync(IReadOnlyList<ItemId> request)
    {
        var list = this._shop.Ask("ranked", "shopper-3", request, explain: true);
        list.Items[0].Steps.Select(step => step.Stage).ShouldBe(["source", "rank", "pool", "place"]);
        var rank = list.Items[0].Steps[1];
        rank.Score.ShouldBe(1);
        rank.Detail!.ShouldContain("shopper.price-ratio +");
        list.Items.Select(item => item.Score).ShouldBeInOrder(SortDirection.Descending);

        // A boost weighs beside the ranker: the last one comes first.
        var last = list.Items[^1].Item!;
        var engine = this._shop.Engine;
        var boosted = engine.Recommendations.Recommend(new RecommendationRequest
        {
            Scenario = new Scenario("ranked"), User = new UserId("shopper-3"), Items = request, Count = RankedShop.Length,
            Boost = engine.Expressions.Compile(FormattableString.Invariant($"item.price == {last.Price} ? 1000 : 0.001")),
        });
        boosted.Items[0].Id.ShouldBe(last.Id);

        // What is logged of a ranked list is what ranked it.
        await engine.TendAsync(CancellationToken.None);
        var logged = engine.Served.Latest(1).Single();
        logged.Learned.ShouldBeTrue();
        logged.Items.ShouldBe(boosted.Items.Select(item => item.Id));
        var scores = new float[RankedShop.Length];
        engine.Rankers.Serving!.Trees.Score(logged.Features, scores);
        var most = scores.Max();
        for (var place = 0; place < scores.Length; place++)
            boosted.Items[place].Score.ShouldBe(Math.Exp(scores[place] - most) * (place == 0 ? 1000 : 0.001), 1e-6);
    }

    [Fact]
    public async Task ServedFeatures_AreThoseOfTheMoment_WhateverChangesLater()
    {
        await this._shop.OpenAsync();
        var request = this._shop.Found();
        var list = this._shop.Ask("found", "shopper-0", request);
        await this._shop.Engine.Catalogue.UpsertAsync([.. request.Select(id => SmallShop.Item(id.Value, "Tools", price: 999))], CancellationToken.None);
        await this._shop.Shop.AcceptAsync([.. request.Select(id => this._shop.Shop.Event(EventType.Purchase, "shopper-0", id.Value))]);
        await this._shop.Engine.TendAsync(CancellationToken.None);

        var logged = this._shop.Engine.Served.Latest(10).ShouldHaveSingleItem();

        RecommendationId.TryParse(list.Id, out var id).ShouldBeTrue();
        logged.List.ShouldBe(id.List);
        logged.Pipeline.ShouldBe("found");
        logged.Items.ShouldBe(request);
        var names = CandidateFeatures.Schema.Features.Select(feature => feature.Name).ToList();
        for (var place = 0; place < request.Count; place++)
        {
            var price = list.Items[place].Item!.Price!.Value;
            Value(place, "item.price").ShouldBe((float)price);
            Value(place, "shopper.price-ratio").ShouldBe((float)(price / 20));
            Value(place, "shopper.average-price").ShouldBe(20);
            Value(place, "given.rank").ShouldBe(place + 1);
            Value(place, "shopper.department").ShouldBe(1);
            Value(place, "shopper.order-days").ShouldBe(0);
            Value(place, "item.impressions").ShouldBe(0);
            Value(place, "personal.score").ShouldBe(float.NaN);
            Value(place, "item.stock").ShouldBe(float.NaN);
        }

        float Value(int place, string name) => logged.Features[place * names.Count + names.IndexOf(name)];
    }

    [Fact]
    public async Task Training_OfTooFewLists_IsRefusedWithWhatItTakes()
    {
        await this._shop.OpenAsync();
        await this._shop.ServeAsync("found", 100);

        var refusal = await Should.ThrowAsync<InvalidOperationException>(() => this._shop.Engine.RankerTraining.RunAsync(new RankerOptions(), CancellationToken.None));

        refusal.Message.ShouldContain("needs 500 served lists");
        refusal.Message.ShouldContain("100 are logged in all");
        var few = await Should.ThrowAsync<InvalidOperationException>(
            () => this._shop.Engine.RankerTraining.RunAsync(new RankerOptions { LeastGaining = 90 }, CancellationToken.None));
        few.Message.ShouldContain("among 100 shown and 100 logged");
        this._shop.Engine.Rankers.Serving.ShouldBeNull();
        // Without a ranker the order is that of the scores.
        var request = this._shop.Found();
        this._shop.Ask("ranked", "shopper-1", request).Items.Select(item => item.Id).ShouldBe(request);
    }

    [Fact]
    public async Task Ranker_OfOtherFeatures_OrDamaged_IsRefused()
    {
        var models = Path.Combine(this._shop.Shop.Directory, "rankers");
        var schema = new FeatureSchema([new("another")]);
        var examples = new RankingExamples(schema);
        for (var list = 0; list < 50; list++) examples.AddList([0, 1, 2], [0, 0, 1]);
        var trees = new BoostedTreesTrainer(new BoostedTreesOptions { Trees = 3 }).Fit(examples);
        var report = new RankerReport(null, 50, 50, "assumed", [1], 1, 0.5, 0.1, 0.2, new Dictionary<string, double>(), "");
        new RankerRegistry(models, schema, NullLogger<RankerRegistry>.Instance).Publish(trees, version => report with { Version = version }, keep: 3);

        this._shop.Engine.Rankers.Refresh().ShouldBeFalse();
        this._shop.Engine.Rankers.Serving.ShouldBeNull();
        Should.Throw<ArgumentException>(() => this._shop.Engine.Rankers.Publish(trees, version => report with { Version = version }, keep: 3)).Message.ShouldContain("another");

        var again = new RankerRegistry(models, schema, NullLogger<RankerRegistry>.Instance);
        again.Refresh().ShouldBeTrue();
        again.Serving!.Trees.Trees.ShouldBe(trees.Trees);
        var path = Path.Combine(models, "000001.trees");
        var bytes = await File.ReadAllBytesAsync(path, CancellationToken.None);
        bytes[^40] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, CancellationToken.None);
        new RankerRegistry(models, schema, NullLogger<RankerRegistry>.Instance).Refresh().ShouldBeFalse();
    }

    [Fact]
    public async Task FeaturesOf200Items_CostLittle()
    {
        await this._shop.OpenAsync();
        var engine = this._shop.Engine;
        await engine.Catalogue.UpsertAsync([.. Enumerable.Range(0, 200).Select(item => SmallShop.Item($"more-{item}", "Tea", price: item + 1))], CancellationToken.None);
        var request = new RecommendationRequest { Scenario = Scenario.BestSellers, User = new UserId("shopper-0"), Count = 200 };
        var least = TimeSpan.MaxValue;
        for (var turn = 0; turn < 100; turn++)
        {
            var clock = Stopwatch.StartNew();
            engine.Recommendations.Recommend(request).Items.Count.ShouldBe(200);
            if (clock.Elapsed < least) least = clock.Elapsed;
        }

        await engine.TendAsync(CancellationToken.None);
        engine.Served.Latest(100).Count.ShouldBe(100);
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"A list of 200 with its features: {least.TotalMilliseconds:F3} ms"));
        least.ShouldBeLessThan(TimeSpan.FromMilliseconds(5));
    }
}
