using System.Globalization;
using System.Net;
using Aisle.Engine.Catalog;
using Aisle.Server.Storefront;

namespace Aisle.Hosts.Tests.Storefront;

[Collection(ShopCollection.Name)]
public sealed class PagesTests(ShopFixture shop)
{
    private const string CardLink = "class=\"card-link\" href=\"(?<value>[^\"]+)\"";

    [Fact]
    public async Task Home_NewVisitor_ShowsEveryRowAndKeepsTheVisitor()
    {
        using var browser = shop.Open();

        await browser.GetAsync("/");
        var visitor = browser.Visitor;
        await browser.GetAsync("/");

        foreach (var row in new[] { "recommended-for-you", "trending", "new-arrivals", "best-sellers" })
            browser.All($"id=\"home-{row}\"").Count.ShouldBe(1, row);
        browser.All(CardLink).Count.ShouldBe(48);
        visitor.ShouldStartWith("visitor-");
        browser.Visitor.ShouldBe(visitor);
    }

    [Fact]
    public async Task Home_EveryProductStandsInOneRowOnly()
    {
        using var browser = shop.Open();

        await browser.GetAsync("/");

        browser.All(CardLink).ShouldBeUnique();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/category/kitchen-dining")]
    [InlineData("/product/mug-001")]
    [InlineData("/cart")]
    [InlineData("/search?q=tea")]
    public async Task Pages_BringNoInlineScriptOrStyleAndForbidThem(string address)
    {
        using var browser = shop.Open();
        using var response = await browser.AnswerAsync(address);
        var page = await browser.GetAsync(address);

        response.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("default-src 'self'");
        page.ShouldNotContain(" style=", Case.Insensitive);
        page.ShouldNotContain("<style", Case.Insensitive);
        browser.All("<script").Count.ShouldBe(1);
        browser.All(" on[a-z]+=").ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_HostileProduct_IsEscapedEverywhere()
    {
        using var browser = shop.Open();

        foreach (var address in new[] { ShopAddress.Of(ShopFixture.Hostile.Id), "/category/i-odd", "/search?q=%3Cscript%3Ealert" })
        {
            var page = await browser.GetAsync(address);

            page.ShouldContain("&lt;script&gt;alert");
            page.ShouldNotContain("<script>alert");
            page.ShouldNotContain("<b>brand");
            page.ShouldNotContain("<i>Odd");
            page.ShouldNotContain("onerror=alert(1)>");
            page.ShouldNotContain("javascript:");
        }
    }

    [Fact]
    public async Task Category_SortedByPrice_AscendsAndKeepsToTheFilter()
    {
        using var browser = shop.Open();

        await browser.GetAsync("/category/food-tea/tea?sort=price-up&min=8&max=20");

        var prices = browser.All("class=\"price\">€(?<value>[0-9.]+)<").Select(price => double.Parse(price, CultureInfo.InvariantCulture)).ToList();
        prices.Count.ShouldBeGreaterThan(5);
        // What is sold out stands behind the rest.
        var expected = shop.Engine.Catalogue.Items
            .Where(item => item.Category is [_, "Tea"] && item.Price is >= 8 and <= 20 && item.AvailableFrom < TimeProvider.System.GetUtcNow())
            .OrderBy(item => item.Stock == 0).ThenBy(item => item.Price).Select(item => item.Price!.Value);
        prices.ShouldBe(expected.Take(prices.Count));
        prices.ShouldAllBe(price => price >= 8 && price <= 20);
    }

    [Theory]
    [InlineData("/category/garden?page=999999999999&sort=<b>&min=abc&max=-1&brand=nobody")]
    [InlineData("/category/garden?page=0&min=20&max=10")]
    [InlineData("/search?q=%00%ff%3C%3E")]
    [InlineData("/search")]
    public async Task Pages_SenselessQuestions_AreAnswered(string address)
    {
        using var browser = shop.Open();

        await browser.GetAsync(address);
    }

    [Theory]
    [InlineData("/category/no-such-place")]
    [InlineData("/category")]
    [InlineData("/product/no-such-thing")]
    [InlineData("/nothing/here")]
    [InlineData("/thank-you/9f4cf5f0-0000-4000-8000-000000000000")]
    public async Task Pages_WhatIsNotThere_IsNotFound(string address)
    {
        using var browser = shop.Open();

        (await browser.GetAsync(address, HttpStatusCode.NotFound)).ShouldContain("We do not have that");
    }

    [Fact]
    public async Task Category_EveryPageTogether_ShowsEachProductOnce()
    {
        using var browser = shop.Open();
        var shown = new List<string>();
        for (var number = 1; number <= 12; number++)
        {
            await browser.GetAsync($"/category/fashion?page={number}");
            shown.AddRange(browser.All(CardLink));
        }

        var now = TimeProvider.System.GetUtcNow();
        shown.ShouldBeUnique();
        shown.Count.ShouldBe(shop.Engine.Catalogue.Items.Count(item => item.Category[0] == "Fashion" && item.AvailableFrom <= now));
    }

    [Theory]
    [InlineData("stoneware mugs", "Stoneware Mug")]
    [InlineData("马克杯", "Mug")]
    [InlineData("陶马克杯子", "Stoneware Mug")]
    public async Task Search_WordsInEitherLanguage_FindsTheProduct(string words, string found)
    {
        using var browser = shop.Open();

        var page = await browser.GetAsync($"/search?q={Uri.EscapeDataString(words)}");

        page.ShouldContain($"data-search=\"{words}\"");
        browser.All("class=\"card-title\">(?<value>[^<]+)<")[0].ShouldContain(found);
    }

    [Fact]
    public async Task Pages_ChineseChosen_StayChinese()
    {
        using var browser = shop.Open();

        await browser.GetAsync("/?language=zh");
        var page = await browser.GetAsync("/product/mug-001");

        page.ShouldContain("lang=\"zh-Hans\"");
        page.ShouldContain("加入购物车");
        page.ShouldContain(shop.Engine.Catalogue.Find(new ItemId("mug-001"))!.TextIn("zh").Title);
        page.ShouldNotContain("&#x");
    }

    [Fact]
    public async Task Picture_OfAProduct_IsAnSvgThatMayBeCached()
    {
        using var browser = shop.Open();
        using var response = await browser.AnswerAsync("/images/products/mug-001.svg");

        response.Content.Headers.ContentType!.MediaType.ShouldBe("image/svg+xml");
        response.Headers.CacheControl!.MaxAge.ShouldNotBeNull();
        (await response.Content.ReadAsStringAsync()).ShouldStartWith("<svg");
        await browser.GetAsync("/images/products/none.svg", HttpStatusCode.NotFound);
        await browser.GetAsync("/images/products/mug-001.png", HttpStatusCode.NotFound);
    }
}
