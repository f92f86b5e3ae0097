using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Recommending.Sources;
using Aisle.Engine.Training;

namespace Aisle.Engine.Tests.Recommending;

public sealed class SimilarItemsTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Fact]
    public async Task Similar_OfAProductThatNobodyTouched_AreItsLookAlikes()
    {
        await this.OpenWithNewProductsAsync();

        var list = this.Ask(Scenario.Similar, "tea-fresh", count: 6);

        list.Items.ShouldAllBe(item => item.Id.Value.StartsWith("tea-") && item.Source == "similar");
        list.Items[0].Reason.ShouldBe(new Reason(ReasonKind.SimilarTo, new ItemId("tea-fresh")));
    }

    [Fact]
    public async Task Similar_OfAKnownProduct_HoldsTheNewLookAlikeBehindTwoNeighbours_AndNoStranger()
    {
        await this.OpenWithNewProductsAsync();

        var list = this.Ask(Scenario.Similar, "tea-3", count: 8).Items.Select(item => item.Id.Value).ToList();

        list.IndexOf("tea-fresh").ShouldBeGreaterThanOrEqualTo(2);
        list.ShouldAllBe(id => id.StartsWith("tea-"));
    }

    [Fact]
    public async Task BoughtTogether_OfAProductThatNobodyBought_GoesOnWithItsLookAlikes()
    {
        await this.OpenWithNewProductsAsync();

        this.Ask(Scenario.BoughtTogether, "tools-sharp", count: 4).Items.ShouldAllBe(item => item.Id.Value.StartsWith("tools-") && item.Source == "similar");
    }

    [Fact]
    public async Task Similar_NewProduct_IsThereAfterARestartAndGoneAfterARollback()
    {
        await this._shop.FillAsync();
        await this.TrainAsync();
        await this.AddNewProductsAsync();
        await this.TrainAsync();
        await this._shop.ReopenAsync();
        this.Sources("tea-fresh").ShouldAllBe(source => source == "similar");

        this._shop.Engine.Models.Activate(1);

        // The first version does not know the product: best sellers of its category stand in.
        this.Sources("tea-fresh").ShouldAllBe(source => source == "same-category");
        this.Ask(Scenario.Similar, "tea-3").Items.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Similar_ShopWithoutACatalogue_HasNeighboursAlone()
    {
        for (var user = 0; user < 20; user++)
        {
            for (var i = 0; i < 4; i++)
                await this._shop.AcceptAsync(this._shop.Event(EventType.View, $"u{user}", $"i{(user + i) % 8}", daysAgo: 40 - (i * 10)));
        }

        await this.TrainAsync();

        this._shop.Engine.Models.Serving!.For(ModelRole.LookAlike).ShouldBeNull();
        this.Ask(Scenario.Similar, "i3", count: 2).Items.ShouldAllBe(item => item.Source == "similar");
    }

    [Fact]
    public void Merged_NewItems_StandWhereTheirLikenessIsAmongTheKnown()
    {
        // Known 1 to 6 are neighbours in this order; 50 and 51 are new; by looks: 50 before all, 51 behind three known ones.
        var neighbours = Candidates(1, 2, 3, 4, 5, 6);
        var lookAlikes = Candidates(50, 3, 2, 1, 51, 7);

        var merged = SimilarItems.Merged(neighbours, lookAlikes, index => index < 50).ToList();

        // The service shows an item once, at its first place.
        merged.Select(candidate => candidate.Index).Distinct().ShouldBe([1, 2, 50, 3, 4, 51, 5, 6, 7]);
        merged.Select(candidate => candidate.Score).ShouldBe(merged.Select(candidate => candidate.Score).OrderDescending());
    }

    [Fact]
    public void Merged_ManyNewLookAlikes_NeverCrowdOutTheNeighbours()
    {
        var merged = SimilarItems.Merged(Candidates(1, 2, 3, 4, 5, 6, 7), Candidates(50, 51, 52, 53, 54), index => index < 50).Select(candidate => candidate.Index);

        merged.ShouldBe([1, 2, 50, 3, 4, 51, 5, 6, 52, 7, 53, 54]);
    }

    private static List<Candidate> Candidates(params int[] items) => [.. items.Select((item, place) => new Candidate(item, 1.0 / (place + 1)))];

    private async Task OpenWithNewProductsAsync()
    {
        await this._shop.FillAsync();
        await this.AddNewProductsAsync();
        await this.TrainAsync();
    }

    private Task AddNewProductsAsync() => this._shop.Engine.Catalogue.UpsertAsync(
        [SmallShop.Item("tea-fresh", "Tea", price: 6), SmallShop.Item("tools-sharp", "Tools", price: 14)], CancellationToken.None);

    private Task TrainAsync() => this._shop.Engine.Training.RunAsync(
        new TrainingOptions { Models = ["itemknn"], HalfLives = [null], Ensemble = false, Threads = 2, ValidationShare = 0.2 }, "test", null, CancellationToken.None);

    private IEnumerable<string> Sources(string item) => this.Ask(Scenario.Similar, item).Items.Select(shown => shown.Source);

    private RecommendationList Ask(Scenario scenario, string item, int count = 5) => this._shop.Engine.Recommendations.Recommend(
        new RecommendationRequest { Scenario = scenario, User = new UserId("nobody"), Items = [new ItemId(item)], Count = count });
}
