using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Training;

namespace Aisle.Engine.Tests.Recommending.Pipelines;

public sealed class ModelSourceTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Fact]
    public async Task Model_ThatAPipelineNames_IsFittedByTheNextRun_AndBringsNothingBefore()
    {
        await this._shop.FillAsync();
        await this.TrainAsync("als");
        await this.PublishAsync("pipelines: {near: {sources: [model:itemknn]}, own: {sources: [model:als: 2, model:popularity: 1]}}");

        this.Ask("near", "tea-lover-3").Items.ShouldBeEmpty();
        var report = await this.TrainAsync("als");

        report.LeftOut.ShouldBeEmpty();
        this._shop.Engine.Models.Serving!.Manifest.Parts.Select(part => part.Role).ShouldBe(
            ["personal", "similar", "bought-together", "look-alike", "model:itemknn", "model:popularity"], "als is the personal model, and stands there once");
        var near = this.Ask("near", "tea-lover-3");
        near.Items.Count.ShouldBe(6);
        near.Items.ShouldAllBe(item => item.Source == "model:itemknn" && item.Item!.Brand == "Leaf" && item.Reason.Kind == ReasonKind.BecauseOfHistory && item.Reason.Because != null);
        this.Ask("near", "nobody").Items.ShouldBeEmpty();
        this.Ask("own", "tea-lover-3").Items.ShouldContain(item => item.Source == "model:als");
        var newcomer = this.Ask("own", "nobody");
        newcomer.Items.Count.ShouldBe(6);
        newcomer.Items.ShouldAllBe(item => item.Source == "model:popularity" && item.Reason.Kind == ReasonKind.BestSeller);

        await this._shop.ReopenAsync();
        this.Ask("near", "tea-lover-3").Items.Select(item => item.Id).ShouldBe(near.Items.Select(item => item.Id));
        await this.PublishAsync("pipelines: {near: {sources: [model:rp3beta]}}", after: 1);
        this.Ask("near", "tea-lover-3").Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task Similar_OfAFamily_IsFittedOnceForBoth_AndNamesTheItem()
    {
        await this._shop.FillAsync();
        await this.PublishAsync("pipelines: {alike: {needs: [items], sources: [similar:rp3beta]}, near: {sources: [model:rp3beta]}, won: {needs: [items], sources: [similar:itemknn]}}");
        await this.TrainAsync("itemknn");

        this._shop.Engine.Models.Serving!.Manifest.Parts.Count(part => part.Role.Contains(':', StringComparison.Ordinal)).ShouldBe(1);
        foreach (var pipeline in new[] { "alike", "won" })
        {
            var list = this._shop.Engine.Recommendations.Recommend(new RecommendationRequest { Scenario = new Scenario(pipeline), Items = [new ItemId("tools-3")], Count = 4 });
            list.Items.Count.ShouldBe(4);
            list.Items.ShouldAllBe(item => item.Item!.Brand == "Iron" && item.Reason.Kind == ReasonKind.SimilarTo && item.Reason.Because == new ItemId("tools-3"));
        }
    }

    [Fact]
    public async Task Model_ThatCannotBeFitted_IsLeftOutWithTheReason_AndTheRestIsPublished()
    {
        await this._shop.FillAsync();
        await this.PublishAsync("pipelines: {texts: {sources: [model:content-vectors], fallback: [best-sellers]}, alike: {sources: [segment-popular]}}");

        var report = await this.TrainAsync("als");

        report.LeftOut.Keys.ShouldBe(["model:content-vectors"]);
        report.LeftOut["model:content-vectors"].ShouldContain("content-vectors");
        this._shop.Engine.Models.Serving!.Manifest.Part(ModelRole.OfFamily("content-vectors")).ShouldBeNull();
        this.Ask("texts", "tea-lover-3").Items.ShouldAllBe(item => item.Source == "best-sellers");
    }

    [Fact]
    public async Task SegmentPopular_ShowsWhatShoppersOfTheSameAttributeTake_AlsoToOneWhoDidNothingYet()
    {
        await this._shop.FillAsync();
        await this._shop.Engine.Users.UpsertAsync(
            [.. Enumerable.Range(0, 30).SelectMany(shopper => new[] { Known($"tea-lover-{shopper}", "FR", shopper), Known($"tools-lover-{shopper}", "DE", shopper) }), Known("new-in-france", "FR", 99)],
            CancellationToken.None);
        await this.PublishAsync("pipelines: {alike: {sources: [segment-popular]}}");

        await this.TrainAsync("als");

        // Names are no segments, nor are departments that all shoppers share more than their country.
        this._shop.Engine.Models.Serving!.Manifest.Segments.ShouldBe(["@department=Shop", "country=DE", "country=FR"]);
        var list = this.Ask("alike", "new-in-france");
        list.Items.ShouldAllBe(item => item.Item!.Brand == "Leaf" && item.Reason.Kind == ReasonKind.PopularAmongAlike);
        this.Ask("alike", "nobody").Items.ShouldBeEmpty();
        // What the shop tells of a shopper counts as soon as it is told.
        await this._shop.Engine.Users.UpsertAsync([Known("new-in-france", "DE", 99)], CancellationToken.None);
        this.Ask("alike", "new-in-france").Items.ShouldAllBe(item => item.Item!.Brand == "Iron");
        this.Ask("alike", "tools-lover-3").Items.Count.ShouldBe(6);

        static User Known(string id, string country, int number) =>
            new() { Id = new UserId(id), Attributes = new Dictionary<string, string> { ["country"] = country, ["name"] = $"{id} {number}" } };
    }

    private async Task PublishAsync(string document, int after = 0) =>
        (await this._shop.Engine.Pipelines.PublishAsync(document, null, after, CancellationToken.None)).ShouldNotBeNull();

    private async Task<TrainingReport> TrainAsync(string model) =>
        TrainingRun.ReadReport(await this._shop.Engine.Training.RunAsync(new TrainingOptions { Models = [model], Ensemble = false, HalfLives = [null], Threads = 1 }, "test", null, CancellationToken.None))!;

    private RecommendationList Ask(string pipeline, string user) =>
        this._shop.Engine.Recommendations.Recommend(new RecommendationRequest { Scenario = new Scenario(pipeline), User = new UserId(user), Count = 6 });
}
