namespace Aisle.Learning.Kernels;

/// <summary>XᵀX of a tall matrix.</summary>
internal static unsafe class Gram
{
    private const int SmallestBlock = 2048;

    /// <summary>Partial sums held: 64 MiB of them at most, 64 of them at most.</summary>
    private const int PartialFloats = 1 << 24;
    private const int MostBlocks = 64;

    /// <summary>G = XᵀX, stride × stride; what belongs to padding is zero.</summary>
    public static void Compute(FactorMatrix x, AlignedFloats gram, int threads, CancellationToken cancellation)
    {
        var stride = x.Stride;
        var size = stride * stride;

        // The division into blocks depends on the shape alone and partial sums are added in row order, so the threads do not change the result.
        var most = Math.Clamp(PartialFloats / size, 1, MostBlocks);
        var blockRows = Math.Max(SmallestBlock, (x.Rows + most - 1) / most);
        var blocks = Math.Max(1, (x.Rows + blockRows - 1) / blockRows);
        var partial = new AlignedFloats((long)blocks * size);
        ParallelRows.Run(threads, blocks, 1, (_, first, end) =>
        {
            for (var block = first; block < end; block++)
            {
                var start = block * blockRows;
                Add(x.Row(start), Math.Min(blockRows, x.Rows - start), stride, x.Row(start), partial.Pointer + ((nint)block * size));
            }
        }, cancellation);

        gram.Span.Clear();
        for (var block = 0; block < blocks; block++) Vectors.AddScaled(1f, partial.Span.Slice(block * size, size), gram.Span);
        Mirror(gram.Pointer, stride);
        GC.KeepAlive(x);
    }

    /// <summary>
    /// Adds Lᵀ·R to the upper triangle of G, where L and R are rows × stride and Lᵀ·R is symmetric (R = X; L = X or X with its rows scaled).
    /// What lies below the diagonal is undefined afterwards.
    /// </summary>
    public static void Add(float* left, int rows, int stride, float* right, float* gram)
    {
        var shifted = stackalloc float[Tile.Rows * Tile.Columns];
        for (var column = 0; column < stride; column += Tile.Columns)
        {
            // A stride that is an odd multiple of 16 ends in half a tile: the tile is moved left by the half that has been summed already.
            var overlap = Math.Max(0, column + Tile.Columns - stride);
            var from = right + column - overlap;
            for (var row = 0; row < column + Tile.Columns - overlap; row += Tile.Rows)
            {
                var target = gram + ((nint)row * stride) + column;
                if (overlap == 0)
                {
                    Tile.Multiply(rows, left + row, stride, from, stride, target, stride, accumulate: true);
                    continue;
                }

                Tile.Multiply(rows, left + row, stride, from, stride, shifted, Tile.Columns, accumulate: false);
                for (var i = 0; i < Tile.Rows; i++)
                {
                    for (var j = overlap; j < Tile.Columns; j++) target[(i * stride) + j - overlap] += shifted[(i * Tile.Columns) + j];
                }
            }
        }
    }

    /// <summary>Copies the lower triangle above the diagonal.</summary>
    public static void MirrorLower(float* gram, int dimensions, int stride)
    {
        for (var i = 1; i < dimensions; i++)
        {
            for (var j = 0; j < i; j++) gram[((nint)j * stride) + i] = gram[((nint)i * stride) + j];
        }
    }

    /// <summary>Copies the upper triangle below the diagonal.</summary>
    public static void Mirror(float* gram, int stride)
    {
        for (var i = 1; i < stride; i++)
        {
            for (var j = 0; j < i; j++) gram[((nint)i * stride) + j] = gram[((nint)j * stride) + i];
        }
    }

    /// <summary>Plain twin of <see cref="Compute"/>, summed in double; dimensions × dimensions.</summary>
    public static double[,] ComputeReference(FactorMatrix x)
    {
        var gram = new double[x.Dimensions, x.Dimensions];
        for (var row = 0; row < x.Rows; row++)
        {
            var values = x.Values(row);
            for (var i = 0; i < values.Length; i++)
            {
                for (var j = 0; j < values.Length; j++) gram[i, j] += (double)values[i] * values[j];
            }
        }

        return gram;
    }
}
