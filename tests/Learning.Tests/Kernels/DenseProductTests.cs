using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class DenseProductTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(8, 16, 32)]
    [InlineData(9, 17, 33)]
    [InlineData(70, 300, 64)]
    [InlineData(131, 5, 100)]
    [InlineData(3, 600, 7)]
    [InlineData(5, 0, 4)]
    public void Products_AnyShape_EqualReference(int rows, int depth, int columns)
    {
        var a = Numbers.Random(rows * depth, 1);
        var b = Numbers.Random(depth * columns, 2);
        foreach (var accumulate in (bool[])[false, true])
        {
            var expected = Numbers.Random(rows * columns, 3);
            DenseProducts.MultiplyReference(a, b, expected, rows, depth, columns, accumulate);
            foreach (var threads in (int[])[1, 3])
            {
                var plain = Numbers.Random(rows * columns, 3);
                DenseProducts.Multiply(a, b, plain, rows, depth, columns, accumulate, threads);
                Numbers.LargestDifference(plain, expected).ShouldBeLessThan(1e-4);

                var right = Numbers.Random(rows * columns, 3);
                DenseProducts.MultiplyTransposed(a, Transposed(b, depth, columns), right, rows, depth, columns, accumulate, threads);
                Numbers.LargestDifference(right, expected).ShouldBeLessThan(1e-4);

                var left = Numbers.Random(rows * columns, 3);
                DenseProducts.TransposedMultiply(Transposed(a, rows, depth), b, left, rows, depth, columns, accumulate, threads);
                Numbers.LargestDifference(left, expected).ShouldBeLessThan(1e-4);
            }
        }
    }

    [Fact]
    public void Products_AnyThreadCount_AreTheSameToTheBit()
    {
        var a = Numbers.Random(333 * 300, 1);
        var b = Numbers.Random(300 * 70, 2);
        var (one, three) = (new float[333 * 70], new float[333 * 70]);
        DenseProducts.Multiply(a, b, one, 333, 300, 70, accumulate: false, threads: 1);
        DenseProducts.Multiply(a, b, three, 333, 300, 70, accumulate: false, threads: 3);
        three.ShouldBe(one);
    }

    private static float[] Transposed(float[] matrix, int rows, int columns)
    {
        var result = new float[matrix.Length];
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++) result[(j * rows) + i] = matrix[(i * columns) + j];
        }

        return result;
    }
}
