using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Training;

namespace Aisle.Engine.Tests.Recommending.Pipelines;

public sealed class PipelineServingTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    private RecommendationService Service => this._shop.Engine.Recommendations;

    [Fact]
    public async Task Blend_OfTwoSources_IsTheirReciprocalRanksWithWeights()
    {
        await this.TrainAsync();
        await this.PublishAsync("pipelines: {mix: {sources: [personal: 3, best-sellers: 1], pool: 10, seen: include}}");

        var list = this.Ask("mix", "tea-lover-3", count: 4, explain: true);

        foreach (var item in list.Items)
        {
            var parts = item.Steps.Where(step => step.Stage == "source").ToList();
            var expected = parts.Sum(part => (part.Detail == "personal" ? 3 : 1) / (60.0 + part.Rank!.Value));
            item.Steps.Single(step => step.Stage == "blend").Score!.Value.ShouldBe(expected, 1e-12);
            item.Score.ShouldBe(expected, 1e-12);
        }

        list.Items.Select(item => item.Score).ShouldBeInOrder(SortDirection.Descending);
        list.Items.ShouldContain(item => item.Steps.Count(step => step.Stage == "source") == 2);
        list.PipelineVersion.ShouldBe(1);
    }

    [Fact]
    public async Task PipelineFilterAndBoost_HoldBesideThoseOfTheRequest()
    {
        await this.TrainAsync();
        await this.PublishAsync("pipelines: {dear: {sources: [best-sellers], filter: item.price > 8, boost: item.price}}");

        var request = Request("dear", count: 24) with { Condition = this._shop.Engine.Expressions.Compile("item.brand == \"Iron\"") };
        var list = this.Service.Recommend(request);

        list.Items.ShouldAllBe(item => item.Item!.Price > 8 && item.Item.Brand == "Iron");
        list.Items.Count.ShouldBe(8);
    }

    [Fact]
    public async Task Limits_KeepAGroupSmall_AndTheListIsFilledFromFurtherDown()
    {
        await this.TrainAsync();
        await this.PublishAsync("pipelines: {mixed: {sources: [personal], fallback: [best-sellers], seen: include, limits: [{at-most: 2, same: brand}]}}");

        var list = this.Ask("mixed", "tea-lover-3", count: 4);

        list.Items.Count(item => item.Item!.Brand == "Leaf").ShouldBe(2);
        list.Items.Count(item => item.Item!.Brand == "Iron").ShouldBe(2);
        this.Ask("mixed", "tea-lover-3", count: 10).Items.Count.ShouldBe(4);
    }

    [Fact]
    public async Task Placement_DecidesThePipelineAndTheLength_WhateverTheCallerAsks()
    {
        await this.TrainAsync();
        await this.PublishAsync("placements: {side: {pipeline: best-sellers, count: 3}}");

        var list = this.Service.Recommend(new RecommendationRequest { Scenario = Scenario.NewArrivals, Placement = "side" });

        list.Scenario.ShouldBe(Scenario.BestSellers);
        list.Items.Count.ShouldBe(3);
        this.Service.Recommend(new RecommendationRequest { Placement = "side", Count = 1 }).Items.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Rows_OfAPage_RepeatNothing()
    {
        await this.TrainAsync();

        var rows = this.Service.RecommendRows([Request("best-sellers", count: 5), Request("trending", count: 5), Request("new-arrivals", count: 5)]);

        var shown = rows.SelectMany(row => row.Items.Select(item => item.Id)).ToList();
        shown.Count.ShouldBe(15);
        shown.ShouldBeUnique();
    }

    [Fact]
    public async Task Continues_GoesOnWhereTheListsBeforeEnded()
    {
        await this.TrainAsync();
        var whole = this.Ask("best-sellers", count: 9).Items.Select(item => item.Id).ToList();

        var first = this.Ask("best-sellers", count: 3);
        var second = this.Service.Recommend(Request("best-sellers", count: 3) with { Continues = first.Id });
        var third = this.Service.Recommend(Request("best-sellers", count: 3) with { Continues = second.Id });

        first.Items.Concat(second.Items).Concat(third.Items).Select(item => item.Id).ShouldBe(whole);
        this.Service.Recommend(Request("best-sellers", count: 3) with { Continues = "forgotten" }).Items.Select(item => item.Id).ShouldBe(whole.Take(3));
    }

    [Fact]
    public async Task Search_PutsTheCallersListInTheShoppersOrder_AndAddsNothing()
    {
        await this.TrainAsync();
        string[] found = ["tools-1", "tea-2", "tools-3", "tea-4", "nowhere"];

        var list = this.Ask("search", "tea-lover-3", items: found);

        list.Items.Select(item => item.Id.Value).ShouldBe(["tea-2", "tea-4", "tools-1", "tools-3"], ignoreOrder: true);
        list.Items[0].Id.Value.ShouldStartWith("tea-");
        this.Ask("search", "nobody", items: found).Items.Select(item => item.Id.Value).ShouldBe(["tools-1", "tea-2", "tools-3", "tea-4"]);
    }

    [Fact]
    public async Task Category_OrdersOneCategoryAndNothingElse()
    {
        await this.TrainAsync();
        var request = Request("category", "tools-lover-2", count: 50) with { Filter = new ItemFilter { Category = ["Shop", "Tea"] } };

        this.Service.Recommend(request).Items.Count.ShouldBe(SmallShop.ItemsPerTaste);
        this.Service.Check(Request("category", "tools-lover-2")).ShouldNotBeNull().Field.ShouldBe("category");
    }

    [Fact]
    public async Task Cart_BringsNoSecondOneOfWhatLiesInIt()
    {
        await this.TrainAsync();

        var list = this.Ask("cart", items: ["tea-0", "tea-3"], count: 5);

        list.Items.Count.ShouldBe(3);
        list.Items.ShouldAllBe(item => item.Item!.Category[1] == "Tools");
    }

    [Fact]
    public async Task BuyAgain_PutsWhatIsDueFirst_AndLeavesOutWhatWentBack()
    {
        await this.TrainAsync();
        foreach (var (item, days) in new[] { ("tea-5", 60), ("tea-5", 40), ("tea-5", 20), ("tools-5", 90), ("tools-5", 88), ("tools-5", 86), ("tea-7", 10), ("tea-8", 30) })
            await this._shop.AcceptAsync(this._shop.Event(EventType.Purchase, "regular", item, daysAgo: days, basket: $"{item}-{days}"));
        await this._shop.AcceptAsync(this._shop.Event(EventType.Return, "regular", "tea-8", basket: "tea-8-30"));

        var list = this.Ask("buy-again", "regular");

        // tea-5: three times, 20 days apart, the last 20 days ago.
        list.Items.Select(item => item.Id.Value).ShouldBe(["tea-5", "tools-5", "tea-7"]);
        list.Items[0].Score.ShouldBe(3, 1e-6);
        list.Items[0].Reason.Kind.ShouldBe(ReasonKind.BoughtBefore);
        this.Service.Check(Request("buy-again")).ShouldNotBeNull().Field.ShouldBe("user");
    }

    [Fact]
    public async Task RecentlyViewed_IsTheHistoryLatestFirst()
    {
        await this.TrainAsync();
        foreach (var (item, days) in new[] { ("tea-1", 3), ("tools-2", 2), ("tea-1", 1) }) await this._shop.AcceptAsync(this._shop.Event(EventType.View, "visitor", item, daysAgo: days));

        this.Ask("recently-viewed", "visitor").Items.Select(item => item.Id.Value).ShouldBe(["tea-1", "tools-2"]);
    }

    [Fact]
    public async Task FreeShipping_FillsTheGapThatThePageTells_TheNearestFirst()
    {
        await this.TrainAsync();
        var request = Request("free-shipping", items: ["tea-0"], count: 24) with { Context = new Dictionary<string, string> { ["missing"] = "11.5" } };

        var list = this.Service.Recommend(request);

        list.Items.ShouldAllBe(item => item.Item!.Price >= 11.5);
        list.Items.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Preview_ShowsADraft_AndChangesNothing()
    {
        await this.TrainAsync();
        var engine = this._shop.Engine;
        var draft = new Merchandising(engine.Pipelines.Read("pipelines: {best-sellers: {sources: [best-sellers], filter: item.brand == \"Iron\"}}"), engine.Rules.Current);

        this.Service.Preview(Request("best-sellers", count: 5), draft).Items.ShouldAllBe(item => item.Item!.Brand == "Iron");

        engine.Pipelines.Version.ShouldBeNull();
        this.Ask("best-sellers", count: 2).Items.ShouldAllBe(item => item.Item!.Brand == "Leaf");
    }

    [Fact]
    public async Task Check_AScenarioThatThereIsNot_HelpsTheCaller()
    {
        await this.TrainAsync();

        this.Service.Check(Request("simular")).ShouldNotBeNull().Message.ShouldContain("did you mean similar?");
        this.Service.Check(new RecommendationRequest { Placement = "unknown" }).ShouldNotBeNull().Message.ShouldContain("there is no pipeline for the placement unknown");
    }

    [Theory]
    [InlineData("nowhere", null, DropStage.Unknown)]
    [InlineData("tea-4", null, DropStage.OutOfStock)]
    [InlineData("tea-5", null, DropStage.NotYetAvailable)]
    [InlineData("tea-6", null, DropStage.Excluded)]
    [InlineData("tea-7", null, DropStage.Seen)]
    [InlineData("tea-8", null, DropStage.RequestFilter)]
    [InlineData("tea-9", null, DropStage.PipelineFilter)]
    [InlineData("tools-1", null, DropStage.Rule)]
    [InlineData("tea-0", 1, null)]
    [InlineData("tools-11", null, DropStage.Rank)]
    public async Task WhyMissing_NamesTheStageThatDroppedIt(string item, int? place, DropStage? stage)
    {
        await this.TrainAsync();
        await this._shop.Engine.Catalogue.UpsertAsync(
            [SmallShop.Item("tea-4", "Tea", stock: 0), SmallShop.Item("tea-5", "Tea") with { AvailableFrom = this._shop.Time.GetUtcNow().AddDays(1) }], CancellationToken.None);
        await this._shop.AcceptAsync(this._shop.Event(EventType.View, "visitor", "tea-7"));
        await this.PublishAsync("pipelines: {probe: {sources: [best-sellers], seen: exclude-seen, filter: item.id != \"tea-9\"}}");
        await this._shop.Engine.Rules.PublishAsync("rules: [{name: no tools-1, do: hide, items: tools-1}]", null, 0, CancellationToken.None);
        var request = Request("probe", "visitor", count: 6) with { Exclude = [new ItemId("tea-6")], Condition = this._shop.Engine.Expressions.Compile("item.id != \"tea-8\"") };

        var missing = this.Service.WhyMissing(request, new ItemId(item));

        missing.Stage.ShouldBe(stage);
        if (place is not null) missing.Place.ShouldNotBeNull().ShouldBeLessThanOrEqualTo(2);
        if (stage == DropStage.Rule) missing.Rule.ShouldBe("no tools-1");
        if (stage is not DropStage.Unknown) missing.Proposals.Single().Source.ShouldBe("best-sellers");
        missing.Sentence("en").ShouldNotBeEmpty();
        missing.Sentence("zh").ShouldNotBe(missing.Sentence("en"));
    }

    [Fact]
    public async Task WhyMissing_AFullLimit_IsNamed()
    {
        await this.TrainAsync();
        await this.PublishAsync("pipelines: {mixed: {sources: [best-sellers], limits: [{at-most: 1, same: brand}]}}");

        var missing = this.Service.WhyMissing(Request("mixed", count: 2), new ItemId("tea-1"));
        if (missing.Place is not null) missing = this.Service.WhyMissing(Request("mixed", count: 2), new ItemId("tea-0"));

        missing.Stage.ShouldBe(DropStage.Limit);
        missing.Limit.ShouldNotBeNull().AtMost.ShouldBe(1);
    }

    [Fact]
    public async Task Document_ThatAnotherProcessPublished_ServesAfterTheNextLook()
    {
        await this.TrainAsync();
        var other = EngineServices.Open(this._shop.Directory, this._shop.Time, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        await using (other) await other.Pipelines.PublishAsync("placements: {side: {pipeline: trending, count: 3}}", "from elsewhere", 0, CancellationToken.None);

        this._shop.Engine.CatchUp();

        this._shop.Engine.Pipelines.Current.PlacementOf("side").ShouldNotBeNull();
        this._shop.Engine.Pipelines.Version.ShouldNotBeNull().Note.ShouldBe("from elsewhere");
    }

    private static RecommendationRequest Request(string scenario, string? user = null, string[]? items = null, int? count = null) => new()
    {
        Scenario = new Scenario(scenario),
        User = user is null ? null : new UserId(user),
        Items = [.. (items ?? []).Select(id => new ItemId(id))],
        Count = count,
    };

    private RecommendationList Ask(string scenario, string? user = null, string[]? items = null, int? count = null, bool explain = false) =>
        this.Service.Recommend(Request(scenario, user, items, count) with { Explain = explain });

    private Task PublishAsync(string document) => this._shop.Engine.Pipelines.PublishAsync(document, null, 0, CancellationToken.None);

    private async Task TrainAsync()
    {
        await this._shop.FillAsync();
        await this._shop.Engine.Training.RunAsync(new TrainingOptions { Threads = 2, ValidationShare = 0.2 }, "test", null, CancellationToken.None);
    }
}
