using Aisle.Engine.Configuration;
using Aisle.Engine.Ranking;
using Aisle.Engine.Recommending;

namespace Aisle.Engine.Tests.Ranking;

public sealed class ShadowTests : IAsyncDisposable
{
    private const string Reordered =
        """
        pipelines:
          found: {needs: [items], among: items, sources: [given]}
          ranked: {like: found, rank: learned}
          served: {like: found, shadow: ranked}
        """;

    private const string Explored =
        """
        pipelines:
          dear: {sources: [trending], filter: 'item.price > 70'}
          cheap: {sources: [trending], boost: 'item.price < 50 ? 1000000 : 0.000001', explore: {share: 0.3, below: 1000000}, shadow: dear}
        """;

    private readonly RankedShop _shop = new();

    private EngineServices Engine => this._shop.Engine;

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Fact]
    public async Task Judgement_OfAnotherOrder_FindsWhatItWouldEarn()
    {
        await this.OpenAsync(Reordered);
        await this._shop.ServeAsync("found", 2400);
        (await this.Engine.RankerTraining.RunAsync(new RankerOptions(), CancellationToken.None)).Version.ShouldBe(1);
        await this._shop.ServeAsync("served", 3000);

        var report = this.Judge("served", "ranked");

        report.Problem.ShouldBeNull();
        report.Lists.ShouldBe(3000);
        report.Same.ShouldBe(1);
        report.Rewards.Select(reward => reward.Reward).ShouldBe([ListReward.Click, ListReward.Cart, ListReward.Purchase, ListReward.Revenue]);
        var clicks = report.Rewards[0];
        clicks.Report.Supported.ShouldBe(1);
        var (served, ranked) = (this._shop.TrueClicks("served", 3000), this._shop.TrueClicks("ranked", 3000));
        TestContext.Current.TestOutputHelper?.WriteLine($"true {served:F3}, {ranked:F3}; {clicks.Report.Served} {clicks.Report.Judged} {clicks.Report.Difference}");
        ranked.ShouldBeGreaterThan(1.2 * served);
        // What is known of places (a curve found out from the same clicks) is not without error either.
        clicks.Report.Judged!.Value.ShouldBe(ranked, 0.05 * ranked);
        clicks.Report.Served!.Interval.Low.ShouldBeLessThan(served);
        clicks.Report.Served.Interval.High.ShouldBeGreaterThan(served);
        clicks.Verdict.ShouldBe("ranked would surely have earned more than served.");
    }

    [Fact]
    public async Task Judgement_OfOtherItems_RestsOnWhatExplorationShowed()
    {
        await this.OpenAsync(Explored);
        await this._shop.ServeAsync("cheap", 6000);

        var clicks = this.Judge("cheap", "dear").Rewards[0].Report;

        var dear = this._shop.TrueClicks("dear", 2000);
        TestContext.Current.TestOutputHelper?.WriteLine($"true {dear:F3}; {clicks.Judged} agreement {clicks.Agreement} supported {clicks.Supported} {clicks.Problem}");
        clicks.Problem.ShouldBeNull();
        clicks.Supported.ShouldBe(1, 0.02);
        clicks.Agreement.ShouldBe(1, 0.1);
        clicks.Judged!.Interval.Low.ShouldBeLessThan(dear);
        clicks.Judged.Interval.High.ShouldBeGreaterThan(dear);
    }

    [Fact]
    public async Task Judgement_OfItemsThatAreNeverServed_SaysThatTheLogKnowsNothing()
    {
        await this.OpenAsync(Explored.Replace(", explore: {share: 0.3, below: 1000000}", "", StringComparison.Ordinal));
        await this._shop.ServeAsync("cheap", 400);

        var report = this.Judge("cheap", "dear");

        report.Same.ShouldBe(0);
        report.Rewards[0].Report.Judged.ShouldBeNull();
        report.Rewards[0].Verdict.ShouldContain("says nothing");
    }

    [Fact]
    public async Task Judgement_BeforeThereAreLists_SaysWhatItTakes()
    {
        await this.OpenAsync(Explored);
        await this._shop.ServeAsync("cheap", 20);

        var report = this.Judge("cheap", "dear");

        report.Rewards.ShouldBeEmpty();
        report.Problem.ShouldNotBeNull().ShouldContain("20 of cheap");
        report.Problem!.ShouldContain("200");
    }

    [Fact]
    public async Task Log_HoldsTheListBesideTheServedOne_AndNothingElseOfIt()
    {
        await this.OpenAsync(Explored);
        var served = this._shop.Ask("cheap", "shopper-1", []);
        await this.Engine.TendAsync(CancellationToken.None);

        var logged = this.Engine.Served.Latest(10).Single();

        logged.Items.ShouldBe(served.Items.Select(item => item.Id));
        var shadow = logged.Shadow.ShouldNotBeNull();
        shadow.Pipeline.ShouldBe("dear");
        shadow.Items.Count.ShouldBe(RankedShop.Length);
        shadow.Items.ShouldAllBe(id => this.Engine.Catalogue.Find(id)!.Price > 70);
        shadow.Features.Length.ShouldBe(logged.Features.Length);
        shadow.Possible.ShouldAllBe(possible => possible);
        shadow.Draws.Count.ShouldBe(3);
        for (var draw = 0; draw < 3; draw++)
        {
            // By hand: three draws, of which the first leaves two to come.
            var propensity = served.Items[shadow.Draws[draw].Place].Propensity.ShouldNotBeNull();
            shadow.Draws[draw].Probability.ShouldBe(3 / ((1 / propensity) + 2 - draw), 1e-9);
        }

        // Asked alone it is another pipeline, without a shadow.
        this._shop.Ask("dear", "shopper-1", []);
        await this.Engine.TendAsync(CancellationToken.None);
        this.Engine.Served.Latest(1).Single().Shadow.ShouldBeNull();
    }

    [Fact]
    public async Task Draws_OfTheShadow_HaveNothingToDoWithThoseOfTheServedList()
    {
        await this.OpenAsync("pipelines: {other: {sources: [catalogue], explore: {share: 0.1, below: 1000000}}, one: {like: other, shadow: other}}");
        for (var number = 0; number < 40; number++)
        {
            this._shop.Ask("one", this._shop.Shopper(number), []);
            this._shop.Shop.Time.Advance(TimeSpan.FromMinutes(1));
        }

        await this.Engine.TendAsync(CancellationToken.None);

        // Ten places, one of them drawn among fifty: by chance the same in hardly one list.
        var same = this.Engine.Served.Latest(40).Count(list => list.Items.ToHashSet().SetEquals(list.Shadow!.Items));
        same.ShouldBeLessThan(6);
    }

    [Theory]
    [InlineData("pipelines: {one: {sources: [catalogue], shadow: two}}", "two")]
    [InlineData("pipelines: {two: {like: one}, one: {sources: [catalogue]}}", "one")]
    public void Pipelines_ShadowThatIsNotThere_IsRefused(string document, string name) =>
        Should.Throw<ConfigurationException>(() => this.Engine.Pipelines.Read(document)).Message.ShouldContain(name);

    [Fact]
    public void Pipelines_LikeOneWithAShadow_HaveNone()
    {
        var set = this.Engine.Pipelines.Read("pipelines: {a: {sources: [catalogue]}, b: {like: a, shadow: a}, c: {like: b}}");

        set.Find(new Scenario("b"))!.Shadow.ShouldBe("a");
        set.Find(new Scenario("c"))!.Shadow.ShouldBeNull();
    }

    [Fact]
    public async Task Judgement_AfterThePipelinesChanged_LooksAtListsSinceThenOnly()
    {
        await this.OpenAsync(Explored);
        await this._shop.ServeAsync("cheap", 300);
        this.Judge("cheap", "dear").Lists.ShouldBe(300);

        this._shop.Shop.Time.Advance(TimeSpan.FromMinutes(1));
        await this.Engine.Pipelines.PublishAsync(Explored.Replace("> 70", "> 60", StringComparison.Ordinal), null, 2, CancellationToken.None);

        this.Judge("cheap", "dear").Problem.ShouldNotBeNull().ShouldContain("since the pipelines were published, 0");
    }

    private ShadowReport Judge(string pipeline, string shadow) => this.Engine.Shadows.Of(pipeline, shadow, this.Engine.Pipelines.Version!.PublishedAt, CancellationToken.None);

    private async Task OpenAsync(string pipelines)
    {
        await this._shop.OpenAsync();
        await this.Engine.Pipelines.PublishAsync(pipelines, null, 1, CancellationToken.None);
    }
}
