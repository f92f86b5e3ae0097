using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;

namespace Aisle.Engine.Tests.Recommending.Pipelines;

/// <summary>Diversity, new items and exploration.</summary>
public sealed class MixedListTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    private EngineServices Engine => this._shop.Engine;

    [Fact]
    public void Likeness_IsAboutTheWeightOfWhatTwoItemsShare()
    {
        var mug = SmallShop.Item("a", "Mugs");
        Product(mug, mug with { Id = new ItemId("b") }).ShouldBe(1, 1e-5);
        var sameCategory = Product(mug, mug with { Brand = "Other", Price = 900 });
        var stranger = Product(mug, new Item { Id = new ItemId("c"), Title = "C", Category = ["Garden", "Hoses"], Brand = "Hozer", Price = 900 });
        sameCategory.ShouldBeGreaterThan(0.45f);
        Math.Abs(stranger).ShouldBeLessThan(0.35f);

        static float Product(Item one, Item other)
        {
            var (a, b) = (ItemLikeness.Of(one).ToArray(), ItemLikeness.Of(other).ToArray());
            return a.Zip(b, (x, y) => x * y).Sum();
        }
    }

    [Theory]
    [InlineData("marginal")]
    [InlineData("determinantal")]
    public async Task Diversity_MixesWhatTheScoresWouldNot_AndStrengthZeroLeavesThem(string way)
    {
        await this._shop.FillAsync();
        this._shop.Time.Advance(TimeSpan.FromSeconds(2));
        await this.PublishAsync($"pipelines: {{mixed: {{sources: [best-sellers], diversity: {{by: {way}, strength: 0.9}}}}, plain: {{sources: [best-sellers], diversity: {{by: {way}, strength: 0}}}}}}");
        await this._shop.AcceptAsync([.. Enumerable.Range(0, 30).Select(sale => this._shop.Event(EventType.Purchase, null, $"tea-{sale % 6}", basket: $"b{sale}"))]);
        this._shop.Time.Advance(TimeSpan.FromSeconds(2));

        var plain = this.Ask("plain", count: 6);
        var mixed = this.Ask("mixed", count: 6);

        plain.ShouldAllBe(item => item.Item!.Brand == "Leaf");
        mixed[0].Id.ShouldBe(plain[0].Id);
        mixed.Count(item => item.Item!.Brand == "Iron").ShouldBeInRange(1, 4);
    }

    [Fact]
    public async Task Calibration_GivesSubcategoriesTheSharesOfTheHistory()
    {
        await this._shop.FillAsync();
        foreach (var number in Enumerable.Range(0, 9)) await this._shop.AcceptAsync(this._shop.Event(EventType.View, "ann", number < 6 ? $"tools-{number}" : $"tea-{number}", daysAgo: 1));
        this._shop.Time.Advance(TimeSpan.FromSeconds(2));
        await this.PublishAsync("pipelines: {calibrated: {sources: [best-sellers], diversity: {by: calibrated, strength: 1}}}");

        this.Ask("calibrated", "ann", count: 9).Count(item => item.Item!.Brand == "Iron").ShouldBe(6);
        this.Ask("calibrated", "nobody", count: 6).Select(item => item.Id).ShouldBe(this.Ask("best-sellers", count: 6).Select(item => item.Id));
    }

    [Fact]
    public async Task NewItems_GetTheirShare_SpreadOut_AndNoMoreThanThereAre()
    {
        await this._shop.FillAsync();
        await this.Engine.Catalogue.UpsertAsync([this.Fresh("new-1"), this.Fresh("new-2"), SmallShop.Item("old", "Tea") with { AvailableFrom = this._shop.Time.GetUtcNow().AddDays(-60) }], CancellationToken.None);
        this._shop.Time.Advance(TimeSpan.FromSeconds(2));
        await this.PublishAsync("pipelines: {fresh: {sources: [best-sellers], filter: item.id != \"new-3\", new-items: {share: 0.25, days: 7}}}");

        var list = this.Ask("fresh", count: 8);

        list.Select((item, place) => (item.Id.Value, place)).Where(entry => entry.Value.StartsWith("new-", StringComparison.Ordinal)).Select(entry => entry.place).ShouldBe([2, 6]);
        list.Where(item => item.Id.Value.StartsWith("new-", StringComparison.Ordinal)).ShouldAllBe(item => item.Reason.Kind == ReasonKind.NewArrival);
        this.Ask("fresh", count: 24).Count(item => item.Id.Value.StartsWith("new-", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public async Task Exploration_TakesItsShareOnAverage_WithPropensitiesThatSumToOne()
    {
        await this._shop.FillAsync();
        await this.PublishAsync("pipelines: {curious: {sources: [best-sellers], explore: {share: 0.05, below: 50}}}");
        var explored = 0;
        var chosen = new Dictionary<string, (int Count, double Propensity)>();
        const int lists = 2000;
        for (var number = 0; number < lists; number++)
        {
            foreach (var item in this.Ask("curious", $"visitor-{number}", count: 10).Where(item => item.Propensity is not null))
            {
                explored++;
                item.Reason.Kind.ShouldBe(ReasonKind.Explored);
                chosen[item.Id.Value] = (chosen.GetValueOrDefault(item.Id.Value).Count + 1, item.Propensity!.Value);
            }
        }

        (explored / (double)lists).ShouldBe(0.5, 0.05);
        // Nobody was shown anything: all items are alike, and so are their probabilities. The nine best sellers are shown anyway.
        chosen.Count.ShouldBe((2 * SmallShop.ItemsPerTaste) - 9);
        chosen.Values.ShouldAllBe(entry => Math.Abs(entry.Propensity - 1.0 / chosen.Count) < 1e-9);
        chosen.Values.ShouldAllBe(entry => entry.Count > explored / chosen.Count / 2 && entry.Count < explored / chosen.Count * 2);
    }

    [Fact]
    public async Task Exploration_PrefersWhatIsClicked_AndLeavesWhatIsKnownWellEnough()
    {
        await this._shop.FillAsync();
        await this.PublishAsync("pipelines: {curious: {sources: [best-sellers], explore: {share: 0.5, below: 30}}}");
        var list = Guid.NewGuid().ToString("N");
        await this._shop.AcceptAsync(
            [.. Enumerable.Range(0, 20).Select(_ => this.Shown("tools-3", list)), .. Enumerable.Range(0, 8).Select(_ => this.Shown("tools-3", list) with { Type = EventType.Click }),
             .. Enumerable.Range(0, 40).Select(_ => this.Shown("tools-4", list)), .. Enumerable.Range(0, 20).Select(_ => this.Shown("tools-5", list))]);
        this._shop.Time.Advance(TimeSpan.FromSeconds(2));

        var draws = Enumerable.Range(0, 400).SelectMany(number => this.Ask("curious", $"visitor-{number}", count: 2).Where(item => item.Propensity is not null)).ToList();

        draws.ShouldNotContain(item => item.Id.Value == "tools-4");
        draws.Count(item => item.Id.Value == "tools-3").ShouldBeGreaterThan(5 * draws.Count(item => item.Id.Value == "tools-5"));
    }

    [Theory]
    [InlineData("diversity: {by: maximal, strength: 1}", "Allowed are marginal, determinantal, calibrated")]
    [InlineData("diversity: {by: marginal}", "strength is missing")]
    [InlineData("new-items: {share: 2}", "share must be a number from 0 to 1")]
    [InlineData("explore: {share: 0.9}", "share must be a number from 0 to 0.5")]
    public async Task AWrongSetting_IsRefused(string setting, string message) =>
        (await Should.ThrowAsync<Aisle.Engine.Configuration.ConfigurationException>(() => this.PublishAsync($"pipelines: {{x: {{sources: [trending], {setting}}}}}"))).Message.ShouldContain(message);

    [Fact]
    public async Task MostClicked_GoesByTheRateThatIsSure_NotByHowOftenSomethingWasShown()
    {
        await this._shop.FillAsync();
        // Seen often and clicked now and then; seen seldom and clicked often; clicked twice, which may be chance.
        await this.ShowAsync("tea-0", impressions: 200, clicks: 10);
        await this.ShowAsync("tea-1", impressions: 40, clicks: 10);
        await this.ShowAsync("tea-2", impressions: 2, clicks: 2);
        this._shop.Time.Advance(TimeSpan.FromSeconds(2));
        await this.PublishAsync("pipelines: {clicked: {sources: [most-clicked]}}");

        var list = this.Ask("clicked", count: 5);

        list.Select(item => item.Id.Value).ShouldBe(["tea-1", "tea-0"]);
        list.ShouldAllBe(item => item.Reason.Kind == ReasonKind.MostClicked);
        // a = 20 r + clicks, b = 20 (1 - r) + impressions - clicks, r the shop's own rate of (22 + .4) / (242 + 20).
        var rate = 22.4 / 262;
        var (a, b) = ((20 * rate) + 10, (20 * (1 - rate)) + 30);
        list[0].Score.ShouldBe((a / (a + b)) - Math.Sqrt(a * b / ((a + b) * (a + b) * (a + b + 1))), 1e-6);
    }

    private Task ShowAsync(string item, int impressions, int clicks) => this._shop.AcceptAsync(
        [.. Enumerable.Range(0, impressions).Select(_ => this._shop.Event(EventType.Impression, "ann", item)), .. Enumerable.Range(0, clicks).Select(_ => this._shop.Event(EventType.Click, "ann", item))]);

    private Item Fresh(string id) => SmallShop.Item(id, "Tea") with { AvailableFrom = this._shop.Time.GetUtcNow().AddDays(-1) };

    private Event Shown(string item, string list) => this._shop.Event(EventType.Impression, "ann", item) with { RecommendationId = list };

    private IReadOnlyList<Recommendation> Ask(string scenario, string? user = null, int count = 10) => this.Engine.Recommendations.Recommend(
        new RecommendationRequest { Scenario = new Scenario(scenario), User = user is null ? null : new UserId(user), Count = count }).Items;

    private Task PublishAsync(string document) => this.Engine.Pipelines.PublishAsync(document, null, 0, CancellationToken.None);
}
