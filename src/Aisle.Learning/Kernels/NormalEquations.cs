namespace Aisle.Learning.Kernels;

/// <summary>
/// The exact solution of (G + λI + Σᵢ wᵢ yᵢyᵢᵀ) x = Σᵢ (t + wᵢ) yᵢ: forms the matrix and factors it. Costs rows·d² + d³/3;
/// <see cref="ConjugateGradient"/> approximates the same system.
/// </summary>
internal static unsafe class NormalEquations
{
    /// <summary>Rows gathered at a time: two blocks of 64 × 64 floats and the matrix stay in the second-level cache.</summary>
    private const int RowBlock = 64;

    /// <summary>Floats of scratch that forming and factoring the matrix needs.</summary>
    public static long ScratchLength(int stride) => ((long)stride * stride) + (2L * RowBlock * stride);

    /// <param name="x">Receives the solution: stride floats.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats, on a cache line.</param>
    /// <returns>False where the matrix is not positive definite: λ is too small for single precision.</returns>
    /// <inheritdoc cref="ConjugateGradient.Solve(float, ReadOnlySpan{int}, ReadOnlySpan{float}, float, int, float*, ReadOnlySpan{int})"/>
    public static bool Solve(
        float* gram, float ridge, FactorMatrix rows, ReadOnlySpan<int> indices, ReadOnlySpan<float> weights, float baseTarget, float* x, float* scratch)
    {
        if (!Factor(gram, ridge, rows, rows.Dimensions, indices, weights, scratch)) return false;
        Solve(rows, rows.Dimensions, indices, weights, baseTarget, x, scratch);
        return true;
    }

    /// <summary>Ridge regression: solves (λI + Σᵢ yᵢyᵢᵀ) x = Σᵢ tᵢ yᵢ.</summary>
    /// <param name="targets">tᵢ, beside <paramref name="indices"/>.</param>
    /// <param name="x">Receives the solution: stride floats.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats, on a cache line.</param>
    /// <returns>False where the matrix is not positive definite: λ is too small for single precision.</returns>
    public static bool SolveTargets(float ridge, FactorMatrix rows, ReadOnlySpan<int> indices, ReadOnlySpan<float> targets, float* x, float* scratch)
    {
        if (!Factor(null, ridge, rows, rows.Dimensions, indices, default, scratch)) return false;
        var right = new Span<float>(x, rows.Stride);
        right.Clear();
        for (var i = 0; i < indices.Length; i++) Vectors.AddScaled(targets[i], rows.PaddedValues(indices[i]), right);
        Cholesky.Solve(scratch, rows.Dimensions, rows.Stride, x);
        return true;
    }

    /// <summary>Solves with the matrix that <see cref="Factor"/> left in <paramref name="scratch"/>.</summary>
    /// <param name="dimensions">How many leading columns take part; the solution is zero in the others.</param>
    public static void Solve(
        FactorMatrix rows, int dimensions, ReadOnlySpan<int> indices, ReadOnlySpan<float> weights, float baseTarget, float* x, float* scratch)
    {
        var right = new Span<float>(x, rows.Stride);
        right.Clear();
        for (var i = 0; i < indices.Length; i++) Vectors.AddScaled(baseTarget + (weights.IsEmpty ? 1f : weights[i]), rows.PaddedValues(indices[i]), right);
        right[dimensions..].Clear();
        Cholesky.Solve(scratch, dimensions, rows.Stride, x);
    }

    /// <summary>Forms the matrix at the start of <paramref name="scratch"/> and factors its leading <paramref name="dimensions"/> there, for <see cref="Cholesky.Solve"/>.</summary>
    /// <param name="gram">G; null for none.</param>
    public static bool Factor(float* gram, float ridge, FactorMatrix rows, int dimensions, ReadOnlySpan<int> indices, ReadOnlySpan<float> weights, float* scratch)
    {
        var stride = rows.Stride;
        var matrix = scratch;
        var gathered = scratch + ((nint)stride * stride);
        var weighted = gathered + (RowBlock * stride);
        if (gram is null) new Span<float>(matrix, stride * stride).Clear();
        else new Span<float>(gram, stride * stride).CopyTo(new Span<float>(matrix, stride * stride));
        for (var i = 0; i < dimensions; i++) matrix[((nint)i * stride) + i] += ridge;
        for (var start = 0; start < indices.Length; start += RowBlock)
        {
            var count = Math.Min(RowBlock, indices.Length - start);
            for (var i = 0; i < count; i++)
            {
                var row = rows.PaddedValues(indices[start + i]);
                var scaled = new Span<float>(weighted + (i * stride), stride);
                row.CopyTo(new Span<float>(gathered + (i * stride), stride));
                scaled.Clear();
                Vectors.AddScaled(weights.IsEmpty ? 1f : weights[start + i], row, scaled);
            }

            Gram.Add(weighted, count, stride, gathered, matrix);
        }

        return Cholesky.Factor(matrix, dimensions, stride);
    }
}
