using Aisle.Engine.Cleaning;

namespace Aisle.Engine.Tests.Cleaning;

public sealed class PlausibilityTests
{
    [Fact]
    public void Median_OfCountedValues_IsTheLowerMiddleOne()
    {
        var counts = new ValueCounts(8);
        counts.Median().ShouldBe(0);
        foreach (var value in new double[] { 5, 1, 5, 3, 1, 9 }) counts.Add(value);

        counts.Median().ShouldBe(3);
        counts.Add(9);
        counts.Median().ShouldBe(5);
    }

    [Fact]
    public void Values_BeyondTheCapacity_AreNotTakenInButKnownOnesStillCount()
    {
        var counts = new ValueCounts(2);
        foreach (var value in new double[] { 1, 2, 3, 4, 2, 2 }) counts.Add(value);

        (counts.Total, counts.Median()).ShouldBe((4, 2));
    }

    [Fact]
    public void Quantity_InAShopThatSellsByTheThousand_IsJudgedByItsOwnMedian()
    {
        var screws = new Plausibility();
        var prices = new ValueCounts(8);
        for (var i = 0; i < 9; i++) screws.AddSale(500, prices, 0.01);

        screws.Check(1_000_000, prices, 0.01).ShouldBeNull();
        screws.Check(1_000_001, prices, 0.01).ShouldNotBeNull().Reason.ShouldBe("implausible-quantity");
    }

    [Fact]
    public void Price_OfAnItemHardlyEverSold_IsNotJudged()
    {
        var rare = new Plausibility();
        var prices = new ValueCounts(8);
        for (var i = 0; i < 4; i++) rare.AddSale(1, prices, 1);

        rare.Check(1, prices, 1000).ShouldBeNull();
        rare.AddSale(1, prices, 1);
        rare.Check(1, prices, 1000).ShouldNotBeNull().Reason.ShouldBe("implausible-price");
    }
}
