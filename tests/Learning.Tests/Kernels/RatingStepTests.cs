using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed unsafe class RatingStepTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(100)]
    public void Move_AnyDimensions_EqualsReference(int dimensions)
    {
        var actual = Numbers.Factors(3, dimensions, 1);
        var expected = Numbers.Factors(3, dimensions, 1);
        RatingStep.Move(0.3f, 0.5f, 0.01f, actual.Row(0), actual.Row(1), actual.Row(2), actual.Stride);
        RatingStep.MoveReference(0.3f, 0.5f, 0.01f, expected.Values(0), expected.Values(1), expected.Values(2));
        Numbers.LargestDifference(actual.All, expected.All).ShouldBeLessThan(1e-6);
    }
}
