using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Aisle.Learning.Kernels;

/// <summary>
/// A few steps of conjugate gradient on (D + λI + Σᵢ wᵢ yᵢyᵢᵀ) x = Σᵢ (t + wᵢ) yᵢ, D being diagonal, without forming the matrix:
/// the sum over rows is applied as Σᵢ wᵢ (yᵢ·p) yᵢ, so a step costs 2·rows·d multiplications instead of rows·d² + d³/3 in all.
/// Preconditioned by D + λI, which leaves the identity plus what the rows add. Holds scratch: one per thread.
/// </summary>
/// <remarks>
/// Takács, Pilászy, Tikk: Applications of the conjugate gradient method for implicit feedback collaborative filtering (RecSys 2011);
/// theirs has a full matrix in the place of D.
/// </remarks>
internal sealed unsafe class ConjugateGradient
{
    /// <summary>Below this share of its first squared length the residual is noise in single precision.</summary>
    private const float Converged = 1e-10f;

    /// <summary>Floats of rows taken at a time: 16 KiB, so that the rows whose dots were taken are still in the first-level cache when they are added.</summary>
    private const int BlockFloats = 4096;

    /// <summary>Floats of the next rows that are fetched ahead: 256 KiB, a quarter of a usual second-level cache.</summary>
    private const int PrefetchFloats = 65_536;

    private readonly AlignedFloats _diagonal;
    private readonly FactorMatrix _rows;
    private readonly AlignedFloats _vectors;
    private readonly int _blockRows;

    /// <summary>Addresses of the rows being solved from.</summary>
    private nint[] _addresses = [];

    /// <param name="diagonal">D: stride numbers, none negative.</param>
    /// <param name="rows">The matrix that holds the rows yᵢ.</param>
    public ConjugateGradient(AlignedFloats diagonal, FactorMatrix rows)
    {
        this._diagonal = diagonal;
        this._rows = rows;
        this._blockRows = Math.Max(4, BlockFloats / rows.Stride / 4 * 4);
        this._vectors = new AlignedFloats((6L * rows.Stride) + this._blockRows);
    }

    /// <param name="ridge">λ, added to the diagonal.</param>
    /// <param name="indices">Which rows.</param>
    /// <param name="weights">wᵢ, beside <paramref name="indices"/>.</param>
    /// <param name="baseTarget">t: what a row adds to the right-hand side beyond its weight.</param>
    /// <param name="x">Start and result, stride floats.</param>
    /// <param name="next">Rows of the call after this one: they are brought near while this one computes. May be empty.</param>
    public void Solve(float ridge, ReadOnlySpan<int> indices, ReadOnlySpan<float> weights, float baseTarget, int steps, float* x, ReadOnlySpan<int> next = default)
    {
        if (this._addresses.Length < indices.Length) this._addresses = new nint[Math.Max(indices.Length, 2 * this._addresses.Length)];
        fixed (nint* addresses = this._addresses)
        fixed (float* weight = weights)
        fixed (int* nextIndices = next)
        {
            var first = (nint)this._rows.Row(0);
            var bytes = (nint)this._rows.Stride * sizeof(float);
            for (var i = 0; i < indices.Length; i++) addresses[i] = first + (indices[i] * bytes);
            var system = new RowSystem
            {
                Stride = this._rows.Stride,
                Rows = (float**)addresses,
                Weights = weight,
                Count = indices.Length,
                BaseTarget = baseTarget,
                BlockRows = this._blockRows,
                Vectors = this._vectors.Pointer,
                Matrix = (float*)first,
                Next = nextIndices,
                NextCount = Math.Min(next.Length, PrefetchFloats / this._rows.Stride),
            };
            this.Prepare(ridge, system);
            if (InstructionSets.Avx512) Solve<Avx512Lanes, Vector512<float>>(system, steps, x);
            else if (InstructionSets.Avx2) Solve<Avx2Lanes, Vector256<float>>(system, steps, x);
            else Solve<PortableLanes, Vector<float>>(system, steps, x);
        }

        GC.KeepAlive(this._vectors);
    }

    /// <summary>D + λ and its inverse.</summary>
    private void Prepare(float ridge, in RowSystem system)
    {
        var values = this._diagonal.Span;
        var diagonal = new Span<float>(system.Diagonal, system.Stride);
        var inverse = new Span<float>(system.Inverse, system.Stride);
        for (var i = 0; i < values.Length; i += Vector<float>.Count)
        {
            var sum = new Vector<float>(values[i..]) + new Vector<float>(ridge);
            sum.CopyTo(diagonal[i..]);
            (Vector<float>.One / sum).CopyTo(inverse[i..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Solve<TLanes, TVector>(in RowSystem system, int steps, float* x)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var stride = system.Stride;
        var residual = system.Vectors;
        var direction = residual + stride;
        var product = direction + stride;
        var zero = TLanes.Broadcast(0);
        Apply<TLanes, TVector>(system, x, residual, isResidual: true);
        for (var i = 0; i < stride; i += TLanes.Count)
            TLanes.Store(direction + i, TLanes.MultiplyAdd(TLanes.Load(system.Inverse + i), TLanes.Load(residual + i), zero));
        var length = Vectors.Dot<TLanes, TVector>(residual, direction, stride);
        var enough = length * Converged;
        for (var step = 1; length > enough; step++)
        {
            Prefetch(system, step, steps);
            Apply<TLanes, TVector>(system, direction, product, isResidual: false);
            var alpha = length / Vectors.Dot<TLanes, TVector>(direction, product, stride);
            Vectors.AddScaled<TLanes, TVector>(alpha, direction, x, stride);
            if (step >= steps) return;

            Vectors.AddScaled<TLanes, TVector>(-alpha, product, residual, stride);
            for (var i = 0; i < stride; i += TLanes.Count)
                TLanes.Store(product + i, TLanes.MultiplyAdd(TLanes.Load(system.Inverse + i), TLanes.Load(residual + i), zero));
            var next = Vectors.Dot<TLanes, TVector>(residual, product, stride);
            var beta = TLanes.Broadcast(next / length);
            length = next;
            for (var i = 0; i < stride; i += TLanes.Count)
                TLanes.Store(direction + i, TLanes.MultiplyAdd(beta, TLanes.Load(direction + i), TLanes.Load(product + i)));
        }
    }

    /// <summary>
    /// target = (D + λI) p + Σ w(y·p) y, or for the residual at p: Σ (t + w(1 − y·p)) y − (D + λI) p.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Apply<TLanes, TVector>(in RowSystem system, float* p, float* target, bool isResidual)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var stride = system.Stride;
        var coefficients = system.Inverse + stride;
        var zero = TLanes.Broadcast(0);
        var sign = TLanes.Broadcast(isResidual ? -1f : 1f);
        for (var i = 0; i < stride; i += TLanes.Count)
        {
            var signed = TLanes.MultiplyAdd(sign, TLanes.Load(p + i), zero);
            TLanes.Store(target + i, TLanes.MultiplyAdd(TLanes.Load(system.Diagonal + i), signed, zero));
        }

        for (var start = 0; start < system.Count; start += system.BlockRows)
        {
            var count = Math.Min(system.BlockRows, system.Count - start);
            Dots<TLanes, TVector>(system.Rows + start, p, count, coefficients, stride);
            Weigh<TLanes, TVector>(coefficients, system.Weights + start, count, system.BaseTarget, isResidual);
            AddRows<TLanes, TVector>(system.Rows + start, coefficients, count, target, stride);
        }
    }

    /// <summary>z becomes w·z, or t + w(1 − z) = (t + w) − w·z for the residual.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Weigh<TLanes, TVector>(float* z, float* weights, int count, float baseTarget, bool isResidual)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var i = 0;
        var zero = TLanes.Broadcast(0);
        var minus = TLanes.Broadcast(-1);
        var target = TLanes.Broadcast(baseTarget);
        for (; i <= count - TLanes.Count; i += TLanes.Count)
        {
            var weight = TLanes.Load(weights + i);
            var product = TLanes.MultiplyAdd(weight, TLanes.Load(z + i), zero);
            TLanes.Store(z + i, isResidual ? TLanes.MultiplyAdd(minus, product, TLanes.Add(target, weight)) : product);
        }

        for (; i < count; i++) z[i] = isResidual ? baseTarget + weights[i] - (weights[i] * z[i]) : weights[i] * z[i];
    }

    /// <summary>
    /// Asks for a share of the next call's rows. They lie at addresses that the hardware cannot foresee; the steps in hand work in the first-level cache
    /// and leave the road free.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(in RowSystem system, int step, int steps)
    {
        if (!Sse.IsSupported) return;
        var end = system.NextCount * step / steps;
        for (var i = system.NextCount * (step - 1) / steps; i < end; i++)
        {
            var row = system.Matrix + ((nint)system.Next[i] * system.Stride);
            for (var j = 0; j < system.Stride; j += 16) Sse.Prefetch1(row + j);
        }
    }

    /// <summary>results[i] = rows[i]·p, four rows side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Dots<TLanes, TVector>(float** rows, float* p, int count, float* results, nint stride)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var i = 0;
        for (; i <= count - 4; i += 4)
        {
            var y0 = rows[i];
            var y1 = rows[i + 1];
            var y2 = rows[i + 2];
            var y3 = rows[i + 3];
            var d0 = TLanes.Broadcast(0);
            var d1 = d0;
            var d2 = d0;
            var d3 = d0;
            for (nint j = 0; j < stride; j += TLanes.Count)
            {
                var at = TLanes.Load(p + j);
                d0 = TLanes.MultiplyAdd(TLanes.Load(y0 + j), at, d0);
                d1 = TLanes.MultiplyAdd(TLanes.Load(y1 + j), at, d1);
                d2 = TLanes.MultiplyAdd(TLanes.Load(y2 + j), at, d2);
                d3 = TLanes.MultiplyAdd(TLanes.Load(y3 + j), at, d3);
            }

            TLanes.SumFour(d0, d1, d2, d3).Store(results + i);
        }

        for (; i < count; i++) results[i] = Vectors.Dot<TLanes, TVector>(rows[i], p, (int)stride);
    }

    /// <summary>target += Σ coefficients[i] · rows[i], with four vectors of the target in registers and two rows in flight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void AddRows<TLanes, TVector>(float** rows, float* coefficients, int count, float* target, nint stride)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        nint column = 0;
        for (; column <= stride - (4 * TLanes.Count); column += 4 * TLanes.Count)
        {
            var a0 = TLanes.Load(target + column);
            var a1 = TLanes.Load(target + column + TLanes.Count);
            var a2 = TLanes.Load(target + column + (2 * TLanes.Count));
            var a3 = TLanes.Load(target + column + (3 * TLanes.Count));
            var b0 = TLanes.Broadcast(0);
            var b1 = b0;
            var b2 = b0;
            var b3 = b0;
            nint i = 0;
            for (; i <= count - 2; i += 2)
            {
                var y = rows[i] + column;
                var z = rows[i + 1] + column;
                var c = TLanes.Broadcast(coefficients[i]);
                var d = TLanes.Broadcast(coefficients[i + 1]);
                a0 = TLanes.MultiplyAdd(c, TLanes.Load(y), a0);
                a1 = TLanes.MultiplyAdd(c, TLanes.Load(y + TLanes.Count), a1);
                a2 = TLanes.MultiplyAdd(c, TLanes.Load(y + (2 * TLanes.Count)), a2);
                a3 = TLanes.MultiplyAdd(c, TLanes.Load(y + (3 * TLanes.Count)), a3);
                b0 = TLanes.MultiplyAdd(d, TLanes.Load(z), b0);
                b1 = TLanes.MultiplyAdd(d, TLanes.Load(z + TLanes.Count), b1);
                b2 = TLanes.MultiplyAdd(d, TLanes.Load(z + (2 * TLanes.Count)), b2);
                b3 = TLanes.MultiplyAdd(d, TLanes.Load(z + (3 * TLanes.Count)), b3);
            }

            if (i < count)
            {
                var y = rows[i] + column;
                var c = TLanes.Broadcast(coefficients[i]);
                a0 = TLanes.MultiplyAdd(c, TLanes.Load(y), a0);
                a1 = TLanes.MultiplyAdd(c, TLanes.Load(y + TLanes.Count), a1);
                a2 = TLanes.MultiplyAdd(c, TLanes.Load(y + (2 * TLanes.Count)), a2);
                a3 = TLanes.MultiplyAdd(c, TLanes.Load(y + (3 * TLanes.Count)), a3);
            }

            TLanes.Store(target + column, TLanes.Add(a0, b0));
            TLanes.Store(target + column + TLanes.Count, TLanes.Add(a1, b1));
            TLanes.Store(target + column + (2 * TLanes.Count), TLanes.Add(a2, b2));
            TLanes.Store(target + column + (3 * TLanes.Count), TLanes.Add(a3, b3));
        }

        for (; column < stride; column += TLanes.Count)
        {
            var sum = TLanes.Load(target + column);
            for (nint i = 0; i < count; i++) sum = TLanes.MultiplyAdd(TLanes.Broadcast(coefficients[i]), TLanes.Load(rows[i] + column), sum);
            TLanes.Store(target + column, sum);
        }
    }

    /// <summary>Plain twin of <see cref="Solve(float, ReadOnlySpan{int}, ReadOnlySpan{float}, float, int, float*, ReadOnlySpan{int})"/>: takes the matrix and runs the textbook method in double.</summary>
    public static double[] SolveReference(double[,] matrix, double[] right, int steps, double[] start, double[] preconditioner)
    {
        var n = right.Length;
        var x = (double[])start.Clone();
        var residual = new double[n];
        for (var i = 0; i < n; i++)
        {
            residual[i] = right[i];
            for (var j = 0; j < n; j++) residual[i] -= matrix[i, j] * x[j];
        }

        var direction = new double[n];
        for (var i = 0; i < n; i++) direction[i] = residual[i] / preconditioner[i];
        for (var step = 0; step < steps; step++)
        {
            double length = 0, curvature = 0, next = 0;
            var product = new double[n];
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++) product[i] += matrix[i, j] * direction[j];
                length += residual[i] * residual[i] / preconditioner[i];
                curvature += direction[i] * product[i];
            }

            if (length == 0) return x;
            for (var i = 0; i < n; i++)
            {
                x[i] += length / curvature * direction[i];
                residual[i] -= length / curvature * product[i];
                next += residual[i] * residual[i] / preconditioner[i];
            }

            for (var i = 0; i < n; i++) direction[i] = (residual[i] / preconditioner[i]) + (next / length * direction[i]);
        }

        return x;
    }

    /// <summary>One call's pointers. Vectors: residual, direction, product, diagonal, its inverse, then room for a block's coefficients.</summary>
    private struct RowSystem
    {
        public int Stride;
        public float** Rows;
        public float* Weights;
        public int Count;
        public float BaseTarget;
        public int BlockRows;
        public float* Vectors;

        public readonly float* Diagonal => this.Vectors + (3 * this.Stride);

        public readonly float* Inverse => this.Vectors + (4 * this.Stride);

        public float* Matrix;
        public int* Next;
        public int NextCount;
    }
}
