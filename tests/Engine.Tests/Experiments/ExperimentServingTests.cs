using Aisle.Engine.Events;
using Aisle.Engine.Experiments;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;

namespace Aisle.Engine.Tests.Experiments;

public sealed class ExperimentServingTests : IAsyncDisposable
{
    private const string Document =
        """
        experiments:
          iron:
            variants: {control: {}, iron: {pipeline: iron}}
            scenarios: [best-sellers]
            metrics: [conversion, revenue, click-through, add-to-cart, orders, order-value, custom:sign-up]
            guardrails: [{metric: conversion}]
        """;

    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    private EngineServices Engine => this._shop.Engine;

    [Fact]
    public async Task AShopper_StaysInTheirVariant_AndTheListSaysWhich()
    {
        await this.StartAsync();

        var variants = new List<int>();
        foreach (var user in Enumerable.Range(0, 200).Select(number => $"visitor-{number}"))
        {
            var (list, again) = (this.Ask(user), this.Ask(user));
            RecommendationId.TryParse(list.Id, out var id).ShouldBeTrue();
            RecommendationId.TryParse(again.Id, out var later).ShouldBeTrue();
            var (experiment, variant) = id.Experiments.Single();
            experiment.ShouldBe(this.Engine.Experiments.Current.Experiments.Single().Hash);
            later.Experiments.ShouldBe(id.Experiments);
            list.Scenario.Name.ShouldBe(variant == 1 ? "iron" : "best-sellers");
            list.Items.Any(item => item.Item!.Brand == "Leaf").ShouldBe(variant == 0);
            variants.Add(variant);
        }

        variants.Count(variant => variant == 1).ShouldBeInRange(70, 130);
        RecommendationId.TryParse(this.Engine.Recommendations.Recommend(new RecommendationRequest { Scenario = Scenario.BestSellers }).Id, out var anonymous).ShouldBeTrue();
        anonymous.Experiments.ShouldBeEmpty();
        RecommendationId.TryParse(this.Engine.Recommendations.Recommend(new RecommendationRequest { Scenario = Scenario.Trending, User = new UserId("visitor-1") }).Id, out var other).ShouldBeTrue();
        other.Experiments.ShouldBeEmpty();
    }

    [Fact]
    public async Task Results_CountWhatShoppersDidSinceTheySawIt()
    {
        await this.StartAsync();
        await this._shop.AcceptAsync(this._shop.Event(EventType.Purchase, "visitor-1", "tea-1", daysAgo: 5, basket: "before") with { Price = 40 });
        var list = this.Ask("visitor-1").Id;
        await this._shop.AcceptAsync(
            this.Shown("visitor-1", list), this.Shown("visitor-1", list), this.Shown("visitor-1", list) with { Type = EventType.Click },
            this._shop.Event(EventType.Cart, "visitor-1", "tools-4"),
            this._shop.Event(EventType.Purchase, "visitor-1", "tools-4", basket: "b") with { Price = 7, Quantity = 2 }, this._shop.Event(EventType.Purchase, "visitor-1", "tools-5", basket: "b") with { Price = 6 },
            this._shop.Event(EventType.Custom, "visitor-1", "tools-5") with { Text = "sign-up", Value = 3 },
            this._shop.Event(EventType.Purchase, "somebody", "tools-4", basket: "c"));

        var unit = this.Engine.ExperimentStatistics.UnitsOf(this.Engine.Experiments.Current.Experiments.Single()).Single();

        (unit.Impressions, unit.Clicks, unit.Carts, unit.Orders, unit.Revenue, unit.OrdersBefore, unit.RevenueBefore).ShouldBe((2, 1, 1, 1, 20, 1, 40));
        unit.Custom["sign-up"].ShouldBe(3);
        await this._shop.ReopenAsync();
        this.Engine.ExperimentStatistics.UnitsOf(this.Engine.Experiments.Current.Experiments.Single()).Single().ShouldBe(unit with { Custom = unit.Custom }, new UnitWithoutCustom());
    }

    [Fact]
    public async Task AShopperOfTwoVariants_IsLeftOutAndCounted()
    {
        await this.StartAsync();
        var experiment = this.Engine.Experiments.Current.Experiments.Single();
        foreach (var variant in new[] { 0, 1 })
            await this._shop.AcceptAsync(this.Shown("ann", new RecommendationId(Guid.NewGuid(), null, null, null, [(experiment.Hash, variant)]).ToString()));
        await this._shop.AcceptAsync(this.Shown("bob", new RecommendationId(Guid.NewGuid(), null, null, null, [(experiment.Hash, 77)]).ToString()));

        var results = ExperimentResults.Of(experiment, this.Engine.ExperimentStatistics, segments: null);

        results.Units.ShouldBe([0, 0]);
        results.Mixed.ShouldBe(2);
    }

    [Fact]
    public async Task ALosingVariant_IsStopped_AndEverybodySeesTheControl_UntilItIsStartedAgain()
    {
        await this.StartAsync();
        await this.SimulateAsync(controlBuys: 0.5, treatmentBuys: 0.25);

        await this.Engine.TendAsync(CancellationToken.None);

        this.Engine.ExperimentStops.ReasonOf("iron").ShouldNotBeNull().ShouldContain("conversion of iron is surely below");
        Enumerable.Range(0, 50).Select(number => this.Ask($"visitor-{number}").Scenario).ShouldAllBe(scenario => scenario == Scenario.BestSellers);
        await this._shop.ReopenAsync();
        this.Engine.ExperimentStops.ReasonOf("iron").ShouldNotBeNull();
        await this.Engine.ExperimentStops.StartAgainAsync("iron", CancellationToken.None);
        Enumerable.Range(0, 50).Select(number => this.Ask($"visitor-{number}").Scenario.Name).ShouldContain("iron");
    }

    [Fact]
    public async Task APlantedLift_IsFound_WithItsSegmentsAndDays()
    {
        await this.StartAsync();
        await this.SimulateAsync(controlBuys: 0.25, treatmentBuys: 0.5);

        var results = ExperimentResults.Of(this.Engine.Experiments.Current.Experiments.Single(), this.Engine.ExperimentStatistics, this.Engine.ExperimentSegments);

        var conversion = results.Metrics.Single(metric => metric.Metric == "conversion").Treatments.Single();
        conversion.Comparison.Lift.ShouldBe(1, 0.35);
        conversion.Comparison.SequentialLift.Low.ShouldBeGreaterThan(0);
        conversion.SequentialHolm.ShouldBeLessThan(0.01);
        results.Units.Sum().ShouldBe(3000);
        results.SampleRatio.IsMismatch.ShouldBeFalse();
        results.Days.Count.ShouldBe(1);
        results.Segments.Single(segment => segment.Segment == "new").Treatments.Single().Comparison.Lift.ShouldBe(conversion.Comparison.Lift, 1e-9);
        results.Losing.ShouldBeNull();
        await this.Engine.TendAsync(CancellationToken.None);
        this.Engine.ExperimentStops.ReasonOf("iron").ShouldBeNull();
    }

    [Fact]
    public async Task Segments_ByAttributesAndByWhatWasSpent_TellWhereALiftIs()
    {
        await this.StartAsync();
        var experiment = this.Engine.Experiments.Current.Experiments.Single() with { Segments = ["country", "tier"] };
        var random = new Random(6);
        var (users, events) = (new List<User>(), new List<Event>());
        for (var number = 0; number < 4000; number++)
        {
            var user = $"visitor-{number}";
            // Half are French, a fifth Germans, the others from forty countries or from none; every second one had bought, for more and more.
            var country = number % 10 < 5 ? "FR" : number % 10 < 7 ? "DE" : number % 10 == 7 ? null : $"country-{number / 10 % 40}";
            if (country is not null) users.Add(new User { Id = new UserId(user), Attributes = new Dictionary<string, string> { ["country"] = country } });
            if (number % 4 < 2) events.Add(this._shop.Event(EventType.Purchase, user, "tea-0", daysAgo: 3, basket: $"before-{user}") with { Price = 1 + number / 10 });
            var variant = experiment.Assignment.VariantOf(user)!.Value;
            events.Add(this.Shown(user, new RecommendationId(Guid.NewGuid(), 1, 1, null, [(experiment.Hash, variant)]).ToString()));
            // The variant works in France alone.
            if (random.NextDouble() < (variant == 1 && country == "FR" ? 0.6 : 0.3)) events.Add(this._shop.Event(EventType.Purchase, user, "tea-0", basket: user));
        }

        await this.Engine.Users.UpsertAsync(users, CancellationToken.None);
        await this._shop.AcceptAsync([.. events.OrderBy(@event => @event.Time)]);

        var segments = ExperimentResults.Of(experiment, this.Engine.ExperimentStatistics, this.Engine.ExperimentSegments).Segments;

        segments.Where(segment => segment.By == "country").Select(segment => segment.Segment).Take(2).ShouldBe(["FR", "DE"]);
        segments.Count(segment => segment.By == "country").ShouldBe(ExperimentSegments.MostValues + 2);
        segments.Where(segment => segment.By == "country").Sum(segment => segment.Shoppers).ShouldBe(4000);
        Of("country", "").Shoppers.ShouldBe(400);
        Of("country", "*").Shoppers.ShouldBe(800 - 8 * (800 / 40));
        Of("country", "FR").Treatments.Single().Comparison.Lift.ShouldBe(1, 0.35);
        Of("country", "FR").Treatments.Single().Comparison.SequentialLift.Low.ShouldBeGreaterThan(0);
        Of("country", "DE").Treatments.Single().Comparison.SequentialLift.Low.ShouldBeLessThan(0);
        segments.ShouldNotContain(segment => segment.By == "tier", "nobody has one");
        segments.Where(segment => segment.By == "value").Select(segment => segment.Segment).ShouldBe(["low", "middle", "high"]);
        segments.Where(segment => segment.By == "value").Select(segment => segment.Shoppers).ShouldAllBe(shoppers => shoppers > 600 && shoppers < 740);
        Of("orders", "returning").Shoppers.ShouldBe(2000);
        Of("orders", "new").Shoppers.ShouldBe(2000);

        SegmentResult Of(string by, string name) => segments.Single(segment => segment.By == by && segment.Segment == name);
    }

    private async Task StartAsync()
    {
        await this._shop.FillAsync();
        this._shop.Time.Advance(TimeSpan.FromSeconds(2));
        await this.Engine.Pipelines.PublishAsync("pipelines: {iron: {sources: [best-sellers], filter: item.brand == \"Iron\"}}", null, 0, CancellationToken.None);
        await this.Engine.Experiments.PublishAsync(Document, null, 0, CancellationToken.None);
    }

    /// <summary>Three thousand shoppers see their variant and buy with its probability.</summary>
    private async Task SimulateAsync(double controlBuys, double treatmentBuys)
    {
        var experiment = this.Engine.Experiments.Current.Experiments.Single();
        var random = new Random(5);
        var events = new List<Event>();
        for (var number = 0; number < 3000; number++)
        {
            var user = $"visitor-{number}";
            var variant = experiment.Assignment.VariantOf(user)!.Value;
            events.Add(this.Shown(user, new RecommendationId(Guid.NewGuid(), 1, 1, null, [(experiment.Hash, variant)]).ToString()));
            if (random.NextDouble() < (variant == 1 ? treatmentBuys : controlBuys)) events.Add(this._shop.Event(EventType.Purchase, user, "tea-0", basket: user));
        }

        await this._shop.AcceptAsync([.. events]);
    }

    private Event Shown(string user, string list) => this._shop.Event(EventType.Impression, user, "tea-0") with { RecommendationId = list, Placement = "row" };

    private RecommendationList Ask(string user) => this.Engine.Recommendations.Recommend(new RecommendationRequest { Scenario = Scenario.BestSellers, User = new UserId(user), Count = 4 });

    private sealed class UnitWithoutCustom : IEqualityComparer<UnitTotals>
    {
        public bool Equals(UnitTotals? x, UnitTotals? y) => x! with { Custom = UnitTotals.NoCustom } == (y! with { Custom = UnitTotals.NoCustom });

        public int GetHashCode(UnitTotals obj) => obj.Orders;
    }
}
