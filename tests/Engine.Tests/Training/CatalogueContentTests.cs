using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Training;
using Aisle.Learning.Models;

namespace Aisle.Engine.Tests.Training;

public sealed class CatalogueContentTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Fact]
    public async Task Of_Items_TellsTextsInEveryLanguageAndAttributesByField()
    {
        await this._shop.Engine.Catalogue.UpsertAsync(
            [
                new Item
                {
                    Id = new ItemId("mug"), Title = "Red mug", Description = "For tea.", Category = ["Kitchen", "Mugs"], Brand = "Potter", Price = 10, Tags = ["gift"],
                    Attributes = new Dictionary<string, string> { ["colour"] = "red" },
                    Translations = new Dictionary<string, ItemText> { ["zh"] = new("红色马克杯", null, []) },
                },
                new Item { Id = new ItemId("cup"), Title = "Cup", Category = ["Kitchen", "Cups"], Brand = " potter ", Price = 11.5 },
            ],
            CancellationToken.None);
        var items = new IdMap();
        foreach (var id in new[] { "cup", "unknown", "mug" }) items.Add(id);

        var content = CatalogueContent.Of(this._shop.Engine.Catalogue, items);

        content.Texts[2].ShouldContain("Red mug");
        content.Texts[2].ShouldContain("For tea.");
        content.Texts[2].ShouldContain("红色马克杯");
        content.Texts[1].ShouldBe("");
        content.Attributes.Fields.ShouldBe(["category 1", "category 2", "brand", "price", "tag", "attribute colour"], ignoreOrder: true);
        content.Attributes.ValuesOf(1).Length.ShouldBe(0);
        var shared = content.Attributes.ValuesOf(0).ToArray().Intersect(content.Attributes.ValuesOf(2).ToArray()).Select(value => content.Attributes.Fields[content.Attributes.FieldOf(value)]);
        shared.ShouldBe(["category 1", "brand", "price"], ignoreOrder: true);
    }

    [Fact]
    public async Task Run_ProductThatNobodyTouched_IsKnownToTheModelAndNearItsLookAlikes()
    {
        await this._shop.FillAsync();
        await this._shop.Engine.Catalogue.UpsertAsync([SmallShop.Item("tea-new", "Tea", price: 6), SmallShop.Item("tools-new", "Tools", price: 6)], CancellationToken.None);

        await this._shop.Engine.Training.RunAsync(
            new TrainingOptions { Models = ["content-embeddings"], HalfLives = [null], Ensemble = false, Threads = 2, ValidationShare = 0.2 }, "test", null, CancellationToken.None);

        var serving = this._shop.Engine.Models.Serving.ShouldNotBeNull();
        serving.Manifest.Part(ModelRole.Personal)!.Model.ShouldBe("content-embeddings");
        var model = serving.For(ModelRole.Personal)!;
        var (tea, tools) = (serving.IndexOf(new ItemId("tea-new")).ShouldNotBeNull(), serving.IndexOf(new ItemId("tools-new")).ShouldNotBeNull());
        var scores = new float[model.Items];
        model.ScoreHistory(new History([serving.IndexOf(new ItemId("tea-1"))!.Value, serving.IndexOf(new ItemId("tea-2"))!.Value]), scores);
        scores[tea].ShouldBeGreaterThan(scores[tools]);
        float.IsFinite(scores[tea]).ShouldBeTrue();
    }

    [Fact]
    public async Task Run_WithoutACatalogue_LeavesContentOut()
    {
        for (var user = 0; user < 20; user++)
        {
            for (var i = 0; i < 4; i++)
                await this._shop.AcceptAsync(this._shop.Event(EventType.View, $"u{user}", $"i{(user + i) % 8}", daysAgo: 40 - (i * 10)));
        }

        var run = await this._shop.Engine.Training.RunAsync(new TrainingOptions { Threads = 2, ValidationShare = 0.3 }, "test", null, CancellationToken.None);
        TrainingRun.ReadReport(run)!.Validation.Select(score => score.Model).ShouldNotContain("content-embeddings");
    }
}
