using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class VectorsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(1_000)]
    public void Dot_AnyLength_EqualsReference(int length)
    {
        var a = Numbers.Random(length, 1);
        var b = Numbers.Random(length, 2);
        ((double)Vectors.Dot(a, b)).ShouldBe(Vectors.DotReference(a, b), 1e-5 * Math.Max(1, length));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(1_001)]
    public void AddScaled_AnyLength_EqualsReference(int length)
    {
        var x = Numbers.Random(length, 1);
        var actual = Numbers.Random(length, 2);
        var expected = (float[])actual.Clone();
        Vectors.AddScaled(0.7f, x, actual);
        Vectors.AddScaledReference(0.7f, x, expected);
        Numbers.LargestDifference(actual, expected).ShouldBeLessThan(1e-6);
    }
}
