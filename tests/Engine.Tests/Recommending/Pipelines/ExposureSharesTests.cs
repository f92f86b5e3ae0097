using Aisle.Engine.Configuration;
using Aisle.Engine.Events;
using Aisle.Engine.Expressions;
using Aisle.Engine.Recommending;
using Aisle.Engine.Recommending.Pipelines;

namespace Aisle.Engine.Tests.Recommending.Pipelines;

public sealed class ExposureSharesTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    private EngineServices Engine => this._shop.Engine;

    [Fact]
    public void Order_LiftsTheBestOfAGroupWhereItIsOwed_AndNoEarlier()
    {
        // Six others, then three of the group: among the first 4 at least 1, among the first 8 at least 2.
        var order = ExposureShares.Order([-1, -1, -1, -1, -1, -1, 0, 0, 0], [0.25], 9, out var lifted);

        order.ShouldBe([0, 1, 2, 6, 3, 4, 5, 7, 8]);
        lifted.ShouldBe([3]);
    }

    [Fact]
    public void Order_WhereTheScoresKeepTheShare_ChangesNothing() =>
        ExposureShares.Order([0, -1, 0, -1, -1, 0], [0.3], 6, out var lifted).ShouldSatisfyAllConditions(order => order.ShouldBe([0, 1, 2, 3, 4, 5]), _ => lifted.ShouldBeEmpty());

    [Fact]
    public void Order_OfTwoGroups_GivesBoth_AndWhereCandidatesEndGivesWhatThereIs()
    {
        var order = ExposureShares.Order([-1, -1, -1, -1, 0, 1], [0.5, 0.25], 6, out _);

        order.Take(4).ShouldBe([0, 4, 1, 5]);
        order.Order().ShouldBe([0, 1, 2, 3, 4, 5]);
        ExposureShares.Order([], [0.5], 0, out _).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pipeline_KeepsTheShare_TellsItsCost_AndWhatWasLifted()
    {
        await this.FillAsync();
        await this.PublishAsync("pipelines: {fair: {sources: [best-sellers], exposure: [{name: tools, at-least: 0.2, where: 'item.brand == \"Iron\"'}]}, plain: {sources: [best-sellers]}}");

        var plain = this.Ask("plain");
        var fair = this.Ask("fair");

        plain.Items.ShouldAllBe(item => item.Item!.Brand == "Leaf");
        plain.Exposure.ShouldBeNull();
        fair.Items.Select((item, place) => (item.Item!.Brand, place)).Where(item => item.Brand == "Iron").Select(item => item.place).ShouldBe([4, 9]);
        fair.Items[4].Steps.ShouldContain(step => step.Stage == "exposure" && step.Detail == "tools");
        var cost = fair.Exposure.ShouldNotBeNull();
        cost.ScoreGivenUp.ShouldBeGreaterThan(0);
        cost.ScoreGivenUp.ShouldBeLessThan(0.5);
        var tools = cost.Groups.Single();
        (tools.Name, tools.AtLeast, tools.Before).ShouldBe(("tools", 0.2, 0));
        var all = Enumerable.Range(1, 10).Sum(rank => 1 / Math.Log2(1 + rank));
        tools.After.ShouldBe((1 / Math.Log2(6) + 1 / Math.Log2(11)) / all, 1e-9);
    }

    [Fact]
    public async Task Pipeline_ThatHasTheShareAnyway_CostsNothing()
    {
        await this.FillAsync();
        await this.PublishAsync("pipelines: {fair: {sources: [best-sellers], exposure: [{at-least: 0.5, where: 'item.brand == \"Leaf\"'}]}}");

        var cost = this.Ask("fair").Exposure.ShouldNotBeNull();

        cost.ScoreGivenUp.ShouldBe(0);
        cost.Groups.Single().ShouldBe(new GroupExposure("item.brand == \"Leaf\"", 0.5, 1, 1));
    }

    [Theory]
    [InlineData("exposure: [{at-least: 1.5, where: item.price > 1}]", "at-least")]
    [InlineData("exposure: [{at-least: 0.2}]", "where")]
    [InlineData("exposure: [{at-least: 0.2, where: item.prise > 1}]", "item.price")]
    [InlineData("exposure: [{at-least: 0.6, where: item.price > 1}, {at-least: 0.6, where: item.price < 1}]", "together")]
    [InlineData("exposure: [{at-least: 0.2, where: user.known}]", "speak of the item")]
    public void Document_ThatCannotBeKept_IsRefused(string setting, string says) =>
        Should.Throw<ConfigurationException>(() => PipelineSet.Parse($"pipelines:\n  x:\n    sources: [trending]\n    {setting}\n", new ExpressionCache(ShopEnvironment.Instance))).Message.ShouldContain(says);

    private async Task FillAsync()
    {
        await this._shop.FillAsync();
        await this._shop.AcceptAsync([.. Enumerable.Range(0, 12).SelectMany(item => Enumerable.Range(0, 14 - item).Select(sale => this._shop.Event(EventType.Purchase, null, $"tea-{item}", basket: $"b{item}-{sale}")))]);
        await this._shop.AcceptAsync([.. Enumerable.Range(0, 3).Select(item => this._shop.Event(EventType.Purchase, null, $"tools-{item}", basket: $"t{item}"))]);
        this._shop.Time.Advance(TimeSpan.FromSeconds(2));
    }

    private async Task PublishAsync(string document) => (await this.Engine.Pipelines.PublishAsync(document, null, 0, CancellationToken.None)).ShouldNotBeNull();

    private RecommendationList Ask(string scenario) => this.Engine.Recommendations.Recommend(new RecommendationRequest { Scenario = new Scenario(scenario), Count = 10, Explain = true });
}
