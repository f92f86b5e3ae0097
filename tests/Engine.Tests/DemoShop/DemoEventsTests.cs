using System.Security.Cryptography;
using System.Text;
using Aisle.Engine.DemoShop;
using Aisle.Engine.Events;

namespace Aisle.Engine.Tests.DemoShop;

[Collection(DemoShopCollection.Name)]
public sealed class DemoEventsTests(DemoShopFixture fixture)
{
    [Fact]
    public void Create_SameSeedAndEnd_SameShopToTheLastByte()
    {
        var again = DemoData.Create(7, DemoShopFixture.End);

        HashOf(again).ShouldBe(HashOf(fixture.Shop));
        again.Events().SequenceEqual(fixture.Events).ShouldBeTrue();
        again.Events().Take(1000).SequenceEqual(fixture.Events.Take(1000)).ShouldBeTrue("a second enumeration plays the same year");
    }

    [Fact]
    public void Create_OtherSeed_OtherShop()
    {
        var other = DemoData.Create(8, DemoShopFixture.End);

        other.Items[0].ShouldNotBe(fixture.Shop.Items[0]);
        other.Events().Take(100).Select(happened => happened.Item).ShouldNotBe(fixture.Events.Take(100).Select(happened => happened.Item));
    }

    [Fact]
    public void Create_FewShoppers_FewEventsOfTheSameSort()
    {
        var small = DemoData.Create(7, DemoShopFixture.End, shoppers: 100);

        small.Shoppers.Count.ShouldBe(100);
        small.Items.Count.ShouldBe(2000);
        small.Events().Count().ShouldBeInRange(4_000, 12_000);
    }

    [Fact]
    public void Events_AreInTimeOrderWithinTheYearAndHaveUniqueIds()
    {
        fixture.Events.Count.ShouldBeInRange(280_000, 320_000);
        fixture.Events.Select(happened => happened.Id).Distinct().Count().ShouldBe(fixture.Events.Count);
        fixture.Events.Zip(fixture.Events.Skip(1)).Count(pair => pair.First.Time > pair.Second.Time).ShouldBe(0);
        fixture.Events[0].Time.ShouldBeGreaterThanOrEqualTo(DemoShopFixture.End.AddDays(-365));
        fixture.Events[^1].Time.ShouldBeLessThan(DemoShopFixture.End);
        fixture.Events[^1].Time.ShouldBeGreaterThan(DemoShopFixture.End.AddHours(-2), "the shop is alive until the end");
    }

    [Fact]
    public void Events_NameKnownShoppersAndItemsThatAreOnSale()
    {
        var items = fixture.Shop.Items.ToDictionary(item => item.Id);
        var shoppers = fixture.Shop.Shoppers.Select(shopper => shopper.Id).ToHashSet();

        fixture.Events.Where(happened => !shoppers.Contains(happened.User!.Value)).ShouldBeEmpty();
        fixture.Events.Where(happened => happened.Type == EventType.Search).ShouldAllBe(happened => happened.Text!.Length > 0);

        // The day's range is fixed at midnight; a product may be seen some hours before its shelf time.
        fixture.Events.Where(happened => happened.Item is { } item && items[item].AvailableFrom > happened.Time.AddDays(1)).ShouldBeEmpty();
    }

    /// <summary>RetailRocket: 2,664,312 views, 69,332 carts, 22,457 purchases.</summary>
    [Fact]
    public void Funnel_ResemblesThatOfARealShop()
    {
        double views = fixture.Count(EventType.View), carts = fixture.Count(EventType.Cart), purchases = fixture.Count(EventType.Purchase);

        (carts / views).ShouldBe(69_332.0 / 2_664_312, tolerance: 0.004);
        (purchases / carts).ShouldBe(22_457.0 / 69_332, tolerance: 0.08);
        foreach (var type in new[] { EventType.RemoveFromCart, EventType.Favourite, EventType.Search, EventType.Return })
            fixture.Count(type).ShouldBeGreaterThan(50, type.ToString());
    }

    [Fact]
    public void Seasons_GardenSellsInSpring_DecorationsBeforeChristmas()
    {
        this.ShareInMonths("Garden", 4, 5, 6).ShouldBeGreaterThan(1.5 * this.ShareInMonths("Garden", 11, 12, 1));
        this.ShareInMonths("Festive Decorations", 11, 12).ShouldBeGreaterThan(4 * this.ShareInMonths("Festive Decorations", 4, 5, 6));
    }

    [Fact]
    public void Consumables_AreBoughtAgain()
    {
        var again = fixture.Events.Where(happened => happened.Type == EventType.Purchase)
            .GroupBy(happened => (happened.User, happened.Item))
            .Where(group => group.Select(happened => happened.Basket).Distinct().Count() > 1)
            .Select(group => group.Key.Item!.Value.Value.Split('-')[0])
            .ToList();

        again.Count.ShouldBeGreaterThan(80);
        again.Count(kind => kind is "coffee" or "tea" or "seeds" or "soap" or "shampoo" or "honey" or "chocolate" or "biscuits" or "pasta").ShouldBeGreaterThan(again.Count / 5);
    }

    private double ShareInMonths(string category, params int[] months)
    {
        var items = fixture.Shop.Items.Where(item => item.Category.Contains(category)).Select(item => item.Id).ToHashSet();
        var views = fixture.Events.Where(happened => happened.Type == EventType.View && months.Contains(happened.Time.Month)).ToList();
        return views.Count(happened => items.Contains(happened.Item!.Value)) / (double)views.Count;
    }

    private static string HashOf(DemoData shop)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text));
        foreach (var item in shop.Items)
            Add($"{item.Id}|{item.Title}|{item.Description}|{item.TextIn("zh").Title}|{item.Price}|{item.Stock}|{item.AvailableFrom:O}|{string.Join(';', item.Attributes)}");
        foreach (var shopper in shop.Shoppers) Add($"{shopper.Id}|{string.Join(';', shopper.Attributes)}");
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
