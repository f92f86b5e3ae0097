using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Tests.Profiles;

public sealed class ShopperHistoriesTests
{
    private static readonly UserId Shopper = new("anna");
    private static readonly ItemId Tea = new("tea-1");

    [Fact]
    public async Task InCart_SomePiecesRemoved_StaysUntilTheLastIsOut()
    {
        await using var shop = new SmallShop();

        await shop.AcceptAsync(shop.Event(EventType.Cart, "anna", "tea-1", daysAgo: 3) with { Quantity = 3 });
        await shop.AcceptAsync(shop.Event(EventType.RemoveFromCart, "anna", "tea-1", daysAgo: 2) with { Quantity = 2 });
        InCart(shop).ShouldBeTrue();
        await shop.AcceptAsync(shop.Event(EventType.RemoveFromCart, "anna", "tea-1", daysAgo: 1));
        InCart(shop).ShouldBeFalse();
    }

    [Fact]
    public async Task InCart_ViewFromAClockAhead_DoesNotHideTheCart()
    {
        await using var shop = new SmallShop();

        await shop.AcceptAsync(shop.Event(EventType.View, "anna", "tea-1", daysAgo: -0.5));
        await shop.AcceptAsync(shop.Event(EventType.Cart, "anna", "tea-1"));
        InCart(shop).ShouldBeTrue();
        await shop.AcceptAsync(shop.Event(EventType.Purchase, "anna", "tea-1"));
        InCart(shop).ShouldBeFalse();
    }

    private static bool InCart(SmallShop shop) => shop.Engine.Histories.Of(Shopper).Items.Single(entry => entry.Item == Tea).InCart;
}
