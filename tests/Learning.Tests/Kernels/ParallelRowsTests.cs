using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class ParallelRowsTests
{
    [Theory]
    [InlineData(1, 10, 3)]
    [InlineData(4, 1_000, 7)]
    [InlineData(8, 3, 1)]
    [InlineData(2, 0, 5)]
    public void Run_AnyShape_VisitsEachRowOnce(int threads, int rows, int grain)
    {
        var visits = new int[rows];
        ParallelRows.Run(
            threads,
            rows,
            grain,
            (worker, first, end) =>
            {
                worker.ShouldBeInRange(0, threads - 1);
                for (var row = first; row < end; row++) Interlocked.Increment(ref visits[row]);
            },
            TestContext.Current.CancellationToken);
        visits.ShouldAllBe(count => count == 1);
    }

    [Fact]
    public void Run_WorkThatFails_ThrowsItsOwnException() =>
        Should.Throw<FormatException>(() => ParallelRows.Run(4, 100, 1, (_, _, _) => throw new FormatException(), default));

    [Fact]
    public void Run_CancelledOnTheWay_StopsTakingRows()
    {
        using var source = new CancellationTokenSource();
        var taken = 0;
        Should.Throw<OperationCanceledException>(() => ParallelRows.Run(
            2,
            1_000,
            1,
            (_, _, _) =>
            {
                Interlocked.Increment(ref taken);
                source.Cancel();
            },
            source.Token));
        taken.ShouldBeInRange(1, 2);
    }
}
