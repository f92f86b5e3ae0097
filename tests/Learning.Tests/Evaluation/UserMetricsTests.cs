using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Tests.Evaluation;

public sealed class UserMetricsTests
{
    private const double Tolerance = 1e-6;

    [Fact]
    public void Of_HitsAtRanksOneAndThree_EqualsTheSumsDoneByHand()
    {
        // Ranked 7, 2, 9, 4; test items 3, 7, 9 (n = 3); K = 4.
        var metrics = UserMetrics.Of([7, 2, 9, 4], [3, 7, 9], 4);
        ((double)metrics.Recall).ShouldBe(2.0 / 3, Tolerance);
        ((double)metrics.Precision).ShouldBe(2.0 / 4, Tolerance);
        ((double)metrics.F1).ShouldBe(2 * (2.0 / 3) * 0.5 / ((2.0 / 3) + 0.5), Tolerance);

        // DCG = 1 + 1/log₂4 = 1.5; ideal over min(4, 3) ranks = 1 + 0.630930 + 0.5.
        ((double)metrics.Ndcg).ShouldBe(1.5 / 2.1309298, Tolerance);
        metrics.Hit.ShouldBe(1f);
        metrics.ReciprocalRank.ShouldBe(1f);

        // (1/1 + 2/3) / 3
        ((double)metrics.AveragePrecision).ShouldBe(5.0 / 9, Tolerance);
    }

    [Fact]
    public void Of_CutoffBelowTestItems_NormalisesByTheCutoff()
    {
        // Only rank 2 counts and hits: DCG = 0.630930; ideal over min(2, 3) ranks = 1.630930.
        var metrics = UserMetrics.Of([8, 7, 9], [3, 7, 9], 2);
        ((double)metrics.Recall).ShouldBe(1.0 / 3, Tolerance);
        ((double)metrics.Precision).ShouldBe(0.5, Tolerance);
        ((double)metrics.Ndcg).ShouldBe(0.6309298 / 1.6309298, Tolerance);
        metrics.ReciprocalRank.ShouldBe(0.5f);
        ((double)metrics.AveragePrecision).ShouldBe(0.25, Tolerance);
    }

    [Fact]
    public void Of_ListShorterThanCutoff_CountsMissingPlacesAsMisses()
    {
        var metrics = UserMetrics.Of([5], [5], 10);
        metrics.Recall.ShouldBe(1f);
        ((double)metrics.Precision).ShouldBe(0.1, Tolerance);
        ((double)metrics.Ndcg).ShouldBe(1, Tolerance);
    }

    [Fact]
    public void Of_NoHit_IsAllZero()
    {
        UserMetrics.Of([1, 2], [3], 2).ShouldBe(default);
        UserMetrics.Of([], [3], 2).ShouldBe(default);
    }

    [Fact]
    public void Of_NothingToFind_IsRefused()
    {
        Should.Throw<ArgumentException>(() => UserMetrics.Of([1], [], 1));
        Should.Throw<ArgumentException>(() => UserMetrics.Of([1], [1], 0));
    }
}
