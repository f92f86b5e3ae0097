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

    [Fact]
    public async Task Events_WhateverTheirArrival_AreTheLatestOldestFirst()
    {
        await using var shop = new SmallShop();
        var history = shop.Engine.Histories.Of(Shopper);

        await shop.AcceptAsync(shop.Event(EventType.Purchase, "anna", "tea-1", daysAgo: 1), shop.Event(EventType.Impression, "anna", "tea-9"), shop.Event(EventType.Search, "anna", "tea-8"));
        await shop.AcceptAsync(shop.Event(EventType.View, "anna", "tea-2", daysAgo: 3));
        history.Events.Select(step => (step.Item.Value, step.Type)).ShouldBe([("tea-2", EventType.View), ("tea-1", EventType.Purchase)]);

        await shop.AcceptAsync([.. Enumerable.Range(0, ShopperHistory.MaxEvents).Select(i => shop.Event(EventType.View, "anna", $"tool-{i}"))]);
        history.Events.Count.ShouldBe(ShopperHistory.MaxEvents);
        history.Events[^1].Item.Value.ShouldBe($"tool-{ShopperHistory.MaxEvents - 1}");
        history.Events[0].Item.Value.ShouldBe("tool-0");
    }

    private static bool InCart(SmallShop shop) => shop.Engine.Histories.Of(Shopper).Items.Single(entry => entry.Item == Tea).InCart;
}
