using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed unsafe class RidgeRegressionTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(9, 70)]
    [InlineData(33, 130)]
    public void Solve_AnyShape_EqualsReference(int dimensions, int count)
    {
        var rows = Numbers.Factors(count, dimensions, 1);
        var targets = Numbers.Random(count, 2);
        var x = new AlignedFloats(rows.Stride);
        var scratch = new AlignedFloats(RidgeRegression.ScratchLength(rows.Stride));
        RidgeRegression.Solve(2f, rows, [.. Enumerable.Range(0, count)], targets, x.Pointer, scratch.Pointer).ShouldBeTrue();

        var matrix = new double[dimensions, dimensions];
        var right = new double[dimensions];
        for (var k = 0; k < dimensions; k++) matrix[k, k] = 2;
        for (var row = 0; row < count; row++)
        {
            for (var k = 0; k < dimensions; k++)
            {
                right[k] += (double)targets[row] * rows.Values(row)[k];
                for (var l = 0; l < dimensions; l++) matrix[k, l] += (double)rows.Values(row)[k] * rows.Values(row)[l];
            }
        }

        var expected = Cholesky.SolveReference(matrix, right)!;
        for (var k = 0; k < dimensions; k++) ((double)x.Span[k]).ShouldBe(expected[k], 1e-4);
    }
}
