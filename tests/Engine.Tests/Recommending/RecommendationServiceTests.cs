using System.Diagnostics;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Training;

namespace Aisle.Engine.Tests.Recommending;

public sealed class RecommendationServiceTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Fact]
    public async Task RecommendedForYou_NewShoppersFirstClick_ChangesTheListAtOnce()
    {
        await this.TrainAsync();
        var before = this.Ask(Scenario.RecommendedForYou, "stranger");
        var clock = Stopwatch.StartNew();

        await this._shop.AcceptAsync(this._shop.Event(EventType.View, "stranger", "tools-3"));
        var after = this.Ask(Scenario.RecommendedForYou, "stranger");

        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        before.Items.Select(item => item.Source).ShouldNotContain("personal");
        after.Items[0].Source.ShouldBe("personal");
        after.Items[0].Reason.ShouldBe(new Reason(ReasonKind.BecauseOfHistory, new ItemId("tools-3")));
        after.Items.Take(5).ShouldAllBe(item => item.Id.Value.StartsWith("tools-"));
        after.Items.ShouldNotContain(item => item.Id.Value == "tools-3");
    }

    [Fact]
    public async Task RecommendedForYou_KnownTaste_FindsItsItems()
    {
        await this.TrainAsync();

        var list = this.Ask(Scenario.RecommendedForYou, "tea-lover-3", count: 4);

        list.ModelVersion.ShouldBe(1);
        list.Items.ShouldAllBe(item => item.Id.Value.StartsWith("tea-"));
    }

    [Fact]
    public async Task Similar_OfAnItem_StaysInItsTasteAndNamesIt()
    {
        await this.TrainAsync();

        var list = this.Ask(Scenario.Similar, items: ["tools-2"], count: 5);

        list.Items.ShouldAllBe(item => item.Id.Value.StartsWith("tools-") && item.Id.Value != "tools-2");
        list.Items[0].Reason.ShouldBe(new Reason(ReasonKind.SimilarTo, new ItemId("tools-2")));
    }

    [Fact]
    public async Task BoughtTogether_FromAnonymousBaskets_PutsThePartnerFirst()
    {
        await this.TrainAsync();

        var list = this.Ask(Scenario.BoughtTogether, items: ["tea-0"], count: 3);

        list.Items[0].Id.ShouldBe(new ItemId("tea-1"));
        list.Items[0].Source.ShouldBe("bought-together");
        this._shop.Engine.Events.Totals().Users.ShouldBe(60);
    }

    [Fact]
    public async Task BestSellers_CountsSales_AndTrendingCountsTheRiseAgainstTheItemsOwnPast()
    {
        await this._shop.FillAsync();
        await this._shop.AcceptAsync([.. Enumerable.Range(0, 20).Select(i => this._shop.Event(EventType.View, $"visitor-{i}", "tools-7", daysAgo: 0.1))]);
        this._shop.Time.Advance(TimeSpan.FromSeconds(2));

        this.Ask(Scenario.BestSellers, count: 2).Items.Select(item => item.Id.Value).ShouldBe(["tea-0", "tea-1"], ignoreOrder: true);
        this.Ask(Scenario.Trending, count: 1).Items.Single().Id.Value.ShouldBe("tools-7");
    }

    [Fact]
    public async Task NewArrivals_ComeNewestFirst_AndNotBeforeTheirTime()
    {
        await this._shop.FillAsync();
        var now = this._shop.Time.GetUtcNow();
        await this._shop.Engine.Catalogue.UpsertAsync(
            [
                SmallShop.Item("yesterday", "Tea") with { AvailableFrom = now.AddDays(-1) },
                SmallShop.Item("last-hour", "Tea") with { AvailableFrom = now.AddHours(-1) },
                SmallShop.Item("tomorrow", "Tea") with { AvailableFrom = now.AddDays(1) },
            ],
            CancellationToken.None);
        this._shop.Time.Advance(TimeSpan.FromSeconds(2));

        this.Ask(Scenario.NewArrivals, count: 2).Items.Select(item => item.Id.Value).ShouldBe(["last-hour", "yesterday"]);
        this.Ask(Scenario.NewArrivals, count: 200).Items.ShouldNotContain(item => item.Id.Value == "tomorrow");
        this._shop.Time.Advance(TimeSpan.FromDays(1));
        this.Ask(Scenario.NewArrivals, count: 1).Items.Single().Id.Value.ShouldBe("tomorrow");
    }

    [Fact]
    public async Task Recommend_OutOfStock_IsLeftOutAndComesBackWithTheStock()
    {
        await this.TrainAsync();
        await this._shop.Engine.Catalogue.UpsertAsync([SmallShop.Item("tea-1", "Tea", stock: 0)], CancellationToken.None);
        this.Ask(Scenario.BoughtTogether, items: ["tea-0"]).Items.ShouldNotContain(item => item.Id.Value == "tea-1");

        await this._shop.Engine.Catalogue.UpsertAsync([SmallShop.Item("tea-1", "Tea", stock: 5)], CancellationToken.None);

        this.Ask(Scenario.BoughtTogether, items: ["tea-0"]).Items[0].Id.Value.ShouldBe("tea-1");
    }

    [Fact]
    public async Task Recommend_Filters_HoldForEveryItemOfTheListAndItsFallbacks()
    {
        await this.TrainAsync();
        var filter = new ItemFilter { Category = ["shop", "Tools"], Brands = ["iron"], MinPrice = 7, MaxPrice = 12 };

        var list = this._shop.Engine.Recommendations.Recommend(
            new RecommendationRequest { Scenario = Scenario.RecommendedForYou, User = new UserId("tea-lover-1"), Count = 50, Filter = filter });

        list.Items.Count.ShouldBe(6);
        list.Items.ShouldAllBe(item => item.Item!.Category[1] == "Tools" && item.Item.Price >= 7 && item.Item.Price <= 12);
    }

    [Fact]
    public async Task Recommend_FilterExpression_HoldsForEveryItemOfTheListAndItsFallbacks()
    {
        await this.TrainAsync();
        var engine = this._shop.Engine;

        var list = engine.Recommendations.Recommend(new RecommendationRequest
        {
            Scenario = Scenario.RecommendedForYou, User = new UserId("tea-lover-1"), Count = 50, Seen = SeenPolicy.Include,
            Condition = engine.Expressions.Compile("item.brand == 'iron' && item.price >= number(request.context.least)"),
            Context = new Dictionary<string, string> { ["least"] = "9" },
        });

        list.Items.Count.ShouldBe(8);
        list.Items.ShouldAllBe(item => item.Item!.Brand == "Iron" && item.Item.Price >= 9);
    }

    [Fact]
    public async Task Recommend_FilterByHistoryAndBasket_FollowsWhatTheShopperDoes()
    {
        await this._shop.FillAsync();
        var request = new RecommendationRequest
        {
            Scenario = Scenario.BestSellers, User = new UserId("buyer"), Count = 50,
            Condition = this._shop.Engine.Expressions.Compile("item.price < user.avgBasket * 1.2 && !bought(item, days: 30)"),
        };
        // Nothing is known of the shopper yet: a comparison with it is false.
        this._shop.Engine.Recommendations.Recommend(request).Items.ShouldBeEmpty();

        await this._shop.AcceptAsync(this._shop.Event(EventType.Purchase, "buyer", "tea-2", daysAgo: 1), this._shop.Event(EventType.Purchase, "buyer", "tea-3", daysAgo: 31));
        var after = this._shop.Engine.Recommendations.Recommend(request).Items;
        await this._shop.AcceptAsync(this._shop.Event(EventType.Return, "buyer", "tea-2"));
        var returned = this._shop.Engine.Recommendations.Recommend(request).Items;

        after.Count.ShouldBe(13);
        after.ShouldAllBe(item => item.Item!.Price < 12 && item.Id.Value != "tea-2");
        after.ShouldContain(item => item.Id.Value == "tea-3");
        returned.ShouldContain(item => item.Id.Value == "tea-2");
    }

    [Fact]
    public async Task Recommend_FilterByTheShoppersAttributes_ReadsThemFromTheStore()
    {
        await this._shop.FillAsync();
        await this._shop.Engine.Users.UpsertAsync(
            [new User { Id = new UserId("gardener"), Attributes = new Dictionary<string, string> { ["likes"] = "iron" } }], CancellationToken.None);

        var list = this._shop.Engine.Recommendations.Recommend(new RecommendationRequest
        {
            Scenario = Scenario.BestSellers, User = new UserId("gardener"), Count = 50, Condition = this._shop.Engine.Expressions.Compile("item.brand == user.attributes.likes"),
        });

        list.Items.Count.ShouldBe(SmallShop.ItemsPerTaste);
        list.Items.ShouldAllBe(item => item.Item!.Brand == "Iron");
    }

    [Fact]
    public async Task Recommend_Boost_MultipliesScoresAndOrdersAnew()
    {
        await this._shop.FillAsync();
        var request = new RecommendationRequest { Scenario = Scenario.BestSellers, Count = 24 };
        var plain = this._shop.Engine.Recommendations.Recommend(request).Items;

        var boosted = this._shop.Engine.Recommendations.Recommend(
            request with { Count = 3, Boost = this._shop.Engine.Expressions.Compile("item.id == 'tools-5' ? 1000 : item.id in ['tea-0', 'tea-1'] ? 0 : 1") }).Items;

        boosted[0].Id.Value.ShouldBe("tools-5");
        boosted[0].Score.ShouldBe(1000 * plain.Single(item => item.Id.Value == "tools-5").Score, 1e-9);
        plain[0].Id.Value.ShouldBeOneOf("tea-0", "tea-1");
        boosted.ShouldNotContain(item => item.Id.Value == "tea-0" || item.Id.Value == "tea-1");
    }

    [Fact]
    public void Request_ExpressionOfTheWrongTypeOrTooMuchContext_IsRefused()
    {
        var number = this._shop.Engine.Expressions.Compile("1 + 1");
        var request = new RecommendationRequest { Scenario = Scenario.BestSellers };

        (request with { Condition = number }).Check()!.Field.ShouldBe("filter");
        (request with { Boost = this._shop.Engine.Expressions.Compile("true") }).Check()!.Field.ShouldBe("boost");
        (request with { Context = Enumerable.Range(0, 51).ToDictionary(i => $"{i}", i => "x") }).Check()!.Field.ShouldBe("context");
        (request with { Condition = this._shop.Engine.Expressions.Compile("true"), Boost = number }).Check().ShouldBeNull();
    }

    [Fact]
    public async Task Recommend_ExcludeList_IsObeyed()
    {
        await this.TrainAsync();
        var first = this.Ask(Scenario.RecommendedForYou, "tea-lover-3").Items[0].Id;

        var list = this._shop.Engine.Recommendations.Recommend(
            new RecommendationRequest { Scenario = Scenario.RecommendedForYou, User = new UserId("tea-lover-3"), Exclude = [first] });

        list.Items.ShouldNotContain(item => item.Id == first);
    }

    [Theory]
    [InlineData(SeenPolicy.Include, true, true)]
    [InlineData(SeenPolicy.ExcludeBought, true, false)]
    [InlineData(SeenPolicy.ExcludeSeen, false, false)]
    public async Task Recommend_SeenPolicy_HoldsBackWhatItSays(SeenPolicy policy, bool viewedShown, bool boughtShown)
    {
        await this.TrainAsync();
        await this._shop.AcceptAsync(
            this._shop.Event(EventType.View, "visitor", "tea-4"), this._shop.Event(EventType.Purchase, "visitor", "tea-5", basket: "b"));

        var shown = this._shop.Engine.Recommendations.Recommend(
            new RecommendationRequest { Scenario = Scenario.RecommendedForYou, User = new UserId("visitor"), Count = 24, Seen = policy }).Items.Select(item => item.Id.Value).ToList();

        shown.Contains("tea-4").ShouldBe(viewedShown);
        shown.Contains("tea-5").ShouldBe(boughtShown);
    }

    [Fact]
    public async Task Recommend_AReturnedPurchase_MayBeShownAgain()
    {
        await this.TrainAsync();
        await this._shop.AcceptAsync(
            this._shop.Event(EventType.Purchase, "visitor", "tea-5", basket: "b"), this._shop.Event(EventType.Return, "visitor", "tea-5", basket: "b"));

        this._shop.Engine.Histories.Of(new UserId("visitor")).Items.Single().Bought.ShouldBeFalse();
    }

    [Theory]
    [InlineData("recommended-for-you")]
    [InlineData("similar")]
    [InlineData("bought-together")]
    [InlineData("best-sellers")]
    [InlineData("trending")]
    [InlineData("new-arrivals")]
    public async Task Recommend_WhileOneItemExists_IsNeverEmpty(string scenario)
    {
        await this._shop.Engine.Catalogue.UpsertAsync([SmallShop.Item("only", "Tea"), SmallShop.Item("asked", "Tea")], CancellationToken.None);

        var list = this.Ask(new Scenario(scenario), "nobody", items: ["asked"]);

        list.Items.ShouldContain(item => item.Id.Value == "only");
        list.ModelVersion.ShouldBeNull();
    }

    [Fact]
    public async Task Recommend_WithoutACatalogue_ServesTheItemsOfTheEvents()
    {
        await this._shop.AcceptAsync(this._shop.Event(EventType.Purchase, "u", "nameless", basket: "b"));
        this._shop.Time.Advance(TimeSpan.FromSeconds(2));

        this.Ask(Scenario.BestSellers).Items.Single().ShouldSatisfyAllConditions(item => item.Id.Value.ShouldBe("nameless"), item => item.Item.ShouldBeNull());
    }

    [Fact]
    public async Task Recommend_ADeletedItem_IsNotShown()
    {
        await this.TrainAsync();

        await this._shop.Engine.Catalogue.DeleteAsync([new ItemId("tea-1")], CancellationToken.None);

        this.Ask(Scenario.BoughtTogether, items: ["tea-0"], count: 100).Items.ShouldNotContain(item => item.Id.Value == "tea-1");
        await this._shop.ReopenAsync();
        this.Ask(Scenario.BestSellers, count: 100).Items.ShouldNotContain(item => item.Id.Value == "tea-1");
    }

    [Fact]
    public async Task Recommend_AfterARestart_GivesTheSameList()
    {
        await this.TrainAsync();
        await this._shop.AcceptAsync(this._shop.Event(EventType.Cart, "visitor", "tools-2"));
        var before = this.Ask(Scenario.RecommendedForYou, "visitor").Items.Select(item => item.Id).ToList();

        await this._shop.ReopenAsync();

        this.Ask(Scenario.RecommendedForYou, "visitor").Items.Select(item => item.Id).ShouldBe(before);
    }

    [Theory]
    [InlineData(0, "count is 0")]
    [InlineData(201, "count is 201")]
    public void Recommend_CountOutOfRange_IsRefusedByName(int count, string message) =>
        Should.Throw<ArgumentException>(() => this.Ask(Scenario.BestSellers, count: count)).Message.ShouldContain(message);

    [Fact]
    public void Recommend_SimilarWithoutAnItem_IsRefused() =>
        Should.Throw<ArgumentException>(() => this.Ask(Scenario.Similar)).Message.ShouldContain("items is empty");

    private async Task TrainAsync()
    {
        await this._shop.FillAsync();
        await this._shop.Engine.Training.RunAsync(new TrainingOptions { Threads = 2, ValidationShare = 0.2 }, "test", null, CancellationToken.None);
    }

    private RecommendationList Ask(Scenario scenario, string? user = null, string[]? items = null, int count = 10) =>
        this._shop.Engine.Recommendations.Recommend(new RecommendationRequest
        {
            Scenario = scenario,
            User = user is null ? null : new UserId(user),
            Items = [.. (items ?? []).Select(id => new ItemId(id))],
            Count = count,
        });
}
