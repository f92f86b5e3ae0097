namespace Aisle.Learning.Kernels;

/// <summary>
/// The exact solution of (λI + Σᵢ yᵢyᵢᵀ) x = Σᵢ tᵢ yᵢ: forms the matrix and factors it, for n·d² + d³/3 operations. Where unobserved
/// cells count too, <see cref="NormalEquations"/> solve the system.
/// </summary>
internal static unsafe class RidgeRegression
{
    /// <summary>Rows gathered at a time: a block of 64 × 64 floats and the matrix stay in the second-level cache.</summary>
    private const int RowBlock = 64;

    /// <summary>Floats of scratch that forming and factoring the matrix needs.</summary>
    public static long ScratchLength(int stride) => ((long)stride * stride) + ((long)RowBlock * stride);

    /// <param name="ridge">λ, above 0.</param>
    /// <param name="rows">The matrix that holds the rows yᵢ.</param>
    /// <param name="indices">Which rows.</param>
    /// <param name="targets">tᵢ, beside <paramref name="indices"/>.</param>
    /// <param name="x">Receives the solution: stride floats.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats, on a cache line.</param>
    /// <returns>False where the matrix is not positive definite: λ is too small for single precision.</returns>
    public static bool Solve(float ridge, FactorMatrix rows, ReadOnlySpan<int> indices, ReadOnlySpan<float> targets, float* x, float* scratch)
    {
        if (!Factor(ridge, rows, indices, scratch)) return false;
        var right = new Span<float>(x, rows.Stride);
        right.Clear();
        for (var i = 0; i < indices.Length; i++) Vectors.AddScaled(targets[i], rows.PaddedValues(indices[i]), right);
        Cholesky.Solve(scratch, rows.Dimensions, rows.Stride, x);
        return true;
    }

    /// <summary>Forms the matrix at the start of <paramref name="scratch"/> and factors it there, for <see cref="Cholesky.Solve"/>.</summary>
    /// <inheritdoc cref="Solve"/>
    public static bool Factor(float ridge, FactorMatrix rows, ReadOnlySpan<int> indices, float* scratch)
    {
        var stride = rows.Stride;
        var matrix = scratch;
        var gathered = scratch + ((nint)stride * stride);
        new Span<float>(matrix, stride * stride).Clear();
        for (var i = 0; i < rows.Dimensions; i++) matrix[((nint)i * stride) + i] = ridge;
        for (var start = 0; start < indices.Length; start += RowBlock)
        {
            var count = Math.Min(RowBlock, indices.Length - start);
            for (var i = 0; i < count; i++) rows.PaddedValues(indices[start + i]).CopyTo(new Span<float>(gathered + (i * stride), stride));
            Gram.Add(gathered, count, stride, gathered, matrix);
        }

        return Cholesky.Factor(matrix, rows.Dimensions, stride);
    }
}
