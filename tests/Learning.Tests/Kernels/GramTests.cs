using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class GramTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 16)]
    [InlineData(100, 40)]
    [InlineData(5_000, 64)]
    [InlineData(70, 100)]
    public void Compute_AnyShape_EqualsReferenceOnEveryThreadCount(int rows, int dimensions)
    {
        var x = Numbers.Factors(rows, dimensions, 5);
        var one = new AlignedFloats((long)x.Stride * x.Stride);
        var three = new AlignedFloats((long)x.Stride * x.Stride);
        Gram.Compute(x, one, 1, default);
        Gram.Compute(x, three, 3, default);
        three.Span.SequenceEqual(one.Span).ShouldBeTrue();

        var expected = Gram.ComputeReference(x);
        for (var i = 0; i < x.Stride; i++)
        {
            for (var j = 0; j < x.Stride; j++)
                ((double)one.Span[(i * x.Stride) + j]).ShouldBe(i < dimensions && j < dimensions ? expected[i, j] : 0, 1e-5 * rows);
        }
    }
}
