using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>A = UᵀU of a symmetric positive definite matrix, and the solution of A·x = b from it.</summary>
internal static unsafe class Cholesky
{
    /// <summary>Replaces the upper triangle of A by U. Only that triangle is read or written.</summary>
    /// <param name="matrix">dimensions × dimensions, row-major at <paramref name="stride"/>, which is a multiple of 16 and ≥ dimensions.</param>
    /// <returns>False where A is not positive definite within single precision; the matrix is then spoilt.</returns>
    public static bool Factor(float* matrix, int dimensions, int stride) =>
        InstructionSets.Avx512 ? Factor<Avx512Lanes, Vector512<float>>(matrix, dimensions, stride)
        : InstructionSets.Avx2 ? Factor<Avx2Lanes, Vector256<float>>(matrix, dimensions, stride)
        : Factor<PortableLanes, Vector<float>>(matrix, dimensions, stride);

    /// <summary>Solves UᵀU·x = b in place.</summary>
    public static void Solve(float* upper, int dimensions, int stride, float* x)
    {
        if (InstructionSets.Avx512) Solve<Avx512Lanes, Vector512<float>>(upper, dimensions, stride, x);
        else if (InstructionSets.Avx2) Solve<Avx2Lanes, Vector256<float>>(upper, dimensions, stride, x);
        else Solve<PortableLanes, Vector<float>>(upper, dimensions, stride, x);
    }

    // Four rows of U are finished at a time, and their outer products are then taken from the rows below them in one go. Rows are
    // updated from the vector that holds their diagonal to their end: what that touches to the left of it is below the diagonal and never read.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Factor<TLanes, TVector>(float* matrix, int dimensions, nint stride)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        for (var first = 0; first < dimensions; first += 4)
        {
            var end = Math.Min(first + 4, dimensions);
            for (var k = first; k < end; k++)
            {
                if (!FinishRow<TLanes, TVector>(matrix, first, k, stride)) return false;
            }

            // Rows remain below only where the block is a full one.
            var u0 = matrix + (first * stride);
            var u1 = u0 + stride;
            var u2 = u1 + stride;
            var u3 = u2 + stride;
            for (var i = end; i < dimensions; i++)
            {
                var row = matrix + (i * stride);
                var f0 = TLanes.Broadcast(-u0[i]);
                var f1 = TLanes.Broadcast(-u1[i]);
                var f2 = TLanes.Broadcast(-u2[i]);
                var f3 = TLanes.Broadcast(-u3[i]);
                for (nint j = i & -TLanes.Count; j < stride; j += TLanes.Count)
                {
                    var left = TLanes.MultiplyAdd(f0, TLanes.Load(u0 + j), TLanes.Load(row + j));
                    left = TLanes.MultiplyAdd(f1, TLanes.Load(u1 + j), left);
                    left = TLanes.MultiplyAdd(f2, TLanes.Load(u2 + j), left);
                    TLanes.Store(row + j, TLanes.MultiplyAdd(f3, TLanes.Load(u3 + j), left));
                }
            }
        }

        return true;
    }

    /// <summary>Takes the rows of U from <paramref name="first"/> on from row k, and divides it by the root of its pivot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool FinishRow<TLanes, TVector>(float* matrix, int first, int k, nint stride)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var row = matrix + (k * stride);
        for (var earlier = first; earlier < k; earlier++)
        {
            var above = matrix + (earlier * stride);
            var factor = TLanes.Broadcast(-above[k]);
            for (nint j = k & -TLanes.Count; j < stride; j += TLanes.Count)
                TLanes.Store(row + j, TLanes.MultiplyAdd(factor, TLanes.Load(above + j), TLanes.Load(row + j)));
        }

        var pivot = row[k];
        if (!(pivot > 0f) || !float.IsFinite(pivot)) return false;
        var scale = TLanes.Broadcast(1f / MathF.Sqrt(pivot));
        var zero = TLanes.Broadcast(0);
        for (nint j = k & -TLanes.Count; j < stride; j += TLanes.Count)
            TLanes.Store(row + j, TLanes.MultiplyAdd(scale, TLanes.Load(row + j), zero));
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Solve<TLanes, TVector>(float* upper, int dimensions, int stride, float* x)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        for (var k = 0; k < dimensions; k++)
        {
            var row = upper + ((nint)k * stride);
            x[k] /= row[k];
            Vectors.AddScaled<TLanes, TVector>(-x[k], row + k + 1, x + k + 1, dimensions - k - 1);
        }

        for (var k = dimensions - 1; k >= 0; k--)
        {
            var row = upper + ((nint)k * stride);
            x[k] = (x[k] - Vectors.Dot<TLanes, TVector>(row + k + 1, x + k + 1, dimensions - k - 1)) / row[k];
        }
    }

    /// <summary>Plain twin of factor and solve, in double.</summary>
    /// <returns>x of A·x = b, or null where A is not positive definite.</returns>
    public static double[]? SolveReference(double[,] matrix, double[] right)
    {
        var n = right.Length;
        var lower = new double[n, n];
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = matrix[i, j];
                for (var k = 0; k < j; k++) sum -= lower[i, k] * lower[j, k];
                if (i == j && !(sum > 0)) return null;
                lower[i, j] = i == j ? Math.Sqrt(sum) : sum / lower[j, j];
            }
        }

        var x = new double[n];
        for (var i = 0; i < n; i++)
        {
            x[i] = right[i];
            for (var k = 0; k < i; k++) x[i] -= lower[i, k] * x[k];
            x[i] /= lower[i, i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++) x[i] -= lower[k, i] * x[k];
            x[i] /= lower[i, i];
        }

        return x;
    }
}
