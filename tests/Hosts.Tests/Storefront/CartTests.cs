using System.Net;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Hosts.Tests.Storefront;

/// <summary>From the shelf to the order, without a script.</summary>
[Collection(ShopCollection.Name)]
public sealed class CartTests(ShopFixture shop)
{
    [Fact]
    public async Task Add_FromARow_StoresTheEventWithItsPlacementAndShowsTheLine()
    {
        using var browser = shop.Open();
        var item = shop.OnSale(0);
        await browser.GetAsync("/");

        var cart = await browser.PostAsync("/cart/items?placement=home/trending&recommendation=list-1", HttpStatusCode.OK, ("item", item.Id.Value));

        cart.ShouldContain("Your cart");
        cart.ShouldContain($"name=\"item\" value=\"{item.Id}\"");
        var stored = this.EventsOf(browser).Single();
        stored.Type.ShouldBe(EventType.Cart);
        stored.Item.ShouldBe(item.Id);
        stored.Price.ShouldBe(item.Price);
        stored.Placement.ShouldBe("home/trending");
        stored.RecommendationId.ShouldBe("list-1");
    }

    [Fact]
    public async Task Quantity_ChangedUpAndDownAndRemoved_CartFollows()
    {
        using var browser = shop.Open();
        var item = shop.OnSale(1);
        await browser.GetAsync("/");
        await browser.PostAsync("/cart/items", HttpStatusCode.OK, ("item", item.Id.Value), ("quantity", "2"));

        (await browser.PostAsync("/cart/quantity", HttpStatusCode.OK, ("item", item.Id.Value), ("quantity", "5"))).ShouldContain("value=\"5\"");
        (await browser.PostAsync("/cart/quantity", HttpStatusCode.OK, ("item", item.Id.Value), ("quantity", "1"))).ShouldContain("id=\"cart-count\">1<");
        (await browser.PostAsync("/cart/quantity", HttpStatusCode.OK, ("item", item.Id.Value), ("quantity", "1"), ("remove", "1"))).ShouldContain("Nothing in here yet.");

        this.EventsOf(browser).Select(happened => (happened.Type, happened.Quantity)).ShouldBe(
            [(EventType.RemoveFromCart, 1), (EventType.RemoveFromCart, 4), (EventType.Cart, 3), (EventType.Cart, 2)]);
    }

    [Fact]
    public async Task CheckOut_SentTwice_BuysOnceAndThanksOnlyTheBuyer()
    {
        using var browser = shop.Open();
        await browser.GetAsync("/");
        await browser.PostAsync("/cart/items", HttpStatusCode.OK, ("item", shop.OnSale(2).Id.Value), ("quantity", "2"));
        await browser.PostAsync("/cart/items", HttpStatusCode.OK, ("item", shop.OnSale(3).Id.Value));
        var order = Guid.NewGuid().ToString();

        var thanks = await browser.PostAsync("/checkout", HttpStatusCode.OK, ("order", order));
        await browser.PostAsync("/checkout", HttpStatusCode.OK, ("order", order));

        thanks.ShouldContain("Thank you for your order");
        thanks.ShouldContain("3 pieces");
        var bought = this.EventsOf(browser).Where(happened => happened.Type == EventType.Purchase).ToList();
        bought.Count.ShouldBe(2);
        bought.Select(happened => happened.Basket).Distinct().Count().ShouldBe(1);
        (await browser.GetAsync("/cart")).ShouldContain("Nothing in here yet.");

        using var stranger = shop.Open();
        await stranger.GetAsync($"/thank-you/{order}", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Cart_BelowFreeDelivery_ShowsTheGapAndWhatFillsIt_AboveItSaysSo()
    {
        using var browser = shop.Open();
        var cheap = shop.Engine.Catalogue.Items.First(item => item is { Stock: > 20, Price: > 4 and < 10 } && item.AvailableFrom < TimeProvider.System.GetUtcNow());
        await browser.GetAsync("/");
        var missing = (50 - cheap.Price!.Value).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture);

        var cart = await browser.PostAsync("/cart/items", HttpStatusCode.OK, ("item", cheap.Id.Value));

        cart.ShouldContain($"€{missing} more and delivery is free.");
        var rows = browser.All("data-placement=\"(?<value>cart/[^\"]+)\"");
        rows.ShouldBe(["cart/free-delivery", "cart/goes-with"]);
        browser.All("class=\"card-link\" href=\"(?<value>[^\"]+)\"").ShouldBeUnique();
        cart = await browser.PostAsync("/cart/quantity", HttpStatusCode.OK, ("item", cheap.Id.Value), ("quantity", "15"));
        cart.ShouldContain("Your delivery is free.");
        browser.All("data-placement=\"(?<value>cart/[^\"]+)\"").ShouldBe(["cart/goes-with"]);
    }

    [Theory]
    [InlineData("0", 1)]
    [InlineData("-7", 1)]
    [InlineData("1000000", 99)]
    [InlineData("many", 1)]
    public async Task Add_SenselessQuantity_IsSetRight(string quantity, int pieces)
    {
        using var browser = shop.Open();
        await browser.GetAsync("/");

        (await browser.PostAsync("/cart/items", HttpStatusCode.OK, ("item", shop.OnSale(4).Id.Value), ("quantity", quantity))).ShouldContain($"id=\"cart-count\">{pieces}<");
    }

    [Fact]
    public async Task Add_SoldOutOrUnknown_IsRefused()
    {
        using var browser = shop.Open();
        var gone = shop.Engine.Catalogue.Items.First(item => item.Stock == 0);
        await browser.GetAsync("/");

        await browser.PostAsync("/cart/items", HttpStatusCode.NotFound, ("item", gone.Id.Value));
        await browser.GetAsync("/");
        await browser.PostAsync("/cart/items", HttpStatusCode.NotFound, ("item", "no-such-thing"));

        this.EventsOf(browser).ShouldBeEmpty();
    }

    [Fact]
    public async Task Forms_WithoutTheirToken_AreRefused()
    {
        using var browser = shop.Open();

        foreach (var address in new[] { "/cart/items", "/cart/quantity", "/checkout", "/shopper" })
            await browser.PostAsync(address, HttpStatusCode.BadRequest, ("item", shop.OnSale(5).Id.Value), ("quantity", "1"), ("order", Guid.NewGuid().ToString()), ("shopper", "new"));
    }

    [Fact]
    public async Task Cart_EventsSentByAnotherSystem_CountToo()
    {
        using var browser = shop.Open();
        await browser.GetAsync("/");
        var now = TimeProvider.System.GetUtcNow();
        Event Happened(EventType type, int item, double quantity, double daysAgo) => new()
        {
            Id = new EventId(Guid.NewGuid()), Type = type, User = new UserId(browser.Visitor), Item = shop.OnSale(item).Id, Time = now.AddDays(-daysAgo), Quantity = quantity,
        };

        await shop.Engine.Intake.AcceptAsync(
            [
                Happened(EventType.Cart, 6, 1, 20), // older than carts are kept
                Happened(EventType.Cart, 7, 3, 3),
                Happened(EventType.RemoveFromCart, 7, 1, 2),
                Happened(EventType.Cart, 8, 1, 3),
                Happened(EventType.Purchase, 8, 1, 1),
            ],
            CancellationToken.None);

        (await browser.GetAsync("/cart")).ShouldContain("id=\"cart-count\">2<");
    }

    private IReadOnlyList<Event> EventsOf(PlainBrowser browser) => [.. shop.Engine.Events.LatestOf(new UserId(browser.Visitor), 100).Select(stored => stored.Event)];
}
