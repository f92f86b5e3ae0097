using System.Runtime.CompilerServices;

namespace Aisle.Learning.Kernels;

/// <summary>
/// The three products that a layer and its gradients are made of, on row-major matrices without gaps, by several threads. Every number is
/// summed in the same order whatever the thread count. <see cref="Gemm"/> is for one wide matrix asked many times; these are for tall ones.
/// </summary>
internal static unsafe class DenseProducts
{
    /// <summary>Of B, so that a panel of it (32 columns) stays in the first-level cache and the rows of A in the second.</summary>
    private const int DepthBlock = 256;

    /// <summary>Most rows of A that meet a panel of B while it is in the cache.</summary>
    private const int RowBlock = 64;

    /// <summary>C (rows × columns) = or += A (rows × depth) · B (depth × columns).</summary>
    public static void Multiply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c, int rows, int depth, int columns, bool accumulate, int threads)
    {
        Check(a, b, c, rows, depth, columns);
        if (rows == 0 || columns == 0) return;
        if (columns is Tile.Columns or 2 * Tile.Columns)
        {
            fixed (float* left = a, right = b, result = c) Run((nint)left, (nint)right, Tile.Columns, columns, (nint)result, rows, depth, columns, accumulate, threads);
            return;
        }

        using var packed = PackedRight.Of(b, depth, columns, isTransposed: false);
        Multiply(a, packed, c, rows, accumulate, threads);
    }

    /// <summary>As <see cref="Multiply(ReadOnlySpan{float}, ReadOnlySpan{float}, Span{float}, int, int, int, bool, int)"/> with a B that was laid out before.</summary>
    public static void Multiply(ReadOnlySpan<float> a, PackedRight b, Span<float> c, int rows, bool accumulate, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(a.Length, checked(rows * b.Depth));
        ArgumentOutOfRangeException.ThrowIfNotEqual(c.Length, checked(rows * b.Columns));
        if (rows == 0 || b.Columns == 0) return;
        fixed (float* left = a, result = c) Run((nint)left, (nint)b.Panels, b.Depth * Tile.Columns, Tile.Columns, (nint)result, rows, b.Depth, b.Columns, accumulate, threads);
    }

    /// <summary>C (rows × columns) = or += A (rows × depth) · B on this thread alone, with the panels of a <see cref="PackedRight"/>: for work that is shared out already.</summary>
    public static void Multiply(float* a, float* panels, float* c, int rows, int depth, int columns, bool accumulate) =>
        RowsOf(a, panels, (nint)depth * Tile.Columns, Tile.Columns, c, 0, rows, depth, columns, accumulate);

    /// <summary>C (rows × columns) = or += A (rows × depth) · Bᵀ, where B is columns × depth.</summary>
    public static void MultiplyTransposed(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c, int rows, int depth, int columns, bool accumulate, int threads)
    {
        Check(a, b, c, rows, depth, columns);
        if (rows == 0 || columns == 0) return;
        using var packed = PackedRight.Of(b, depth, columns, isTransposed: true);
        Multiply(a, packed, c, rows, accumulate, threads);
    }

    /// <summary>C (rows × columns) = or += Aᵀ · B, where A is depth × rows and B depth × columns.</summary>
    public static void TransposedMultiply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c, int rows, int depth, int columns, bool accumulate, int threads)
    {
        Check(a, b, c, rows, depth, columns);
        if (rows == 0 || columns == 0) return;
        fixed (float* left = a, right = b, result = c)
        {
            nint leftAt = (nint)left, rightAt = (nint)right, resultAt = (nint)result;
            ParallelRows.Run(
                threads,
                (rows + Tile.Rows - 1) / Tile.Rows,
                grain: Math.Max(1, 1024 / Math.Max(columns, 1)),
                (_, first, end) => TransposedBlock((float*)leftAt, (float*)rightAt, (float*)resultAt, rows, depth, columns, first * Tile.Rows, Math.Min(rows, end * Tile.Rows), accumulate),
                CancellationToken.None);
        }
    }

    /// <summary>Plain twin of the first product, summed in double.</summary>
    public static void MultiplyReference(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c, int rows, int depth, int columns, bool accumulate)
    {
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                var sum = accumulate ? (double)c[(i * columns) + j] : 0.0;
                for (var k = 0; k < depth; k++) sum += (double)a[(i * depth) + k] * b[(k * columns) + j];
                c[(i * columns) + j] = (float)sum;
            }
        }
    }

    /// <param name="panelStep">From one panel of B to the next.</param>
    /// <param name="bStep">From one row of a panel to the next.</param>
    private static void Run(nint a, nint b, nint panelStep, nint bStep, nint c, int rows, int depth, int columns, bool accumulate, int threads) =>
        ParallelRows.Run(
            threads,
            rows,
            Math.Clamp((rows / (2 * threads) + Tile.Rows - 1) / Tile.Rows * Tile.Rows, Tile.Rows, RowBlock),
            (_, first, end) => RowsOf((float*)a, (float*)b, panelStep, bStep, (float*)c, first, end, depth, columns, accumulate),
            CancellationToken.None);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RowsOf(float* a, float* b, nint panelStep, nint bStep, float* c, int first, int end, int depth, int columns, bool accumulate)
    {
        for (var depthStart = 0; depthStart < depth || depthStart == 0; depthStart += DepthBlock)
        {
            var block = Math.Min(DepthBlock, depth - depthStart);
            var adds = accumulate || depthStart > 0;
            for (int column = 0, panel = 0; column < columns; column += Tile.Columns, panel++)
            {
                var right = b + (panel * panelStep) + (depthStart * bStep);
                var width = Math.Min(Tile.Columns, columns - column);
                for (var row = first; row < end; row += Tile.Rows)
                {
                    var left = a + ((nint)row * depth) + depthStart;
                    var target = c + ((nint)row * columns) + column;
                    var height = Math.Min(Tile.Rows, end - row);
                    if (height == Tile.Rows && width == Tile.Columns) RowTile.Multiply(block, left, depth, right, bStep, target, columns, adds);
                    else RowTile.MultiplyEdge(block, left, depth, right, bStep, target, columns, height, width, adds);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposedBlock(float* a, float* b, float* c, int rows, int depth, int columns, int first, int end, bool accumulate)
    {
        var leftEdge = stackalloc float[DepthBlock * Tile.Rows];
        using var rightEdge = new ScratchFloats(columns % Tile.Columns == 0 ? 0 : DepthBlock * Tile.Columns);
        for (var depthStart = 0; depthStart < depth || depthStart == 0; depthStart += DepthBlock)
        {
            var block = Math.Min(DepthBlock, depth - depthStart);
            var adds = accumulate || depthStart > 0;
            var rowsOfA = a + ((nint)depthStart * rows);
            var rowsOfB = b + ((nint)depthStart * columns);
            for (var column = 0; column < columns; column += Tile.Columns)
            {
                var width = Math.Min(Tile.Columns, columns - column);
                var right = rowsOfB + column;
                nint rightStep = columns;
                if (width < Tile.Columns)
                {
                    PackedRight.Pack(right, rightEdge.Pointer, block, width, columns, isTransposed: false);
                    right = rightEdge.Pointer;
                    rightStep = Tile.Columns;
                }

                for (var row = first; row < end; row += Tile.Rows)
                {
                    var height = Math.Min(Tile.Rows, end - row);
                    var target = c + ((nint)row * columns) + column;
                    var left = rowsOfA + row;
                    nint leftStep = rows;
                    if (height < Tile.Rows)
                    {
                        CopyEdge(left, rows, leftEdge, block, height);
                        left = leftEdge;
                        leftStep = Tile.Rows;
                    }

                    if (height == Tile.Rows && width == Tile.Columns) Tile.Multiply(block, left, leftStep, right, rightStep, target, columns, adds);
                    else MultiplyEdge(block, left, leftStep, right, rightStep, target, columns, height, width, adds);
                }
            }
        }
    }

    private static void MultiplyEdge(int depth, float* a, nint aStep, float* b, nint bStep, float* c, nint cStep, int rows, int columns, bool accumulate)
    {
        var edge = stackalloc float[Tile.Rows * Tile.Columns];
        Tile.Multiply(depth, a, aStep, b, bStep, edge, Tile.Columns, accumulate: false);
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                var at = c + (i * cStep) + j;
                *at = accumulate ? *at + edge[(i * Tile.Columns) + j] : edge[(i * Tile.Columns) + j];
            }
        }
    }

    /// <summary>The first columns of A's last rows of eight, filled up with zeros.</summary>
    private static void CopyEdge(float* a, nint stride, float* target, int depth, int width)
    {
        for (nint k = 0; k < depth; k++)
        {
            for (var i = 0; i < Tile.Rows; i++) target[(k * Tile.Rows) + i] = i < width ? a[(k * stride) + i] : 0f;
        }
    }

    private static void Check(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> c, int rows, int depth, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(a.Length, checked(rows * depth));
        ArgumentOutOfRangeException.ThrowIfNotEqual(b.Length, checked(depth * columns));
        ArgumentOutOfRangeException.ThrowIfNotEqual(c.Length, checked(rows * columns));
    }
}
