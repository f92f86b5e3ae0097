using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Aisle.Learning.Kernels;

/// <summary>
/// A few steps of conjugate gradient on (G + λI + Σᵢ wᵢ yᵢyᵢᵀ) x = Σᵢ (t + wᵢ) yᵢ without forming the matrix:
/// the sum over rows is applied as Σᵢ wᵢ (yᵢ·p) yᵢ, so a step costs d² + 2·rows·d multiplications instead of rows·d² + d³.
/// </summary>
/// <remarks>Takács, Pilászy, Tikk: Applications of the conjugate gradient method for implicit feedback collaborative filtering (RecSys 2011).</remarks>
internal static unsafe class ConjugateGradient
{
    /// <summary>Below this share of the right-hand side's squared length the residual is noise in single precision.</summary>
    private const float Converged = 1e-10f;

    /// <param name="gram">stride × stride, symmetric.</param>
    /// <param name="ridge">λ, added to the diagonal.</param>
    /// <param name="rows">The matrix that holds the rows yᵢ.</param>
    /// <param name="indices">Which of its rows.</param>
    /// <param name="weights">wᵢ, beside <paramref name="indices"/>.</param>
    /// <param name="baseTarget">t: what a row adds to the right-hand side beyond its weight.</param>
    /// <param name="x">Start and result, stride floats.</param>
    /// <param name="scratch">3 · stride floats.</param>
    public static void Solve(
        float* gram, float ridge, FactorMatrix rows, ReadOnlySpan<int> indices, ReadOnlySpan<float> weights, float baseTarget, int steps, float* x, float* scratch)
    {
        fixed (int* index = indices)
        fixed (float* weight = weights)
        {
            var system = new RowSystem(gram, ridge, rows.Row(0), rows.Stride, index, weight, indices.Length, baseTarget);
            if (InstructionSets.Avx512) Solve<Avx512Lanes, Vector512<float>>(system, steps, x, scratch);
            else if (InstructionSets.Avx2) Solve<Avx2Lanes, Vector256<float>>(system, steps, x, scratch);
            else Solve<PortableLanes, Vector<float>>(system, steps, x, scratch);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Solve<TLanes, TVector>(in RowSystem system, int steps, float* x, float* scratch)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var stride = system.Stride;
        var residual = scratch;
        var direction = scratch + stride;
        var product = scratch + (2 * stride);

        // r = Σ (t + w(1 − y·x)) y − (G + λI) x
        GramProduct<TLanes, TVector>(system, x, residual, -1f);
        AddRows<TLanes, TVector>(system, x, residual, isResidual: true);
        new Span<float>(residual, stride).CopyTo(new Span<float>(direction, stride));
        var length = Vectors.Dot<TLanes, TVector>(residual, residual, stride);
        var enough = length * Converged;
        for (var step = 0; step < steps && length > enough; step++)
        {
            GramProduct<TLanes, TVector>(system, direction, product, 1f);
            AddRows<TLanes, TVector>(system, direction, product, isResidual: false);
            var alpha = length / Vectors.Dot<TLanes, TVector>(direction, product, stride);
            Vectors.AddScaled<TLanes, TVector>(alpha, direction, x, stride);
            if (step == steps - 1) return;

            Vectors.AddScaled<TLanes, TVector>(-alpha, product, residual, stride);
            var next = Vectors.Dot<TLanes, TVector>(residual, residual, stride);
            var beta = TLanes.Broadcast(next / length);
            length = next;
            for (var i = 0; i < stride; i += TLanes.Count)
                TLanes.Store(direction + i, TLanes.MultiplyAdd(beta, TLanes.Load(direction + i), TLanes.Load(residual + i)));
        }
    }

    /// <summary>target = sign · (G + λI) p, as a sum of the rows of G, which is symmetric: no horizontal additions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GramProduct<TLanes, TVector>(in RowSystem system, float* p, float* target, float sign)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var stride = system.Stride;
        var zero = TLanes.Broadcast(0);
        var ridge = TLanes.Broadcast(sign * system.Ridge);
        for (var column = 0; column < stride; column += 2 * TLanes.Count)
        {
            // Stride is a multiple of 16 and at least 32; an odd multiple leaves one vector for the last round of 16 lanes.
            var second = column + TLanes.Count < stride ? TLanes.Count : 0;
            var row = system.Gram + column;
            var (a0, a1, a2, a3) = (zero, zero, zero, zero);
            var (b0, b1, b2, b3) = (zero, zero, zero, zero);
            for (var k = 0; k < stride; k += 4)
            {
                var p0 = TLanes.Broadcast(p[k]);
                var p1 = TLanes.Broadcast(p[k + 1]);
                var p2 = TLanes.Broadcast(p[k + 2]);
                var p3 = TLanes.Broadcast(p[k + 3]);
                a0 = TLanes.MultiplyAdd(p0, TLanes.Load(row), a0);
                b0 = TLanes.MultiplyAdd(p0, TLanes.Load(row + second), b0);
                a1 = TLanes.MultiplyAdd(p1, TLanes.Load(row + stride), a1);
                b1 = TLanes.MultiplyAdd(p1, TLanes.Load(row + stride + second), b1);
                a2 = TLanes.MultiplyAdd(p2, TLanes.Load(row + (2 * stride)), a2);
                b2 = TLanes.MultiplyAdd(p2, TLanes.Load(row + (2 * stride) + second), b2);
                a3 = TLanes.MultiplyAdd(p3, TLanes.Load(row + (3 * stride)), a3);
                b3 = TLanes.MultiplyAdd(p3, TLanes.Load(row + (3 * stride) + second), b3);
                row += 4 * stride;
            }

            var signs = TLanes.Broadcast(sign);
            var a = TLanes.Add(TLanes.Add(a0, a1), TLanes.Add(a2, a3));
            var b = TLanes.Add(TLanes.Add(b0, b1), TLanes.Add(b2, b3));
            TLanes.Store(target + column, TLanes.MultiplyAdd(signs, a, TLanes.MultiplyAdd(ridge, TLanes.Load(p + column), zero)));
            TLanes.Store(target + column + second, TLanes.MultiplyAdd(signs, b, TLanes.MultiplyAdd(ridge, TLanes.Load(p + column + second), zero)));
        }
    }

    /// <summary>target += Σ c(y·p) y with c(z) = w·z, or t + w(1 − z) for the residual. Four rows at a time: their dots run side by side and the target is touched once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRows<TLanes, TVector>(in RowSystem system, float* p, float* target, bool isResidual)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var stride = system.Stride;
        var i = 0;
        for (; i <= system.Count - 4; i += 4)
        {
            var y0 = system.Rows + ((nint)system.Indices[i] * stride);
            var y1 = system.Rows + ((nint)system.Indices[i + 1] * stride);
            var y2 = system.Rows + ((nint)system.Indices[i + 2] * stride);
            var y3 = system.Rows + ((nint)system.Indices[i + 3] * stride);
            if (isResidual) PrefetchAhead(system, i + 4);

            var d0 = TLanes.Broadcast(0);
            var d1 = d0;
            var d2 = d0;
            var d3 = d0;
            for (var j = 0; j < stride; j += TLanes.Count)
            {
                var at = TLanes.Load(p + j);
                d0 = TLanes.MultiplyAdd(TLanes.Load(y0 + j), at, d0);
                d1 = TLanes.MultiplyAdd(TLanes.Load(y1 + j), at, d1);
                d2 = TLanes.MultiplyAdd(TLanes.Load(y2 + j), at, d2);
                d3 = TLanes.MultiplyAdd(TLanes.Load(y3 + j), at, d3);
            }

            var c0 = TLanes.Broadcast(Coefficient(system, i, TLanes.Sum(d0), isResidual));
            var c1 = TLanes.Broadcast(Coefficient(system, i + 1, TLanes.Sum(d1), isResidual));
            var c2 = TLanes.Broadcast(Coefficient(system, i + 2, TLanes.Sum(d2), isResidual));
            var c3 = TLanes.Broadcast(Coefficient(system, i + 3, TLanes.Sum(d3), isResidual));
            for (var j = 0; j < stride; j += TLanes.Count)
            {
                var left = TLanes.MultiplyAdd(c0, TLanes.Load(y0 + j), TLanes.Load(target + j));
                left = TLanes.MultiplyAdd(c1, TLanes.Load(y1 + j), left);
                left = TLanes.MultiplyAdd(c2, TLanes.Load(y2 + j), left);
                TLanes.Store(target + j, TLanes.MultiplyAdd(c3, TLanes.Load(y3 + j), left));
            }
        }

        for (; i < system.Count; i++)
        {
            var y = system.Rows + ((nint)system.Indices[i] * stride);
            var coefficient = Coefficient(system, i, Vectors.Dot<TLanes, TVector>(y, p, stride), isResidual);
            Vectors.AddScaled<TLanes, TVector>(coefficient, y, target, stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Coefficient(in RowSystem system, int position, float dot, bool isResidual) =>
        isResidual ? system.BaseTarget + (system.Weights[position] * (1f - dot)) : system.Weights[position] * dot;

    /// <summary>The first pass over a user's rows meets them cold, at addresses that the hardware cannot foresee.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchAhead(in RowSystem system, int position)
    {
        const int Distance = 4;
        if (!Sse.IsSupported || position + Distance > system.Count) return;
        for (var i = position; i < position + Distance; i++)
        {
            var row = system.Rows + ((nint)system.Indices[i] * system.Stride);
            for (var j = 0; j < system.Stride; j += 16) Sse.Prefetch0(row + j);
        }
    }

    /// <summary>Plain twin of <see cref="Solve(float*, float, FactorMatrix, ReadOnlySpan{int}, ReadOnlySpan{float}, float, int, float*, float*)"/>: forms the matrix and runs the textbook method in double.</summary>
    public static double[] SolveReference(double[,] matrix, double[] right, int steps, double[] start)
    {
        var n = right.Length;
        var x = (double[])start.Clone();
        var residual = new double[n];
        for (var i = 0; i < n; i++)
        {
            residual[i] = right[i];
            for (var j = 0; j < n; j++) residual[i] -= matrix[i, j] * x[j];
        }

        var direction = (double[])residual.Clone();
        for (var step = 0; step < steps; step++)
        {
            double length = 0, curvature = 0, next = 0;
            var product = new double[n];
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++) product[i] += matrix[i, j] * direction[j];
                length += residual[i] * residual[i];
                curvature += direction[i] * product[i];
            }

            if (length == 0) return x;
            for (var i = 0; i < n; i++)
            {
                x[i] += length / curvature * direction[i];
                residual[i] -= length / curvature * product[i];
                next += residual[i] * residual[i];
            }

            for (var i = 0; i < n; i++) direction[i] = residual[i] + (next / length * direction[i]);
        }

        return x;
    }

    private readonly struct RowSystem(float* gram, float ridge, float* rows, int stride, int* indices, float* weights, int count, float baseTarget)
    {
        public readonly float* Gram = gram;
        public readonly float Ridge = ridge;
        public readonly float* Rows = rows;
        public readonly int Stride = stride;
        public readonly int* Indices = indices;
        public readonly float* Weights = weights;
        public readonly int Count = count;
        public readonly float BaseTarget = baseTarget;
    }
}
