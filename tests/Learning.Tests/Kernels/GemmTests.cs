using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class GemmTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(8, 16, 32)]
    [InlineData(7, 5, 31)]
    [InlineData(9, 17, 33)]
    [InlineData(200, 3, 70)]
    [InlineData(13, 400, 100)]
    [InlineData(13, 1030, 40)]
    public void Multiply_AnyShape_EqualsReference(int rows, int depth, int columns)
    {
        var a = Numbers.Random(rows * depth, 1);
        var b = Numbers.Random(depth * columns, 2);
        var actual = new float[rows * columns];
        var expected = new float[rows * columns];
        Array.Fill(actual, float.NaN);
        Gemm.Multiply(a, b, actual, rows, depth, columns);
        Gemm.MultiplyReference(a, b, expected, rows, depth, columns);
        Numbers.LargestDifference(actual, expected).ShouldBeLessThan(1e-5 * depth);
    }

    [Fact]
    public void Multiply_RightSideGivenByColumns_EqualsRightSideGivenByRows()
    {
        const int Depth = 530, Columns = 45, Rows = 10, Stride = 544;
        var b = Numbers.Random(Depth * Columns, 3);
        var byColumn = new float[Columns * Stride];
        for (var column = 0; column < Columns; column++)
        {
            for (var k = 0; k < Depth; k++) byColumn[(column * Stride) + k] = b[(k * Columns) + column];
        }

        var a = Numbers.Random(Rows * Depth, 4);
        var fromRows = new float[Rows * Columns];
        var fromColumns = new float[Rows * Columns];
        Gemm.Multiply(a, Rows, Depth, PackedMatrix.FromRows(b, Depth, Columns), fromRows);
        Gemm.Multiply(a, Rows, Depth, PackedMatrix.FromColumns(byColumn, Depth, Columns, Stride), fromColumns);
        fromColumns.ShouldBe(fromRows);
    }
}
