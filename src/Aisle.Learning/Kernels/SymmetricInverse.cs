using System.Runtime.CompilerServices;

namespace Aisle.Learning.Kernels;

/// <summary>
/// The inverse of a large symmetric positive definite matrix, in place and within one n × n buffer: a block sweep (Gauss–Jordan) of the
/// lower triangle. For each block K of rows, with D = A_KK and W the rest of its columns,
///     A ← A − W D⁻¹ Wᵀ,   A_*K ← W D⁻¹,   A_KK ← −D⁻¹
/// and after the last block A holds −A⁻¹. The n³ operations are those of Cholesky factor and inverse together, but nearly all of them
/// are one kind of product, whose tiles are independent of each other: no thread waits for another within a block, and the result does not
/// depend on their number.
/// </summary>
internal static unsafe class SymmetricInverse
{
    /// <summary>Rows of the left side that a thread takes at a time: they stay in the second-level cache while the right side streams by.</summary>
    private const int RowBlock = 192;

    /// <summary>The size that <see cref="Negate"/> works on: the next multiple of the tile's width.</summary>
    public static int Padded(int n) => (n + Tile.Columns - 1) / Tile.Columns * Tile.Columns;

    /// <summary>Wider blocks pass over the matrix less often, and cost n²·width more.</summary>
    public static int BlockWidth(int n) => n < 2_048 ? 64 : n < 8_192 ? 128 : n < 24_576 ? 256 : 512;

    /// <summary>Blocks of <see cref="Negate"/>, for progress.</summary>
    public static int Blocks(int n) => (Padded(n) + BlockWidth(n) - 1) / BlockWidth(n);

    /// <summary>Floats that are needed beside the matrix.</summary>
    public static long ScratchLength(int n) => 2L * Padded(n) * BlockWidth(n);

    /// <summary>Replaces the lower triangle of A by that of −A⁻¹. What lies above the diagonal is undefined afterwards.</summary>
    /// <param name="matrix">Row-major, stride and rows <see cref="Padded"/>; what is beyond n must be the identity.</param>
    /// <param name="report">Told after each block, 1-based.</param>
    /// <returns>False where A is not positive definite within single precision; the matrix is then spoilt.</returns>
    public static bool Negate(float* matrix, int n, int threads, Action<int> report, CancellationToken cancellation)
    {
        var size = Padded(n);
        var width = BlockWidth(n);
        var left = new AlignedFloats((long)size * width, cleared: false);
        var right = new AlignedFloats((long)size * width, cleared: false);
        for (int start = 0, block = 1; start < size; start += width, block++)
        {
            var step = new Step(matrix, size, start, Math.Min(width, size - start), left.Pointer, right.Pointer);
            var pivot = step.InvertedPivot();
            if (pivot is null) return false;
            var packed = PackedMatrix.FromRows(pivot, step.Width, step.Width);
            ParallelRows.Run(threads, size, RowBlock, (_, first, end) => step.Pack(first, end, packed), cancellation);

            // The longest rows first, so that no thread is left alone with them at the end.
            var blocks = (size + RowBlock - 1) / RowBlock;
            ParallelRows.Run(threads, blocks, 1, (_, first, end) =>
            {
                for (var at = first; at < end; at++) step.Update((blocks - 1 - at) * RowBlock, Math.Min(size, (blocks - at) * RowBlock));
            }, cancellation);
            step.StorePivotRows(pivot);
            report(block);
        }

        GC.KeepAlive(left);
        GC.KeepAlive(right);
        return true;
    }

    /// <summary>
    /// Fills the upper triangle from the lower one and multiplies each column by its scale, where scales are given; the diagonal becomes zero.
    /// </summary>
    public static void MirrorScaled(float* matrix, int n, float[]? columnScales, int threads, CancellationToken cancellation)
    {
        // Squares of 64 × 64: both a square and its mirror image stay in the first-level cache.
        const int Square = 64;
        var size = (nint)Padded(n);
        var squares = (n + Square - 1) / Square;
        ParallelRows.Run(threads, squares, 1, (_, first, end) =>
        {
            for (var at = first; at < end; at++)
            {
                var block = squares - 1 - at;
                for (var other = 0; other <= block; other++)
                {
                    for (var i = block * Square; i < Math.Min(n, (block + 1) * Square); i++)
                    {
                        var ownScale = columnScales is null ? 1f : columnScales[i];
                        for (var j = other * Square; j < Math.Min(i, (other + 1) * Square); j++)
                        {
                            var value = matrix[(i * size) + j];
                            matrix[(i * size) + j] = columnScales is null ? value : value * columnScales[j];
                            matrix[(j * size) + i] = value * ownScale;
                        }
                    }
                }
            }
        }, cancellation);
        for (var i = 0; i < n; i++) matrix[(i * size) + i] = 0f;
    }

    /// <summary>Plain twin of <see cref="Negate"/> on a full matrix, in double.</summary>
    public static double[,] NegateReference(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var a = (double[,])matrix.Clone();
        for (var k = 0; k < n; k++)
        {
            var pivot = a[k, k];
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++)
                {
                    if (i != k && j != k) a[i, j] -= a[i, k] * a[k, j] / pivot;
                }
            }

            for (var i = 0; i < n; i++)
            {
                if (i == k) continue;
                a[i, k] /= pivot;
                a[k, i] /= pivot;
            }

            a[k, k] = -1 / pivot;
        }

        return a;
    }

    /// <summary>One block K of the sweep: rows <paramref name="start"/> to start + width.</summary>
    /// <param name="left">Receives −W D⁻¹ in panels of 8 rows.</param>
    /// <param name="right">Receives Wᵀ in panels of 32 columns.</param>
    private sealed class Step(float* matrix, int size, int start, int width, float* left, float* right)
    {
        public int Width => width;

        private int End => start + width;

        /// <summary>D⁻¹ in double, rounded; null where D is not positive definite.</summary>
        public float[]? InvertedPivot()
        {
            var d = new double[width * width];
            for (var i = 0; i < width; i++)
            {
                for (var j = 0; j <= i; j++) d[(i * width) + j] = d[(j * width) + i] = matrix[((nint)(start + i) * size) + start + j];
            }

            for (var k = 0; k < width; k++)
            {
                var pivot = d[(k * width) + k];
                if (!(pivot > 0) || !double.IsFinite(pivot)) return null;
                var row = d.AsSpan(k * width, width);
                for (var i = 0; i < width; i++)
                {
                    if (i == k) continue;
                    var share = d[(i * width) + k] / pivot;
                    if (share == 0) continue;
                    d[(i * width) + k] = 0;
                    SymmetricEigen.AddScaled(-share, row, d.AsSpan(i * width, width));
                    d[(i * width) + k] = -share;
                }

                foreach (ref var value in row) value /= pivot;
                row[k] = 1 / pivot;
            }

            return Array.ConvertAll(d, value => (float)value);
        }

        /// <summary>Gathers rows of W, multiplies them by D⁻¹ and lays both out for the tile.</summary>
        public void Pack(int first, int end, PackedMatrix inverse)
        {
            var gathered = new float[(end - first) * width];
            var product = new float[(end - first) * width];
            for (var i = first; i < end; i++)
            {
                var row = gathered.AsSpan((i - first) * width, width);
                if (i >= this.End) new ReadOnlySpan<float>(matrix + ((nint)i * size) + start, width).CopyTo(row);
            }

            // Rows above the block stand in the block's own rows, transposed.
            var above = Math.Min(end, start);
            for (var k = 0; k < width; k++)
            {
                var source = matrix + ((nint)(start + k) * size);
                for (var i = first; i < above; i++) gathered[((i - first) * width) + k] = source[i];
            }

            Gemm.Multiply(gathered, end - first, width, inverse, product);
            for (var i = first; i < end; i++)
            {
                var toLeft = left + ((nint)(i / Tile.Rows) * width * Tile.Rows) + (i % Tile.Rows);
                var toRight = right + ((nint)(i / Tile.Columns) * width * Tile.Columns) + (i % Tile.Columns);
                var row = (i - first) * width;
                for (var k = 0; k < width; k++, toLeft += Tile.Rows, toRight += Tile.Columns)
                {
                    *toLeft = -product[row + k];
                    *toRight = gathered[row + k];
                }
            }
        }

        /// <summary>Takes W D⁻¹ Wᵀ from some rows of the triangle, and puts W D⁻¹ where those below the block held W.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Update(int first, int end)
        {
            for (var column = 0; column < end; column += Tile.Columns)
            {
                if (column >= start && column < this.End) continue;
                var panel = right + ((nint)column * width);
                for (var row = Math.Max(first, column); row < end; row += Tile.Rows)
                {
                    if (row >= start && row < this.End) continue;
                    Tile.Multiply(width, left + ((nint)row * width), Tile.Rows, panel, Tile.Columns, matrix + ((nint)row * size) + column, size, accumulate: true);
                }
            }

            for (var row = Math.Max(first, this.End); row < end; row++)
            {
                var source = left + ((nint)(row / Tile.Rows) * width * Tile.Rows) + (row % Tile.Rows);
                var target = matrix + ((nint)row * size) + start;
                for (var k = 0; k < width; k++) target[k] = -source[(nint)k * Tile.Rows];
            }
        }

        /// <summary>Puts (W D⁻¹)ᵀ and −D⁻¹ into the block's own rows.</summary>
        public void StorePivotRows(float[] inverse)
        {
            for (var k = 0; k < width; k++)
            {
                var row = matrix + ((nint)(start + k) * size);
                for (var i = 0; i < start; i++) row[i] = -left[((nint)(i / Tile.Rows) * width * Tile.Rows) + ((nint)k * Tile.Rows) + (i % Tile.Rows)];
                for (var j = 0; j < width; j++) row[start + j] = -inverse[(k * width) + j];
            }
        }
    }
}
