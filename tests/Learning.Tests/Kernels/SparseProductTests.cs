using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class SparseProductTests
{
    [Theory]
    [InlineData(20)]
    [InlineData(32)]
    [InlineData(70)]
    public void Multiply_ThreeThreads_EqualsReference(int dimensions)
    {
        var sparse = Numbers.Sparse(50, 40, 300);
        var x = Numbers.Factors(40, dimensions, 2);
        var y = new FactorMatrix(50, dimensions);
        SparseProduct.Multiply(sparse, x, y, 3, default);
        var expected = SparseProduct.MultiplyReference(sparse, x);
        for (var row = 0; row < 50; row++)
        {
            for (var k = 0; k < dimensions; k++) ((double)y.Values(row)[k]).ShouldBe(expected[row, k], 1e-4);
        }
    }

    [Fact]
    public void MultiplyVector_SparseRows_EqualsReference()
    {
        var sparse = Numbers.Sparse(50, 40, 300);
        var x = Numbers.Factors(40, 1, 2);
        float[] values = [.. Enumerable.Range(0, 40).Select(row => x.Values(row)[0])];
        var y = new float[50];
        SparseProduct.MultiplyVector(sparse, values, y);
        var expected = SparseProduct.MultiplyReference(sparse, x);
        for (var row = 0; row < 50; row++) ((double)y[row]).ShouldBe(expected[row, 0], 1e-5);
    }
}
