using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class FactorBasisTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(40, 40)]
    [InlineData(70, 69)]
    public void Align_AnyFactors_KeepsDotProductsAndMakesTheGramDiagonal(int width, int dimensions)
    {
        var (x, y) = (Numbers.Factors(300, width, 14), Numbers.Factors(20, width, 15));
        var before = Vectors.Dot(x.Values(17), y.Values(5));
        var last = x.Values(17)[^1];
        var diagonal = FactorBasis.Align(x, y, dimensions, 2, default);
        Vectors.Dot(x.Values(17), y.Values(5)).ShouldBe(before, 1e-4);
        if (dimensions < width) x.Values(17)[^1].ShouldBe(last);

        var gram = Gram.ComputeReference(x);
        for (var i = 0; i < dimensions; i++)
        {
            for (var j = 0; j < dimensions; j++) gram[i, j].ShouldBe(i == j ? diagonal.Span[i] : 0, 1e-3);
            if (i > 0) diagonal.Span[i].ShouldBeLessThanOrEqualTo(diagonal.Span[i - 1]);
        }

        diagonal.Span[dimensions..].ToArray().ShouldAllBe(value => value == 0f);
    }
}
