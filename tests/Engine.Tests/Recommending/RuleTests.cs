using Aisle.Engine.Catalog;
using Aisle.Engine.Configuration;
using Aisle.Engine.Expressions;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Recommending.Rules;

namespace Aisle.Engine.Tests.Recommending;

public sealed class RuleTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Fact]
    public async Task Pin_PutsItsItemsAtItsPlace_AndSaysSo()
    {
        var before = await this.FillAsync();
        await this.PublishAsync("rules: [{name: our own, do: pin, items: [tools-9, tools-10], position: 2}]");

        var list = this.Ask(count: 5);

        list.Select(item => item.Id.Value).ShouldBe([before[0], "tools-9", "tools-10", before[1], before[2]]);
        list[1].ShouldSatisfyAllConditions(item => item.Rule.ShouldBe("our own"), item => item.Reason.Kind.ShouldBe(ReasonKind.ChosenByShop), item => item.Source.ShouldBe("rule"));
    }

    [Fact]
    public async Task Pin_OfWhatIsNotInStockOrExcluded_GivesItsPlaceAway()
    {
        await this.FillAsync();
        await this._shop.Engine.Catalogue.UpsertAsync([SmallShop.Item("tools-9", "Tools", stock: 0)], CancellationToken.None);
        await this.PublishAsync("rules: [{name: our own, do: pin, items: [tools-9, tools-10, tools-11]}]");

        var list = this._shop.Engine.Recommendations.Recommend(Request(3) with { Exclude = [new ItemId("tools-10")] }).Items;

        list[0].Id.Value.ShouldBe("tools-11");
        list.ShouldNotContain(item => item.Id.Value == "tools-9" || item.Id.Value == "tools-10");
    }

    [Fact]
    public async Task BoostAndBury_ChangeTheOrder_HideAndOnlyTheChoice()
    {
        var before = await this.FillAsync();
        await this.PublishAsync(
            $$"""
            rules:
              - {name: last first, do: boost, items: {{before[7]}}, by: 1000}
              - {name: first last, do: bury, items: {{before[0]}} }
              - {name: not this, do: hide, items: {{before[1]}} }
              - {name: cheap ones, do: only, where: item.price <= 12}
            """);

        var list = this.Ask(count: 24).Select(item => item.Id.Value).ToList();

        list[0].ShouldBe(before[7]);
        list[^1].ShouldBe(before[0]);
        list.ShouldNotContain(before[1]);
        list.Select(id => this._shop.Engine.Catalogue.Find(new ItemId(id))!.Price).ShouldAllBe(price => price <= 12);
    }

    [Fact]
    public async Task Limit_HoldsForPinsAndPromotionsToo()
    {
        await this.FillAsync();
        await this.PublishAsync(
            """
            rules:
              - {name: iron first, do: pin, items: [tools-9]}
              - {name: mixed, do: limit, limit: {at-most: 2, same: brand}}
              - {name: iron week, do: promote, where: item.brand == "Iron", share: 1}
            """);

        this.Ask(count: 4).Count(item => item.Item!.Brand == "Iron").ShouldBe(2);
    }

    [Fact]
    public async Task Promote_TakesItsShareSpreadOut_UntilTheBudgetIsSpent()
    {
        await this.FillAsync();
        await this.PublishAsync("rules: [{name: iron week, do: promote, where: item.brand == \"Iron\", share: 0.25, budget: 5}]");

        var first = this.Ask(count: 8);

        first.Count(item => item.Rule == "iron week").ShouldBe(2);
        first.Select((item, place) => (item, place)).Where(entry => entry.item.Rule is not null).Select(entry => entry.place).ShouldBe([2, 6]);
        first.Where(item => item.Rule is not null).ShouldAllBe(item => item.Reason.Kind == ReasonKind.Promoted && item.Item!.Brand == "Iron");
        this.Ask(count: 8).Count(item => item.Rule == "iron week").ShouldBe(2);
        this.Ask(count: 8).Count(item => item.Rule == "iron week").ShouldBe(1);
        this.Ask(count: 8).Count(item => item.Rule == "iron week").ShouldBe(0);

        await this._shop.ReopenAsync();
        this.Ask(count: 8).Count(item => item.Rule == "iron week").ShouldBe(0);
        this._shop.Engine.Promotions.ShownOf("iron week").ShouldBe(5);
    }

    [Fact]
    public async Task Schedule_WakesARuleAndPutsItToSleep()
    {
        var before = await this.FillAsync();
        await this.PublishAsync($"rules: [{{name: gone, do: hide, items: {before[0]}, from: 2026-06-02, until: 2026-06-03}}]");

        this.Ask(count: 24).ShouldContain(item => item.Id.Value == before[0]);
        this._shop.Time.Advance(TimeSpan.FromDays(1));
        this.Ask(count: 24).ShouldNotContain(item => item.Id.Value == before[0]);
        this._shop.Time.Advance(TimeSpan.FromDays(1));
        this.Ask(count: 24).ShouldContain(item => item.Id.Value == before[0]);
    }

    [Fact]
    public async Task Rule_HoldsOnlyWhereItSays()
    {
        var before = await this.FillAsync();
        await this.PublishAsync(
            $$"""
            rules:
              - {name: here, do: hide, items: {{before[0]}}, placements: [home/*]}
              - {name: then, do: hide, items: {{before[1]}}, scenarios: [trending]}
              - {name: them, do: hide, items: {{before[2]}}, when: user.id == "ann"}
              - {name: off, do: hide, items: {{before[3]}}, enabled: false}
            """);

        this.Ask(count: 4).Select(item => item.Id.Value).ShouldBe(before.Take(4));
        this._shop.Engine.Recommendations.Recommend(Request(24) with { Placement = "home/row" }).Items.ShouldNotContain(item => item.Id.Value == before[0]);
        this._shop.Engine.Recommendations.Recommend(Request(24) with { Scenario = Scenario.Trending }).Items.ShouldNotContain(item => item.Id.Value == before[1]);
        this._shop.Engine.Recommendations.Recommend(Request(24) with { User = new UserId("ann") }).Items.ShouldNotContain(item => item.Id.Value == before[2]);
    }

    [Theory]
    [InlineData("{do: hide, items: a}", "rules[1].name is missing")]
    [InlineData("{name: x, items: a}", "rules[1].do is missing")]
    [InlineData("{name: x, do: burry, items: a}", "did you mean bury?")]
    [InlineData("{name: x, do: hide}", "say which items are meant, with items or where")]
    [InlineData("{name: x, do: boost, items: a}", "rules[1].by is missing")]
    [InlineData("{name: x, do: hide, items: a, by: 2}", "rules[1].by does not belong to this action")]
    [InlineData("{name: x, do: pin, where: item.price < 3}", "a pin names its items")]
    [InlineData("{name: x, do: limit, items: a, limit: {at-most: 1, same: brand}}", "leave items and where out")]
    [InlineData("{name: x, do: promote, items: a}", "rules[1].share is missing")]
    [InlineData("{name: x, do: promote, items: a, share: 2}", "rules[1].share must be a number from 0.01 to 1")]
    [InlineData("{name: x, do: hide, items: a, when: item.price < 3}", "must not speak of the item")]
    [InlineData("{name: x, do: hide, items: a, from: 2026-06-03, until: 2026-06-02}", "until must lie after from")]
    [InlineData("{name: x, do: hide, items: a, from: soon}", "rules[1].from must be a date or a time")]
    [InlineData("{name: x, do: hide, items: a, enabled: maybe}", "rules[1].enabled must be true or false")]
    [InlineData("{name: x, do: hide, items: a}, {name: x, do: hide, items: b}", "two rules named x")]
    public void Parse_AWrongRule_IsRefusedWithPlaceAndHelp(string rules, string message) =>
        Should.Throw<ConfigurationException>(() => RuleSet.Parse($"rules: [{rules}]", new ExpressionCache(ShopEnvironment.Instance))).Message.ShouldContain(message);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("rules:")]
    [InlineData("rules: []")]
    [InlineData("rules: [{name: a, do: hide, items: x}] # all of them\n")]
    [InlineData("# ours\nrules:\n- name: a\n  do: hide\n  items: x\n")]
    [InlineData("rules:\n    - {name: a, do: hide, items: x}   # gone\n    - name: b\n      do: hide\n      items: [x,\n        y]\n\n")]
    public void Append_KeepsTheDocumentAsItIs_AndAddsTheRuleAtItsEnd(string? document)
    {
        var expressions = new ExpressionCache(ShopEnvironment.Instance);
        var before = RuleSet.Parse(document, expressions).Rules.Select(rule => rule.Name).ToList();

        var longer = RuleDocument.Append(document, new Dictionary<string, object> { ["name"] = "新 \"one\": {x}", ["do"] = "promote", ["items"] = new[] { "a", "b" }, ["share"] = 0.25 });

        var after = RuleSet.Parse(longer, expressions).Rules;
        after.Select(rule => rule.Name).ShouldBe([.. before, "新 \"one\": {x}"]);
        after[^1].ShouldSatisfyAllConditions(rule => rule.Share.ShouldBe(0.25), rule => rule.Items.Count.ShouldBe(2));
        if (document?.Contains('#', StringComparison.Ordinal) == true) longer.ShouldContain(document[document.IndexOf('#', StringComparison.Ordinal)..].Split('\n')[0]);
    }

    private static RecommendationRequest Request(int count) => new() { Scenario = Scenario.BestSellers, Count = count };

    private IReadOnlyList<Recommendation> Ask(int count) => this._shop.Engine.Recommendations.Recommend(Request(count)).Items;

    private Task PublishAsync(string document) => this._shop.Engine.Rules.PublishAsync(document, null, 0, CancellationToken.None);

    /// <returns>The best sellers without any rule.</returns>
    private async Task<List<string>> FillAsync()
    {
        await this._shop.FillAsync();
        this._shop.Time.Advance(TimeSpan.FromSeconds(2));
        return [.. this.Ask(count: 24).Select(item => item.Id.Value)];
    }
}
