using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed unsafe class CholeskyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(100)]
    public void Solve_PositiveDefinite_EqualsReference(int dimensions)
    {
        var x = Numbers.Factors(3 * dimensions, dimensions, 6);
        var gram = new AlignedFloats((long)x.Stride * x.Stride);
        Gram.Compute(x, gram, 1, default);
        var matrix = Gram.ComputeReference(x);
        for (var i = 0; i < dimensions; i++)
        {
            matrix[i, i] += 1;
            gram.Span[(i * x.Stride) + i] += 1;
        }

        var right = Numbers.Random(dimensions, 7);
        var expected = Cholesky.SolveReference(matrix, Array.ConvertAll(right, value => (double)value))!;
        fixed (float* solution = right)
        {
            Cholesky.Factor(gram.Pointer, dimensions, x.Stride).ShouldBeTrue();
            Cholesky.Solve(gram.Pointer, dimensions, x.Stride, solution);
        }

        for (var i = 0; i < dimensions; i++) ((double)right[i]).ShouldBe(expected[i], 1e-3);
    }

    [Fact]
    public void Factor_NotPositiveDefinite_SaysSo()
    {
        var matrix = new AlignedFloats(32 * 32);
        matrix.Span[0] = 1;
        matrix.Span[33] = -1;
        Cholesky.Factor(matrix.Pointer, 2, 32).ShouldBeFalse();
        matrix.Span[33] = float.NaN;
        Cholesky.Factor(matrix.Pointer, 2, 32).ShouldBeFalse();
        Cholesky.SolveReference(new double[,] { { 1, 0 }, { 0, -1 } }, [1, 1]).ShouldBeNull();
    }
}
