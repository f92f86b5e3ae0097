using Aisle.Engine.Catalog;
using Aisle.Engine.DemoShop;

namespace Aisle.Engine.Tests.DemoShop;

[Collection(DemoShopCollection.Name)]
public sealed class DemoCatalogueTests(DemoShopFixture fixture)
{
    private readonly IReadOnlyList<Item> _items = fixture.Shop.Items;

    [Fact]
    public void Items_AreTwoThousandWithUniqueIdsInElevenDepartments()
    {
        this._items.Count.ShouldBe(2000);
        this._items.Select(item => item.Id).Distinct().Count().ShouldBe(2000);
        this._items.Select(item => item.Category[0]).Distinct().Count().ShouldBe(11);
        this._items.Select(item => string.Join('/', item.Category)).Distinct().Count().ShouldBeGreaterThan(50);
    }

    [Fact]
    public void Items_HaveWordsPriceAndPictureInBothLanguages()
    {
        foreach (var item in this._items)
        {
            item.Title.Length.ShouldBeInRange(4, 80, item.Title);
            ChineseCharacters(item.Title + item.Description).ShouldBe(0, item.Title);
            item.Price.ShouldNotBeNull().ShouldBeInRange(1, 1000, item.Title);
            item.Brand.ShouldNotBeNullOrEmpty();
            item.Image.ShouldBe($"/images/products/{item.Id}.svg");
            var chinese = item.TextIn("zh");
            ChineseCharacters(chinese.Title).ShouldBeGreaterThan(1, chinese.Title);
            chinese.Description.ShouldNotBeNull();
            ChineseCharacters(chinese.Description).ShouldBeGreaterThan(8, chinese.Description);
            chinese.Category.Count.ShouldBe(item.Category.Count);
        }
    }

    [Fact]
    public void Titles_NearlyAllDiffer() =>
        this._items.Select(item => item.Title).Distinct().Count().ShouldBeGreaterThan(1900);

    [Fact]
    public void Items_SomeAreNewSomeSoldOutSomeAnnounced()
    {
        var end = DemoShopFixture.End;
        this._items.Count(item => item.AvailableFrom > end).ShouldBeInRange(5, 40);
        this._items.Count(item => item.AvailableFrom <= end && item.AvailableFrom > end.AddDays(-21)).ShouldBeInRange(20, 120);
        this._items.Count(item => item.AvailableFrom <= end && item.AvailableFrom > end.AddDays(-365)).ShouldBeInRange(350, 600);
        this._items.Count(item => item.Stock == 0).ShouldBeInRange(20, 80);
        this._items.Count(item => item.Stock is > 0 and < 5).ShouldBeInRange(50, 200);
    }

    [Fact]
    public void Shoppers_FeaturedTwelve_HaveNamesAndInterests()
    {
        var featured = fixture.Shop.Shoppers.Where(shopper => shopper.Attributes.ContainsKey("featured")).ToList();

        featured.Count.ShouldBe(12);
        featured.Select(shopper => shopper.Id).ShouldBe(DemoData.FeaturedShoppers);
        featured.Select(shopper => shopper.Attributes["interests"]).Distinct().Count().ShouldBe(12);
        featured.ShouldAllBe(shopper => shopper.Attributes["name"].Length > 3 && ChineseCharacters(shopper.Attributes["interests.zh"]) > 1);
        fixture.Shop.Shoppers.Count.ShouldBe(5000);
        fixture.Shop.Shoppers.Select(shopper => shopper.Id).Distinct().Count().ShouldBe(5000);
    }

    private static int ChineseCharacters(string text) => text.Count(character => character is >= '\u4E00' and <= '\u9FFF');
}
