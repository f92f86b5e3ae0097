using Aisle.Learning.Data;

namespace Aisle.Learning.Kernels;

/// <summary>
/// The largest singular values of a sparse matrix with their right singular vectors, by randomised subspace iteration
/// (Halko, Martinsson, Tropp: Finding structure with randomness, SIAM Review 2011) and a Rayleigh–Ritz step.
/// </summary>
internal sealed class TopSingularVectors
{
    /// <summary>A direction that keeps less than this part of its length when the earlier ones are taken from it carries rounding noise only.</summary>
    private const double SmallestPivot = 1e-6;

    private TopSingularVectors(FactorMatrix vectors, float[] squares)
    {
        this.Vectors = vectors;
        this.Squares = squares;
    }

    /// <summary>Columns of the matrix × count: column k is the k-th right singular vector.</summary>
    public FactorMatrix Vectors { get; }

    /// <summary>Squared singular values, largest first; 0 for those beyond the rank, whose vectors are zero.</summary>
    public float[] Squares { get; }

    /// <param name="matrix">Rows × columns.</param>
    /// <param name="transposed">The same, transposed.</param>
    /// <param name="rounds">Multiplications with AᵀA; each brings the vectors nearer to the true ones.</param>
    /// <param name="report">Told after each round, 1-based.</param>
    public static TopSingularVectors Compute(
        Interactions matrix, Interactions transposed, int count, int rounds, int seed, int threads, Action<int> report, CancellationToken cancellation)
    {
        // Some more directions than asked for, so that those asked for settle sooner.
        var dimensions = Math.Min(matrix.Items, count + Math.Max(16, count / 8));
        var basis = new FactorMatrix(matrix.Items, dimensions);
        var image = new FactorMatrix(matrix.Users, dimensions);
        var product = new FactorMatrix(matrix.Items, dimensions);
        Start(basis, transposed, seed);
        for (var round = 1; round <= rounds; round++)
        {
            SparseProduct.Multiply(matrix, basis, image, threads, cancellation);
            SparseProduct.Multiply(transposed, image, product, threads, cancellation);
            Rotate(product, OrthonormalColumns(product, threads, cancellation), dimensions, basis, threads, cancellation);
            report(round);
        }

        // The eigenvectors of (AQ)ᵀ(AQ) turn the basis into the best approximation within its span.
        SparseProduct.Multiply(matrix, basis, image, threads, cancellation);
        var gram = GramOf(image, threads, cancellation);
        var values = SymmetricEigen.Decompose(gram, dimensions);
        var vectors = new FactorMatrix(matrix.Items, Math.Min(count, dimensions));
        var rank = values.TakeWhile(value => value > SmallestPivot * values[0]).Count();
        var rotation = new double[dimensions * vectors.Dimensions];
        for (var k = 0; k < vectors.Dimensions; k++)
        {
            for (var i = 0; i < dimensions; i++) rotation[(i * vectors.Dimensions) + k] = k < rank ? gram[(k * dimensions) + i] : 0;
        }

        Rotate(basis, rotation, vectors.Dimensions, vectors, threads, cancellation);
        return new TopSingularVectors(vectors, [.. values.Take(vectors.Dimensions).Select((value, k) => k < rank ? (float)value : 0f)]);
    }

    /// <summary>Random numbers for columns of the matrix that are not empty.</summary>
    private static void Start(FactorMatrix basis, Interactions transposed, int seed)
    {
        var random = new RandomStream(seed);
        for (var row = 0; row < basis.Rows; row++)
        {
            if (transposed.CountOf(row) == 0) continue;
            foreach (ref var value in basis.Values(row)) value = random.Normal();
        }
    }

    private static double[] GramOf(FactorMatrix x, int threads, CancellationToken cancellation)
    {
        var gram = new AlignedFloats((long)x.Stride * x.Stride);
        Gram.Compute(x, gram, threads, cancellation);
        var dense = new double[x.Dimensions * x.Dimensions];
        for (var i = 0; i < x.Dimensions; i++)
        {
            for (var j = 0; j < x.Dimensions; j++) dense[(i * x.Dimensions) + j] = gram.Span[(i * x.Stride) + j];
        }

        return dense;
    }

    /// <summary>
    /// R with (XR)ᵀ(XR) = I: the inverse of U in XᵀX = UᵀU (Cholesky QR). A column that depends on those before it gets a zero column in R.
    /// </summary>
    private static double[] OrthonormalColumns(FactorMatrix x, int threads, CancellationToken cancellation)
    {
        var n = x.Dimensions;
        var gram = GramOf(x, threads, cancellation);
        var inverse = new double[n * n];
        for (var k = 0; k < n; k++)
        {
            // Row k of U from what the earlier rows have left in the matrix; the same steps on the identity give U⁻ᵀ, row by row.
            var row = gram.AsSpan(k * n, n);
            var own = inverse.AsSpan(k * n, n);
            own[k] = 1;
            var before = row[k];
            for (var earlier = 0; earlier < k; earlier++)
            {
                var factor = gram[(earlier * n) + k];
                if (factor == 0) continue;
                SymmetricEigen.AddScaled(-factor, gram.AsSpan((earlier * n) + k, n - k), row[k..]);
                SymmetricEigen.AddScaled(-factor, inverse.AsSpan(earlier * n, k), own[..k]);
            }

            var scale = row[k] > SmallestPivot * before && before > 0 ? 1 / Math.Sqrt(row[k]) : 0;
            foreach (ref var value in row[k..]) value *= scale;
            foreach (ref var value in own[..(k + 1)]) value *= scale;
        }

        var right = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j < n; j++) right[(i * n) + j] = inverse[(j * n) + i];
        }

        return right;
    }

    /// <summary>Y = X · R; R is row-major, X.Dimensions × columns.</summary>
    private static unsafe void Rotate(FactorMatrix x, double[] right, int columns, FactorMatrix y, int threads, CancellationToken cancellation)
    {
        const int Rows = 256;
        var packed = PackedMatrix.FromRows(Array.ConvertAll(right, value => (float)value), x.Dimensions, columns);
        var rooms = new float[threads][];
        ParallelRows.Run(
            threads,
            x.Rows,
            Rows,
            (worker, first, end) =>
            {
                var room = rooms[worker] ??= new float[Rows * columns];
                var result = room.AsSpan(0, (end - first) * columns);
                Gemm.Multiply(x.All.Slice(first * x.Stride, (end - first) * x.Stride), end - first, x.Stride, packed, result);
                for (var row = first; row < end; row++) result.Slice((row - first) * columns, columns).CopyTo(y.Values(row));
            },
            cancellation);
    }
}
