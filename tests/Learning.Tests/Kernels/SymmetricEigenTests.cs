using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class SymmetricEigenTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(40)]
    public void Decompose_AnyMatrix_GivesOrthonormalVectorsThatRebuildIt(int n)
    {
        var random = Numbers.Random(n * n, n);
        var matrix = new double[n * n];
        for (var i = 0; i < n * n; i++) matrix[i] = random[i] + random[(i % n * n) + (i / n)];
        Rebuild(matrix, n);

        // Rank one: all but one eigenvalue coincide at zero.
        for (var i = 0; i < n * n; i++) matrix[i] = random[i / n] * (double)random[i % n];
        Rebuild(matrix, n);
        Rebuild(new double[n * n], n);
    }

    private static void Rebuild(double[] matrix, int n)
    {
        var vectors = (double[])matrix.Clone();
        var values = SymmetricEigen.Decompose(vectors, n);
        values.ShouldBe(values.OrderDescending());
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++)
            {
                var (sum, dot) = (0.0, 0.0);
                for (var k = 0; k < n; k++)
                {
                    sum += values[k] * vectors[(k * n) + i] * vectors[(k * n) + j];
                    dot += vectors[(i * n) + k] * vectors[(j * n) + k];
                }

                sum.ShouldBe(matrix[(i * n) + j], 1e-10);
                dot.ShouldBe(i == j ? 1 : 0, 1e-10);
            }
        }
    }
}
