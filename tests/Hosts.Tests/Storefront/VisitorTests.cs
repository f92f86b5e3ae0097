using System.Net;
using System.Text;

namespace Aisle.Hosts.Tests.Storefront;

/// <summary>Who the shop believes one is.</summary>
[Collection(ShopCollection.Name)]
public sealed class VisitorTests(ShopFixture shop)
{
    private const string Cookie = "aisle-shopper";

    [Fact]
    public async Task Cookie_IsSealedAndNotForScripts()
    {
        using var browser = shop.Open();
        await browser.GetAsync("/");

        var cookie = browser.Cookies.GetAllCookies().Single(one => one.Name == Cookie);
        cookie.HttpOnly.ShouldBeTrue();
        cookie.Value.ShouldNotContain(browser.Visitor);
        Encoding.UTF8.GetString(Convert.FromBase64String(cookie.Value.Replace('-', '+').Replace('_', '/').PadRight((cookie.Value.Length + 3) / 4 * 4, '='))).ShouldNotContain(browser.Visitor);
    }

    [Theory]
    [InlineData("shopper-0001")]
    [InlineData("visitor-00000000000000000000000000000000")]
    [InlineData("CfDJ8AAAA")]
    [InlineData("")]
    public async Task Cookie_MadeUp_IsNotBelieved(string value)
    {
        using var browser = shop.Open();
        var server = new Uri("http://127.0.0.1");
        browser.Cookies.Add(server, new Cookie(Cookie, value));

        await browser.GetAsync("/");

        browser.Visitor.ShouldStartWith("visitor-");
        browser.Visitor.ShouldNotBe(value);
    }

    [Fact]
    public async Task Menu_DemoShopper_IsSlippedIntoAndLeftAgain()
    {
        using var browser = shop.Open();
        await browser.GetAsync("/");
        var before = browser.Visitor;

        await browser.PostAsync("/shopper", HttpStatusCode.OK, ("shopper", "shopper-0003"));
        browser.Visitor.ShouldBe("shopper-0003");
        await browser.PostAsync("/shopper", HttpStatusCode.OK, ("shopper", "new"));

        browser.Visitor.ShouldStartWith("visitor-");
        browser.Visitor.ShouldNotBe(before);
    }

    [Theory]
    [InlineData("shopper-0020")]
    [InlineData("visitor-00000000000000000000000000000000")]
    [InlineData("")]
    public async Task Menu_AnyoneElse_IsRefused(string shopper)
    {
        using var browser = shop.Open();
        await browser.GetAsync("/");

        await browser.PostAsync("/shopper", HttpStatusCode.BadRequest, ("shopper", shopper));
    }

    [Fact]
    public async Task TrackerKey_OfThePage_MayWriteEventsAndNothingElse()
    {
        using var browser = shop.Open();
        await browser.GetAsync("/");
        using var tracker = new HttpClient { BaseAddress = browser.Shop };
        tracker.DefaultRequestHeaders.Add("X-API-Key", browser.Meta("aisle-key"));

        using var body = new StringContent($$"""[{"type":"view","user":"{{browser.Visitor}}","item":"mug-001"}]""", Encoding.UTF8, "application/json");
        (await tracker.PostAsync(new Uri("/api/v1/events/batch", UriKind.Relative), body)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await tracker.GetAsync(new Uri("/api/v1/items", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await browser.GetAsync("/")).ShouldContain("id=\"home-recently-viewed\"");
        (await browser.GetAsync("/rows?placement=home/recently-viewed")).ShouldContain("data-item=\"mug-001\"");
        await browser.GetAsync("/rows?placement=anything", HttpStatusCode.NotFound);
    }
}
