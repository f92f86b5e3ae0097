using Aisle.Engine.Catalog;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aisle.Engine.Tests.Catalog;

public sealed class CatalogueTests : IAsyncDisposable
{
    private readonly SmallShop _shop = new();

    public ValueTask DisposeAsync() => this._shop.DisposeAsync();

    [Fact]
    public async Task Refresh_AnotherProcessChangedTheCatalogue_ShowsItsItemsAndDropsTheDeleted()
    {
        await this._shop.Engine.Catalogue.UpsertAsync([SmallShop.Item("old", "Tea"), SmallShop.Item("kept", "Tea")], CancellationToken.None);
        await using var other = EngineServices.Open(this._shop.Directory, this._shop.Time, NullLoggerFactory.Instance);
        await other.Catalogue.UpsertAsync([SmallShop.Item("new", "Tools"), SmallShop.Item("kept", "Tea", price: 99)], CancellationToken.None);
        await other.Catalogue.DeleteAsync([new ItemId("old")], CancellationToken.None);

        this._shop.Engine.Catalogue.Refresh();

        this._shop.Engine.Catalogue.Items.Select(item => item.Id.Value).ShouldBe(["kept", "new"], ignoreOrder: true);
        this._shop.Engine.Catalogue.Find(new ItemId("kept"))!.Price.ShouldBe(99);
        this._shop.Engine.Catalogue.KnownItems.ShouldBe(2);
    }

    [Fact]
    public async Task Refresh_AfterOwnAndForeignChangesInTurn_MissesNone()
    {
        await using var other = EngineServices.Open(this._shop.Directory, this._shop.Time, NullLoggerFactory.Instance);
        await other.Catalogue.UpsertAsync([SmallShop.Item("theirs", "Tea")], CancellationToken.None);
        await this._shop.Engine.Catalogue.UpsertAsync([SmallShop.Item("ours", "Tea")], CancellationToken.None);

        this._shop.Engine.Catalogue.Refresh();

        this._shop.Engine.Catalogue.Find(new ItemId("theirs")).ShouldNotBeNull();
    }

    [Fact]
    public async Task IndexOf_AnItem_StaysItsOwnThroughChangesAndGrowth()
    {
        var catalogue = this._shop.Engine.Catalogue;
        await catalogue.UpsertAsync([SmallShop.Item("first", "Tea")], CancellationToken.None);
        var index = catalogue.IndexOf(new ItemId("first"))!.Value;

        await catalogue.UpsertAsync([.. Enumerable.Range(0, 5000).Select(i => SmallShop.Item($"item-{i}", "Tea"))], CancellationToken.None);
        await catalogue.DeleteAsync([new ItemId("first")], CancellationToken.None);
        await catalogue.UpsertAsync([SmallShop.Item("first", "Tools")], CancellationToken.None);

        catalogue.IndexOf(new ItemId("first")).ShouldBe(index);
        catalogue.ItemAt(index)!.Category.ShouldBe(["Shop", "Tools"]);
        catalogue.Categories.Find(["Shop", "Tea"])!.Items.ShouldBe(5000);
        catalogue.Categories.Find(["Shop", "Tools"])!.Items.ShouldBe(1);
    }

    [Theory]
    [InlineData("", "title", "id")]
    [InlineData("a\nb", "title", "id")]
    [InlineData("id", " ", "title")]
    public void Check_AWrongItem_NamesTheField(string id, string title, string field) =>
        ItemRules.Check(new Item { Id = new ItemId(id), Title = title })!.Field.ShouldBe(field);

    [Fact]
    public void Check_WrongNumbersAndLists_NameTheField()
    {
        var good = SmallShop.Item("good", "Tea");
        ItemRules.Check(good).ShouldBeNull();
        ItemRules.Check(good with { Price = -1 })!.Field.ShouldBe("price");
        ItemRules.Check(good with { Price = double.NaN })!.Field.ShouldBe("price");
        ItemRules.Check(good with { Stock = -1 })!.Field.ShouldBe("stock");
        ItemRules.Check(good with { Category = [""] })!.Field.ShouldBe("category");
        ItemRules.Check(good with { Tags = [.. Enumerable.Repeat("tag", 101)] })!.Field.ShouldBe("tags");
        ItemRules.Check(good with { Translations = new Dictionary<string, ItemText> { ["zh"] = new("", null, []) } })!.Field.ShouldBe("translations");
    }
}
