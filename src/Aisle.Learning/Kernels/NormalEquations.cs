using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Aisle.Learning.Kernels;

/// <summary>
/// The solution of (D + λI + Σᵢ wᵢ yᵢyᵢᵀ) x = Σᵢ (t + wᵢ) yᵢ for n rows yᵢ of d numbers, where D is diagonal: exactly, or block of
/// dimensions by block. Holds scratch: one per thread.
/// </summary>
/// <remarks>
/// With Z = W^½Y and E = D + λI, x = E⁻¹Zᵀ(I + ZE⁻¹Zᵀ)⁻¹W^-½c as well: a system of n equations in place of d. The smaller one is solved,
/// for n²d + n³/3 or nd² + d³/3 operations; most shoppers and products have far fewer interactions than factors.
/// </remarks>
internal sealed unsafe class NormalEquations
{
    /// <summary>Rows gathered at a time: with the matrix they stay in the second-level cache.</summary>
    private const int RowBlock = 64;

    /// <summary>Floats of the next rows that are fetched ahead: 256 KiB, a quarter of a usual second-level cache.</summary>
    private const int PrefetchFloats = 65_536;

    private readonly FactorMatrix _rows;
    private readonly AlignedFloats _diagonal;
    private readonly int _dimensions;
    private readonly int _blockSize;

    private readonly AlignedFloats _matrix;
    private readonly AlignedFloats _gathered;

    /// <summary>1 / (D + λ), and zero in columns that take no part.</summary>
    private readonly AlignedFloats _inverse;

    /// <summary>The root of <see cref="_inverse"/>.</summary>
    private readonly AlignedFloats _scale;

    private nint[] _addresses = [];

    /// <summary>√wᵢ, right-hand coefficients, predictions: a row of each per interaction.</summary>
    private AlignedFloats _perRow = new(0);

    /// <param name="rows">The matrix that holds the rows yᵢ.</param>
    /// <param name="diagonal">D: stride numbers, none negative.</param>
    /// <param name="dimensions">How many leading columns take part; solutions are zero in the others.</param>
    /// <param name="blockSize">Dimensions solved for at a time; all of them unless given. Rounded up to a multiple of 32.</param>
    public NormalEquations(FactorMatrix rows, AlignedFloats diagonal, int dimensions, int blockSize = int.MaxValue)
    {
        this._rows = rows;
        this._diagonal = diagonal;
        this._dimensions = dimensions;
        this._blockSize = blockSize >= rows.Stride ? rows.Stride : (blockSize + Tile.Columns - 1) / Tile.Columns * Tile.Columns;
        var widest = Math.Min(rows.Stride, this._blockSize + InstructionSets.Padding);
        var most = (long)SystemStride(widest);
        this._matrix = new AlignedFloats(most * most);
        this._gathered = new AlignedFloats(Math.Max(widest * most, (long)RowBlock * widest));
        this._inverse = new AlignedFloats(rows.Stride);
        this._scale = new AlignedFloats(rows.Stride);
    }

    /// <param name="ridge">λ, above 0.</param>
    /// <param name="indices">Which rows; one may stand there repeatedly.</param>
    /// <param name="weights">wᵢ &gt; 0, beside <paramref name="indices"/>; empty means 1 each.</param>
    /// <param name="baseTarget">t: what a row adds to the right-hand side beyond its weight.</param>
    /// <param name="x">Receives the solution: stride floats. With blocks, also where they start from.</param>
    /// <param name="next">Rows of the call after this one: they are brought near. May be empty.</param>
    /// <returns>False where the matrix is not positive definite within single precision: λ is too small.</returns>
    public bool Solve(float ridge, ReadOnlySpan<int> indices, ReadOnlySpan<float> weights, float baseTarget, float* x, ReadOnlySpan<int> next = default)
    {
        fixed (nint* addresses = this.Prepare(ridge, indices, weights))
        {
            this.Prefetch(next);
            return InstructionSets.Avx512 ? this.Solve<Avx512Lanes, Vector512<float>>((float**)addresses, indices.Length, baseTarget, x)
                : InstructionSets.Avx2 ? this.Solve<Avx2Lanes, Vector256<float>>((float**)addresses, indices.Length, baseTarget, x)
                : this.Solve<PortableLanes, Vector<float>>((float**)addresses, indices.Length, baseTarget, x);
        }
    }

    /// <summary>How much one unit of each right-hand coefficient moves the score of each of some rows z: zᵀA⁻¹yᵢ, A being the whole matrix.</summary>
    /// <param name="influence">Row-major, asked × indices.</param>
    /// <returns>As of Solve.</returns>
    public bool Influence(float ridge, ReadOnlySpan<int> indices, ReadOnlySpan<float> weights, ReadOnlySpan<int> asked, Span<float> influence)
    {
        fixed (nint* addresses = this.Prepare(ridge, indices, weights))
        fixed (float* result = influence)
        {
            var rows = (float**)addresses;
            return InstructionSets.Avx512 ? this.Influence<Avx512Lanes, Vector512<float>>(rows, indices.Length, asked, result)
                : InstructionSets.Avx2 ? this.Influence<Avx2Lanes, Vector256<float>>(rows, indices.Length, asked, result)
                : this.Influence<PortableLanes, Vector<float>>(rows, indices.Length, asked, result);
        }
    }

    /// <summary>Rows and columns of a system of that many equations as they lie in memory.</summary>
    private static int SystemStride(int equations) => Math.Max(1, (equations + Tile.Columns - 1) / Tile.Columns) * Tile.Columns;

    private nint[] Prepare(float ridge, ReadOnlySpan<int> indices, ReadOnlySpan<float> weights)
    {
        var count = indices.Length;
        if (this._addresses.Length <= count)
        {
            this._addresses = new nint[Math.Max(count + 1, 2 * this._addresses.Length)];
            this._perRow = new AlignedFloats(3L * InstructionSets.Padded(this._addresses.Length));
        }

        var roots = this._perRow.Span;
        for (var i = 0; i < count; i++)
        {
            this._addresses[i] = (nint)this._rows.Row(indices[i]);
            roots[i] = weights.IsEmpty ? 1f : MathF.Sqrt(weights[i]);
        }

        var diagonal = this._diagonal.Span;
        var inverse = this._inverse.Span;
        var scale = this._scale.Span;
        for (var i = 0; i < diagonal.Length; i += Vector<float>.Count)
        {
            var inverted = Vector<float>.One / (new Vector<float>(diagonal[i..]) + new Vector<float>(ridge));
            inverted.CopyTo(inverse[i..]);
            Vector.SquareRoot(inverted).CopyTo(scale[i..]);
        }

        inverse[this._dimensions..].Clear();
        scale[this._dimensions..].Clear();
        return this._addresses;
    }

    private void Prefetch(ReadOnlySpan<int> next)
    {
        if (!Sse.IsSupported) return;
        var stride = this._rows.Stride;
        for (var i = 0; i < Math.Min(next.Length, PrefetchFloats / stride); i++)
        {
            for (var j = 0; j < stride; j += 16) Sse.Prefetch1(this._rows.Row(next[i]) + j);
        }
    }

    /// <summary>Each block is solved with the others held where they are: c = t + w (1 − what the others predict).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Solve<TLanes, TVector>(float** rows, int count, float baseTarget, float* x)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var stride = this._rows.Stride;
        var roots = this._perRow.Pointer;
        var right = roots + (this._perRow.Length / 3);
        var predicted = right + (this._perRow.Length / 3);
        if (this._blockSize == stride) new Span<float>(predicted, count).Clear();
        else ConjugateGradient.Dots<TLanes, TVector>(rows, x, count, predicted, stride);
        for (var first = 0; first < stride;)
        {
            var width = stride - first < this._blockSize + Tile.Columns ? stride - first : this._blockSize;
            var end = first + width;
            for (var i = 0; i < count; i++) rows[i] += first;
            if (width < stride)
            {
                ConjugateGradient.Dots<TLanes, TVector>(rows, x + first, count, right, width);
                for (var i = 0; i < count; i++) predicted[i] -= right[i];
            }

            for (var i = 0; i < count; i++) right[i] = baseTarget + (roots[i] * roots[i] * (1f - predicted[i]));
            if (!this.Factor(rows, count, first, width)) return false;
            this.SolveFactored<TLanes, TVector>(rows, count, first, width, right, x + first);
            if (width < stride)
            {
                ConjugateGradient.Dots<TLanes, TVector>(rows, x + first, count, right, width);
                for (var i = 0; i < count; i++) predicted[i] += right[i];
            }

            for (var i = 0; i < count; i++) rows[i] -= first;
            first = end;
        }

        return true;
    }

    private static bool IsByRows(int count, int width) => count < width;

    /// <summary>Forms and factors the smaller system of a block; the rows' pointers stand at its first column.</summary>
    private bool Factor(float** rows, int count, int first, int width) =>
        IsByRows(count, width) ? this.FactorByRows(rows, count, first, width) : this.FactorByColumns(rows, count, first, width);

    /// <summary>I + ZE⁻¹Zᵀ.</summary>
    private bool FactorByRows(float** rows, int count, int first, int width)
    {
        var stride = SystemStride(count);
        var columns = this._gathered.Pointer;
        Transpose(rows, count, this._perRow.Pointer, this._scale.Pointer + first, width, columns, stride);
        var matrix = this._matrix.Pointer;
        for (var row = 0; row < count; row += Tile.Rows)
        {
            for (var column = row / Tile.Columns * Tile.Columns; column < count; column += Tile.Columns)
                Tile.Multiply(width, columns + row, stride, columns + column, stride, matrix + ((nint)row * stride) + column, stride, accumulate: false);
        }

        for (var i = 0; i < count; i++) matrix[((nint)i * stride) + i] += 1f;
        return Cholesky.Factor(matrix, count, stride);
    }

    /// <summary>E + ZᵀZ.</summary>
    private bool FactorByColumns(float** rows, int count, int first, int width)
    {
        var matrix = this._matrix.Pointer;
        var gathered = this._gathered.Pointer;
        new Span<float>(matrix, width * width).Clear();
        for (var i = 0; i < Math.Min(width, this._dimensions - first); i++) matrix[((nint)i * width) + i] = 1f / this._inverse.Pointer[first + i];
        for (var start = 0; start < count; start += RowBlock)
        {
            var block = Math.Min(RowBlock, count - start);
            for (var i = 0; i < block; i++)
            {
                var target = new Span<float>(gathered + ((nint)i * width), width);
                target.Clear();
                Vectors.AddScaled(this._perRow.Pointer[start + i], new ReadOnlySpan<float>(rows[start + i], width), target);
            }

            Gram.Add(gathered, block, width, gathered, matrix);
        }

        return Cholesky.Factor(matrix, Math.Min(width, this._dimensions - first), width);
    }

    /// <summary>x = A⁻¹ Σ cᵢ yᵢ of a block; spoils c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SolveFactored<TLanes, TVector>(float** rows, int count, int first, int width, float* c, float* x)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        new Span<float>(x, width).Clear();
        if (!IsByRows(count, width))
        {
            var dimensions = Math.Min(width, this._dimensions - first);
            ConjugateGradient.AddRows<TLanes, TVector>(rows, c, count, x, width);
            new Span<float>(x + dimensions, width - dimensions).Clear();
            Cholesky.Solve(this._matrix.Pointer, dimensions, width, x);
            return;
        }

        var roots = this._perRow.Pointer;
        for (var i = 0; i < count; i++) c[i] /= roots[i];
        Cholesky.Solve(this._matrix.Pointer, count, SystemStride(count), c);
        for (var i = 0; i < count; i++) c[i] *= roots[i];
        ConjugateGradient.AddRows<TLanes, TVector>(rows, c, count, x, width);
        Scale<TLanes, TVector>(x, this._inverse.Pointer + first, x, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Influence<TLanes, TVector>(float** rows, int count, ReadOnlySpan<int> asked, float* influence)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var stride = this._rows.Stride;
        if (!this.Factor(rows, count, 0, stride)) return false;
        var roots = this._perRow.Pointer;
        var direction = this._scale.Pointer;
        for (var row = 0; row < asked.Length; row++, influence += count)
        {
            var z = this._rows.Row(asked[row]);
            if (IsByRows(count, stride))
            {
                Scale<TLanes, TVector>(z, this._inverse.Pointer, direction, stride);
                ConjugateGradient.Dots<TLanes, TVector>(rows, direction, count, influence, stride);
                for (var i = 0; i < count; i++) influence[i] *= roots[i];
                Cholesky.Solve(this._matrix.Pointer, count, SystemStride(count), influence);
                for (var i = 0; i < count; i++) influence[i] /= roots[i];
            }
            else
            {
                new ReadOnlySpan<float>(z, this._dimensions).CopyTo(new Span<float>(direction, stride));
                new Span<float>(direction + this._dimensions, stride - this._dimensions).Clear();
                Cholesky.Solve(this._matrix.Pointer, this._dimensions, stride, direction);
                ConjugateGradient.Dots<TLanes, TVector>(rows, direction, count, influence, stride);
            }
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale<TLanes, TVector>(float* source, float* factors, float* target, int length)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var zero = TLanes.Broadcast(0);
        for (nint i = 0; i < length; i += TLanes.Count) TLanes.Store(target + i, TLanes.MultiplyAdd(TLanes.Load(source + i), TLanes.Load(factors + i), zero));
    }

    /// <summary>columns(k, i) = scale(k) · root(i) · row i at k; columns beyond the last row are zero up to the stride.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(float** rows, int count, float* roots, float* scale, int width, float* columns, nint stride)
    {
        new Span<float>(columns, width * (int)stride).Clear();
        var i = 0;
        for (; i <= count - 4; i += 4)
        {
            var (y0, y1, y2, y3) = ((nint)rows[i], (nint)rows[i + 1], (nint)rows[i + 2], (nint)rows[i + 3]);
            var (r0, r1, r2, r3) = (Vector128.Create(roots[i]), Vector128.Create(roots[i + 1]), Vector128.Create(roots[i + 2]), Vector128.Create(roots[i + 3]));
            var target = columns + i;
            for (var k = 0; k < width; k += 4, target += 4 * stride)
            {
                var s = Vector128.Load(scale + k);
                var a = Vector128.Load((float*)y0 + k) * (s * r0);
                var b = Vector128.Load((float*)y1 + k) * (s * r1);
                var c = Vector128.Load((float*)y2 + k) * (s * r2);
                var d = Vector128.Load((float*)y3 + k) * (s * r3);
                var ac = Interleave(a, c, isUpper: false);
                var bd = Interleave(b, d, isUpper: false);
                var acUpper = Interleave(a, c, isUpper: true);
                var bdUpper = Interleave(b, d, isUpper: true);
                Interleave(ac, bd, isUpper: false).Store(target);
                Interleave(ac, bd, isUpper: true).Store(target + stride);
                Interleave(acUpper, bdUpper, isUpper: false).Store(target + (2 * stride));
                Interleave(acUpper, bdUpper, isUpper: true).Store(target + (3 * stride));
            }
        }

        for (; i < count; i++)
        {
            for (var k = 0; k < width; k++) columns[(k * stride) + i] = rows[i][k] * scale[k] * roots[i];
        }
    }

    /// <summary>a₀b₀a₁b₁ or a₂b₂a₃b₃.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Interleave(Vector128<float> a, Vector128<float> b, bool isUpper)
    {
        if (Sse.IsSupported) return isUpper ? Sse.UnpackHigh(a, b) : Sse.UnpackLow(a, b);
        return isUpper ? Vector128.Create(a[2], b[2], a[3], b[3]) : Vector128.Create(a[0], b[0], a[1], b[1]);
    }
}
