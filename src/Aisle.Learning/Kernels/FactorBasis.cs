namespace Aisle.Learning.Kernels;

/// <summary>
/// Turns two factor matrices together so that YᵀY of the first becomes diagonal. Dot products between them stay as they are, and what
/// least squares against the first take from all of its rows becomes one number per dimension.
/// </summary>
internal static class FactorBasis
{
    private const int RowBlock = 192;

    /// <param name="rows">Y; turned in place.</param>
    /// <param name="others">Turned along; the same number of columns.</param>
    /// <param name="dimensions">How many leading columns take part; the others stay.</param>
    /// <returns>The diagonal of YᵀY, largest first: stride numbers, zero in the columns that take no part.</returns>
    public static AlignedFloats Align(FactorMatrix rows, FactorMatrix others, int dimensions, int threads, CancellationToken cancellation)
    {
        var gram = new AlignedFloats((long)rows.Stride * rows.Stride);
        Gram.Compute(rows, gram, threads, cancellation);
        var matrix = new double[dimensions * dimensions];
        for (var i = 0; i < dimensions; i++)
        {
            for (var j = 0; j < dimensions; j++) matrix[(i * dimensions) + j] = gram.Span[(i * rows.Stride) + j];
        }

        var values = SymmetricEigen.Decompose(matrix, dimensions);
        var turn = PackedMatrix.FromColumns(Array.ConvertAll(matrix, value => (float)value), dimensions, dimensions, dimensions);
        Turn(rows, turn, threads, cancellation);
        Turn(others, turn, threads, cancellation);
        var diagonal = new AlignedFloats(rows.Stride);
        for (var i = 0; i < dimensions; i++) diagonal.Span[i] = Math.Max(0f, (float)values[i]);
        return diagonal;
    }

    private static void Turn(FactorMatrix rows, PackedMatrix turn, int threads, CancellationToken cancellation)
    {
        var turned = new float[threads][];
        ParallelRows.Run(
            threads,
            rows.Rows,
            RowBlock,
            (worker, first, end) =>
            {
                var scratch = (turned[worker] ??= new float[RowBlock * turn.Columns]).AsSpan(0, (end - first) * turn.Columns);
                Gemm.Multiply(rows.All[(first * rows.Stride)..], end - first, rows.Stride, turn, scratch);
                for (var row = first; row < end; row++) scratch.Slice((row - first) * turn.Columns, turn.Columns).CopyTo(rows.Values(row));
            },
            cancellation);
    }
}
