namespace Aisle.Learning.Tests;

public sealed class RandomStreamTests
{
    [Fact]
    public void Numbers_OfOneStream_AreEvenAndItsOwn()
    {
        var random = new RandomStream(1);
        var counts = new int[7];
        var (sum, squares, uniform, fine) = (0.0, 0.0, 0.0, 0.0);
        var (fineSum, fineSquares, beyondThree) = (0.0, 0.0, 0);
        for (var i = 0; i < 70_000; i++)
        {
            counts[random.Below(7)]++;
            uniform += random.Uniform() / 70_000;
            fine += random.UniformDouble() / 70_000;
            var value = random.Normal();
            sum += value / 70_000;
            squares += (double)value * value / 70_000;
            var normal = random.NormalDouble();
            fineSum += normal / 70_000;
            fineSquares += normal * normal / 70_000;
            beyondThree += Math.Abs(normal) > 3 ? 1 : 0;
        }

        counts.ShouldAllBe(count => Math.Abs(count - 10_000) < 400);
        uniform.ShouldBe(0.5, 0.01);
        fine.ShouldBe(0.5, 0.01);
        sum.ShouldBe(0, 0.02);
        squares.ShouldBe(1, 0.02);
        fineSum.ShouldBe(0, 0.02);
        fineSquares.ShouldBe(1, 0.02);
        beyondThree.ShouldBeInRange(150, 230);
        new RandomStream(1, 2, 3).Next().ShouldNotBe(new RandomStream(1, 3, 2).Next());
        int[] order = [.. Enumerable.Range(0, 100)];
        random.Shuffle(order);
        order.Order().ShouldBe(Enumerable.Range(0, 100));
        order.ShouldNotBe(Enumerable.Range(0, 100));
    }

    /// <summary>Splits, resamples and fits that were reported can be made again only as long as the numbers stay.</summary>
    [Fact]
    public void Next_OfAPlace_IsTheSameInEveryVersion() => new RandomStream(1, 2, 3).Next().ShouldBe(0x4EA6D78887FBA6C6UL);
}
