using System.Buffers;
using System.Runtime.CompilerServices;

namespace Aisle.Learning.Kernels;

/// <summary>Dense matrix product C = A · B in single precision on one thread; callers split the rows of A to use more.</summary>
internal static unsafe class Gemm
{
    /// <summary>Rows of A packed at a time: with the deepest blocks they take 384 KiB of the second-level cache.</summary>
    private const int RowBlock = 192;

    /// <param name="a">rows × depth, row-major, at <paramref name="aStride"/>.</param>
    /// <param name="b">depth × columns.</param>
    /// <param name="c">rows × columns, row-major, no gaps; overwritten.</param>
    public static void Multiply(ReadOnlySpan<float> a, int rows, int aStride, PackedMatrix b, Span<float> c)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(c.Length, checked(rows * b.Columns));
        if (rows == 0 || b.Columns == 0) return;
        if (b.Depth == 0) { c.Clear(); return; }
        ArgumentOutOfRangeException.ThrowIfLessThan(a.Length, ((rows - 1) * aStride) + b.Depth);

        var scratch = ArrayPool<float>.Shared.Rent(Math.Min(RowBlock, rows + Tile.Rows) * Math.Min(PackedMatrix.DepthBlock, b.Depth));
        fixed (float* left = a, packed = scratch, result = c)
        {
            for (var depthStart = 0; depthStart < b.Depth; depthStart += PackedMatrix.DepthBlock)
            {
                for (var rowStart = 0; rowStart < rows; rowStart += RowBlock)
                    MultiplyBlock(left, rows, aStride, b, result, depthStart, rowStart, packed);
            }
        }

        ArrayPool<float>.Shared.Return(scratch);
    }

    /// <summary>C = A · B with both sides row-major and without gaps; packs B first.</summary>
    public static void Multiply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c, int rows, int depth, int columns) =>
        Multiply(a, rows, depth, PackedMatrix.FromRows(b, depth, columns), c);

    /// <summary>Plain twin of <see cref="Multiply(ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float}, int, int, int)"/>, summed in double.</summary>
    public static void MultiplyReference(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c, int rows, int depth, int columns)
    {
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                var sum = 0.0;
                for (var k = 0; k < depth; k++) sum += (double)a[(i * depth) + k] * b[(k * columns) + j];
                c[(i * columns) + j] = (float)sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyBlock(float* a, int rows, int aStride, PackedMatrix b, float* c, int depthStart, int rowStart, float* packed)
    {
        var depth = Math.Min(PackedMatrix.DepthBlock, b.Depth - depthStart);
        var blockRows = Math.Min(RowBlock, rows - rowStart);
        Pack(a + ((nint)rowStart * aStride) + depthStart, blockRows, depth, aStride, packed);
        var edge = stackalloc float[Tile.Rows * Tile.Columns];
        for (var panel = 0; panel < b.Panels; panel++)
        {
            var right = b.Panel(depthStart, panel);
            var width = Math.Min(Tile.Columns, b.Columns - (panel * Tile.Columns));
            for (var row = 0; row < blockRows; row += Tile.Rows)
            {
                var target = c + ((nint)(rowStart + row) * b.Columns) + (panel * Tile.Columns);
                var height = Math.Min(Tile.Rows, blockRows - row);
                var left = packed + ((nint)row * depth);
                if (height == Tile.Rows && width == Tile.Columns)
                {
                    Tile.Multiply(depth, left, Tile.Rows, right, Tile.Columns, target, b.Columns, depthStart > 0);
                    continue;
                }

                Tile.Multiply(depth, left, Tile.Rows, right, Tile.Columns, edge, Tile.Columns, accumulate: false);
                for (var i = 0; i < height; i++)
                {
                    for (var j = 0; j < width; j++)
                    {
                        var value = edge[(i * Tile.Columns) + j];
                        var at = target + ((nint)i * b.Columns) + j;
                        *at = depthStart > 0 ? *at + value : value;
                    }
                }
            }
        }
    }

    /// <summary>Panels of 8 rows, 8 floats per k; rows beyond the last are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(float* a, int rows, int depth, nint stride, float* packed)
    {
        var row = 0;
        for (; row <= rows - Tile.Rows; row += Tile.Rows)
        {
            var source = a + (row * stride);
            for (var k = 0; k < depth; k++, source++, packed += Tile.Rows)
            {
                packed[0] = source[0];
                packed[1] = source[stride];
                packed[2] = source[2 * stride];
                packed[3] = source[3 * stride];
                packed[4] = source[4 * stride];
                packed[5] = source[5 * stride];
                packed[6] = source[6 * stride];
                packed[7] = source[7 * stride];
            }
        }

        if (row == rows) return;
        new Span<float>(packed, Tile.Rows * depth).Clear();
        for (var i = 0; i < rows - row; i++)
        {
            for (var k = 0; k < depth; k++) packed[(k * Tile.Rows) + i] = a[((row + i) * stride) + k];
        }
    }
}
