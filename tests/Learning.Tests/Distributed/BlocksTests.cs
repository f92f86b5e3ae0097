using Aisle.Learning.Distributed;

namespace Aisle.Learning.Tests.Distributed;

public sealed class BlocksTests
{
    [Theory]
    [InlineData(1, 100)]
    [InlineData(3, 100)]
    [InlineData(8, 5)]
    [InlineData(4, 0)]
    public void ByCost_AnySize_CoversEveryPieceOnceInOrder(int size, int count)
    {
        var bounds = Blocks.ByCost(count, size, i => i % 7);
        bounds.Length.ShouldBe(size + 1);
        bounds[0].ShouldBe(0);
        bounds[^1].ShouldBe(count);
        bounds.ShouldBeInOrder();
    }

    [Fact]
    public void ByCost_FewPiecesCostMost_SharesTheCostNotThePieces()
    {
        var bounds = Blocks.ByCost(1_000, 4, i => 1_000_000 / (i + 1));
        var costs = Enumerable.Range(0, 4).Select(rank => Enumerable.Range(bounds[rank], bounds[rank + 1] - bounds[rank]).Sum(i => 1_000_000L / (i + 1))).ToArray();
        var total = costs.Sum();
        costs[1..].ShouldAllBe(cost => cost > 0.15 * total && cost < 0.35 * total);
    }
}
