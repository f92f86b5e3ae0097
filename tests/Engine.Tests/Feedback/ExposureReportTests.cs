using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Feedback;

namespace Aisle.Engine.Tests.Feedback;

public sealed class ExposureReportTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    private EngineServices Engine => this._shop.Engine;

    [Fact]
    public async Task BySeller_ComparesImpressionsWithTheCatalogue()
    {
        await this.FillAsync();
        // Of ann's two items one takes three impressions of four; bob's two are shown once together.
        await this.ShowAsync("a1", 3);
        await this.ShowAsync("b1", 1);
        await this._shop.AcceptAsync(this._shop.Event(EventType.Click, "x", "a1"));

        var report = this.Engine.ExposureBy(ExposureGrouping.Seller, 28);

        (report.Items, report.Shown, report.Impressions, report.Clicks).ShouldBe((5, 2, 4, 1));
        report.Groups.Select(group => group.Name).ShouldBe(["ann", "bob", ""]);
        var ann = report.Groups[0];
        (ann.Items, ann.Shown, ann.Impressions, ann.Clicks).ShouldBe((2, 1, 3, 1));
        (ann.CatalogueShare, ann.ImpressionShare, ann.Proportion).ShouldBe((0.4, 0.75, 0.75 / 0.4));
        ann.ClickThrough.ShouldBe(1 / 3.0);
        // Amounts 0 and 3: (2·2 − 2 − 1) · 3 / (2 · 3).
        ann.Gini.ShouldBe(0.5);
        report.Groups[2].Gini.ShouldBeNull();
        // 0 0 0 1 3: (2 · 1 + 4 · 3) / (5 · 4).
        report.Gini!.Value.ShouldBe(14 / 20.0, 1e-12);
        // Nobody's fifth gets nothing, bob's two fifths a quarter, ann's the rest: 1 − (0.4 · 0.25 + 0.4 · (0.5 + 0.75)).
        report.GroupGini!.Value.ShouldBe(0.4, 1e-12);
    }

    [Fact]
    public async Task ByPopularityAndAge_GroupsStandInTheirOrder()
    {
        await this.FillAsync();
        await this.ShowAsync("new", 2);
        foreach (var sale in Enumerable.Range(0, 5)) await this._shop.AcceptAsync(this._shop.Event(EventType.Purchase, null, "b2", basket: $"o{sale}"));
        this._shop.Time.Advance(TimeSpan.FromSeconds(2));

        var popularity = this.Engine.ExposureBy(ExposureGrouping.Popularity, 28);
        var age = this.Engine.ExposureBy(ExposureGrouping.Age, 28);

        popularity.Groups.Select(group => (group.Name, group.Items)).ShouldBe([("head", 1), ("middle", 2), ("tail", 2)]);
        age.Groups.Select(group => (group.Name, group.Items, group.Impressions)).ShouldBe([("up to 7 days", 1, 2), ("91 to 365 days", 2, 0), ("", 2, 0)]);
    }

    [Fact]
    public async Task Days_OutsideThePeriod_DoNotCount_AndNoImpressionsHaveNoGini()
    {
        await this.FillAsync();
        var none = this.Engine.ExposureBy(ExposureGrouping.Brand, 28);
        (none.Gini, none.GroupGini, none.Impressions).ShouldBe((null, null, 0));

        await this._shop.AcceptAsync(this._shop.Event(EventType.Impression, "x", "a1", daysAgo: 40));
        await this.ShowAsync("b1", 1);

        this.Engine.ExposureBy(ExposureGrouping.Brand, 28).Impressions.ShouldBe(1);
        this.Engine.ExposureBy(ExposureGrouping.Brand, 60).Impressions.ShouldBe(2);
    }

    [Fact]
    public void Counts_KeepTheLatestDays()
    {
        var counts = new ImpressionCounts(this.Engine.Catalogue);
        foreach (var day in Enumerable.Range(0, ImpressionCounts.MostDays + 20))
            counts.Add([new StoredEvent(day + 1, this._shop.Event(EventType.Impression, "x", "a1", daysAgo: 200 - day))]);
        counts.Add([new StoredEvent(999, this._shop.Event(EventType.Impression, "x", "a1", daysAgo: 900))]);

        counts.Between(DateOnly.MinValue, DateOnly.MaxValue).Values.Single().Impressions.ShouldBe(ImpressionCounts.MostDays);
    }

    private Task FillAsync()
    {
        var now = this._shop.Time.GetUtcNow();
        return this.Engine.Catalogue.UpsertAsync(
            [Of("a1", "ann"), Of("a2", "ann"), Of("b1", "bob") with { AvailableFrom = now.AddDays(-100) }, Of("b2", "bob") with { AvailableFrom = now.AddDays(-200) }, Of("new", null) with { AvailableFrom = now.AddDays(-1) }],
            CancellationToken.None);

        static Item Of(string id, string? seller) => SmallShop.Item(id, "Tea") with { Attributes = seller is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["seller"] = seller } };
    }

    private Task ShowAsync(string item, int times) => this._shop.AcceptAsync([.. Enumerable.Range(0, times).Select(_ => this._shop.Event(EventType.Impression, "x", item))]);
}
