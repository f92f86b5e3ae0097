using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Aisle.Learning.Data;

namespace Aisle.Learning.Kernels;

/// <summary>Y = S · X of a sparse matrix and dense rows.</summary>
internal static unsafe class SparseProduct
{
    /// <summary>Few rows at a time: popular items make rows of very different length.</summary>
    private const int Grain = 16;

    /// <param name="sparse">Rows × x.Rows.</param>
    /// <param name="y">sparse.Users rows of x's dimensions; overwritten.</param>
    public static void Multiply(Interactions sparse, FactorMatrix x, FactorMatrix y, int threads, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Rows, sparse.Items);
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Rows, sparse.Users);
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Dimensions, x.Dimensions);
        ParallelRows.Run(
            threads,
            y.Rows,
            Grain,
            (_, first, end) =>
            {
                for (var row = first; row < end; row++) Sum(x, sparse.ItemsOf(row), sparse.WeightsOf(row), y.PaddedValues(row));
            },
            cancellation);
    }

    /// <summary>sum = Σ weight · row of x.</summary>
    public static void Sum(FactorMatrix x, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, Span<float> sum)
    {
        if (x.Stride == Tile.Columns)
        {
            fixed (int* row = rows)
            fixed (float* weight = weights, target = sum)
            {
                if (InstructionSets.Avx512) SumNarrow<Avx512Lanes, Vector512<float>>(x, row, weight, rows.Length, target);
                else if (InstructionSets.Avx2) SumNarrow<Avx2Lanes, Vector256<float>>(x, row, weight, rows.Length, target);
                else SumNarrow<PortableLanes, Vector<float>>(x, row, weight, rows.Length, target);
            }

            return;
        }

        sum.Clear();
        for (var i = 0; i < rows.Length; i++) Vectors.AddScaled(weights[i], x.PaddedValues(rows[i]), sum);
    }

    /// <summary>Rows of 32 numbers: the sums stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumNarrow<TLanes, TVector>(FactorMatrix x, int* rows, float* weights, int count, float* sum)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var values = x.Row(0);
        for (nint column = 0; column < Tile.Columns; column += 2 * TLanes.Count)
        {
            var left = TLanes.Broadcast(0);
            var right = left;
            for (var i = 0; i < count; i++)
            {
                var row = values + ((nint)rows[i] * Tile.Columns) + column;
                var weight = TLanes.Broadcast(weights[i]);
                left = TLanes.MultiplyAdd(weight, TLanes.Load(row), left);
                right = TLanes.MultiplyAdd(weight, TLanes.Load(row + TLanes.Count), right);
            }

            TLanes.Store(sum + column, left);
            TLanes.Store(sum + column + TLanes.Count, right);
        }

        GC.KeepAlive(x);
    }

    /// <summary>y = S · x for one vector: what <see cref="Multiply"/> would do with a matrix of one column, without the columns beside it.</summary>
    public static void MultiplyVector(Interactions sparse, ReadOnlySpan<float> x, Span<float> y)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, sparse.Items);
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, sparse.Users);
        for (var row = 0; row < y.Length; row++)
        {
            var columns = sparse.ItemsOf(row);
            var weights = sparse.WeightsOf(row)[..columns.Length];

            // Four sums, so that none waits for the last addition.
            float a = 0f, b = 0f, c = 0f, d = 0f;
            var i = 0;
            for (; i + 4 <= columns.Length; i += 4)
            {
                a += weights[i] * x[columns[i]];
                b += weights[i + 1] * x[columns[i + 1]];
                c += weights[i + 2] * x[columns[i + 2]];
                d += weights[i + 3] * x[columns[i + 3]];
            }

            for (; i < columns.Length; i++) a += weights[i] * x[columns[i]];
            y[row] = a + b + (c + d);
        }
    }

    /// <summary>Plain twin of the products above, summed in double.</summary>
    public static double[,] MultiplyReference(Interactions sparse, FactorMatrix x)
    {
        var y = new double[sparse.Users, x.Dimensions];
        for (var row = 0; row < sparse.Users; row++)
        {
            for (var i = 0; i < sparse.CountOf(row); i++)
            {
                for (var j = 0; j < x.Dimensions; j++) y[row, j] += (double)sparse.WeightsOf(row)[i] * x.Values(sparse.ItemsOf(row)[i])[j];
            }
        }

        return y;
    }
}
