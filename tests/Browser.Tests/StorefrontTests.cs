using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Browser.Tests;

[Collection(BrowserCollection.Name)]
public sealed class StorefrontTests(ShopInBrowser shop)
{
    private const string ForYou = "home-recommended-for-you";

    // As they stand in the body that aisle.js sends.
    private const string View = "\"type\":\"view\"";
    private const string Impression = "\"type\":\"impression\"";
    private const string Favourite = "\"type\":\"favourite\"";

    [Fact]
    public async Task Home_AfterAClickOnAProduct_RecommendsAnew()
    {
        await using var visitor = await shop.OpenAsync();
        var page = visitor.Page;
        await page.GotoAsync("/");
        var before = await visitor.ItemsOfAsync(ForYou);
        (await page.InnerTextAsync($"#{ForYou} h2")).ShouldBe("Popular right now");
        var clicked = (await visitor.ItemsOfAsync("home-best-sellers"))[0];

        await visitor.SendingAsync(() => page.ClickAsync("#home-best-sellers .card-link >> nth=0"), View);
        await page.GotoAsync("/");

        (await page.InnerTextAsync($"#{ForYou} h2")).ShouldBe("Recommended for you");
        var after = await visitor.ItemsOfAsync(ForYou);
        after.ShouldNotBe(before);
        after.ShouldNotContain(clicked);
        (await visitor.ItemsOfAsync("home-recently-viewed")).ShouldBe([clicked]);
        (await page.InnerTextAsync($"#{ForYou} .card-reason >> nth=0")).ShouldStartWith("Because you were interested in");
        visitor.Troubles.ShouldBeEmpty();
    }

    [Fact]
    public async Task Click_FromARow_CarriesItsListThroughClickViewAndCart()
    {
        await using var visitor = await shop.OpenAsync();
        var page = visitor.Page;
        await page.GotoAsync("/");
        var list = await page.GetAttributeAsync("#home-trending", "data-recommendation");

        await visitor.SendingAsync(() => page.ClickAsync("#home-trending .card-link >> nth=1"), View);
        await page.ClickAsync(".buy .button");
        await page.WaitForSelectorAsync("#toast.shown");

        var events = (await this.EventsOfAsync(visitor)).Where(happened => happened.Type != EventType.Impression).ToList();
        events.Select(happened => happened.Type).ShouldBe([EventType.Cart, EventType.View, EventType.Click]);
        events.ShouldAllBe(happened => happened.Placement == "home/trending" && happened.RecommendationId == list);
        visitor.Troubles.ShouldBeEmpty();
    }

    [Fact]
    public async Task Row_AfterAnAddToCart_IsFreshWithoutAReload()
    {
        await using var visitor = await shop.OpenAsync();
        var page = visitor.Page;
        await page.GotoAsync("/");
        var before = await visitor.ItemsOfAsync(ForYou);

        await page.ClickAsync("#home-best-sellers .add >> nth=2");

        await page.WaitForSelectorAsync($"#{ForYou}.refreshed");
        (await visitor.ItemsOfAsync(ForYou)).ShouldNotBe(before);
        (await page.InnerTextAsync("#cart-count")).ShouldBe("1");
        new Uri(page.Url).AbsolutePath.ShouldBe("/");
        visitor.Troubles.ShouldBeEmpty();
    }

    [Fact]
    public async Task Cart_ChangedAndOrdered_IsBoughtAndEmpty()
    {
        await using var visitor = await shop.OpenAsync();
        var page = visitor.Page;
        await page.GotoAsync("/category/food-tea/tea");
        await page.ClickAsync(".grid .add >> nth=0");
        await page.ClickAsync("#toast.shown a");
        await page.WaitForURLAsync("**/cart");

        await page.FillAsync(".cart-change input[name=quantity]", "3");
        await page.PressAsync(".cart-change input[name=quantity]", "Tab");
        await page.WaitForSelectorAsync("#cart-count:text-is('3')");
        await page.ClickAsync("#cart-goes-with .add >> nth=0");
        await page.WaitForSelectorAsync(".cart-line >> nth=1");
        await page.ClickAsync(".cart-sum .button");
        await page.WaitForURLAsync("**/thank-you/**");

        (await page.InnerTextAsync("main")).ShouldContain("4 pieces");
        (await page.IsHiddenAsync("#cart-count")).ShouldBeTrue();
        var bought = (await this.EventsOfAsync(visitor)).Where(happened => happened.Type == EventType.Purchase).ToList();
        bought.Select(happened => happened.Basket).Distinct().Count().ShouldBe(1);
        bought.Sum(happened => happened.Quantity).ShouldBe(4);
        visitor.Troubles.ShouldBeEmpty();
    }

    [Fact]
    public async Task Shop_WithoutScripts_CanBeBoughtFrom()
    {
        await using var visitor = await shop.OpenAsync(scripts: false);
        var page = visitor.Page;
        await page.GotoAsync("/");
        await page.ClickAsync("#home-best-sellers .card-link >> nth=0");
        await page.ClickAsync(".buy .button");
        await page.ClickAsync("text=Order now");

        (await page.InnerTextAsync("h1")).ShouldBe("Thank you for your order");
        await page.ClickAsync("#shopper-menu summary");
        await page.ClickAsync("#shopper-menu button[value=shopper-0001]");
        (await visitor.VisitorAsync()).ShouldBe("shopper-0001");
        (await page.InnerTextAsync($"#{ForYou} h2")).ShouldBe("Recommended for you");
    }

    [Fact]
    public async Task Impressions_OfVisibleProducts_ArriveOnceWithTheirList()
    {
        await using var visitor = await shop.OpenAsync();
        await visitor.Page.GotoAsync("/");
        var list = (await visitor.Page.GetAttributeAsync("#home-trending", "data-recommendation"))!;

        await visitor.SendingAsync(() => visitor.Page.Locator("#home-trending").ScrollIntoViewIfNeededAsync(), Impression, list);

        var impressions = (await this.EventsOfAsync(visitor)).Where(happened => happened.Type == EventType.Impression).ToList();
        impressions.Select(happened => (happened.RecommendationId, happened.Item)).Distinct().Count().ShouldBe(impressions.Count);
        impressions.Where(happened => happened.RecommendationId == list).Select(happened => happened.Placement).Distinct().ShouldBe(["home/trending"]);
    }

    [Fact]
    public async Task Events_MadeWithoutANetwork_ArriveWhenItIsBack()
    {
        await using var visitor = await shop.OpenAsync();
        var page = visitor.Page;
        await page.GotoAsync("/");
        var failed = new TaskCompletionSource();
        page.RequestFailed += (_, _) => failed.TrySetResult();
        await visitor.OfflineAsync(true);
        await page.EvaluateAsync("aisle.track({ type: 'favourite', item: 'mug-001' })");
        await failed.Task;

        await visitor.SendingAsync(() => visitor.OfflineAsync(false), Favourite);

        (await this.EventsOfAsync(visitor)).Count(happened => happened.Type == EventType.Favourite).ShouldBe(1);
    }

    [Theory]
    [InlineData(390, "en-GB", "Best sellers")]
    [InlineData(390, "zh-CN", "热销榜")]
    [InlineData(1280, "zh-CN", "热销榜")]
    public async Task Pages_OnPhoneAndDesktopInBothLanguages_FitTheWindow(int width, string locale, string words)
    {
        await using var visitor = await shop.OpenAsync(width, locale: locale);
        var page = visitor.Page;
        await page.GotoAsync("/");
        (await page.InnerTextAsync("#home-best-sellers h2")).ShouldBe(words);

        foreach (var address in new[] { "/", "/category/fashion", "/product/mug-001", "/cart", "/search?q=tea" })
        {
            await page.GotoAsync(address);
            (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width, address);
            (await page.Locator("img:not([alt])").CountAsync()).ShouldBe(0, address);
            (await page.Locator("h1").CountAsync()).ShouldBe(1, address);
        }

        visitor.Troubles.ShouldBeEmpty();
    }

    [Fact]
    public async Task Menu_DemoShopper_SeesAnotherShop()
    {
        await using var visitor = await shop.OpenAsync();
        var page = visitor.Page;
        await page.GotoAsync("/");
        var before = await visitor.ItemsOfAsync(ForYou);

        await page.ClickAsync("#shopper-menu summary");
        await page.ClickAsync("#shopper-menu button[value=shopper-0002]");
        await page.WaitForSelectorAsync("#home-recently-viewed");

        (await visitor.ItemsOfAsync(ForYou)).ShouldNotBe(before);
        (await visitor.VisitorAsync()).ShouldBe("shopper-0002");
        visitor.Troubles.ShouldBeEmpty();
    }

    /// <summary>Newest first.</summary>
    private async Task<IReadOnlyList<Event>> EventsOfAsync(BrowserPage visitor) =>
        [.. shop.Engine.Events.LatestOf(new UserId(await visitor.VisitorAsync()), 200).Select(stored => stored.Event)];
}
