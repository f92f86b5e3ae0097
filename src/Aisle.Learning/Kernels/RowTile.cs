using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>
/// As <see cref="Tile"/>, reading A straight from its rows: C (8 × 32) = or += A (8 × depth) · B (depth × 32). Tall products of few columns
/// would spend as long on packing A as on multiplying it.
/// </summary>
internal static unsafe class RowTile
{
    /// <param name="aStride">From one row of A to the next.</param>
    /// <param name="bStep">From one row of B to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(int depth, float* a, nint aStride, float* b, nint bStep, float* c, nint cStep, bool accumulate)
    {
        if (InstructionSets.Avx512)
        {
            Eight<Avx512Lanes, Vector512<float>>(depth, a, aStride, b, bStep, c, cStep, accumulate);
            return;
        }

        if (InstructionSets.Avx2) Quarters<Avx2Lanes, Vector256<float>>(depth, a, aStride, b, bStep, c, cStep, accumulate);
        else Quarters<PortableLanes, Vector<float>>(depth, a, aStride, b, bStep, c, cStep, accumulate);
    }

    /// <summary>A tile of which only the first rows and columns exist; nothing beyond them is read of A or written to C.</summary>
    public static void MultiplyEdge(int depth, float* a, nint aStride, float* b, nint bStep, float* c, nint cStep, int rows, int columns, bool accumulate)
    {
        var edge = stackalloc float[Tile.Rows * Tile.Columns];
        if (rows == Tile.Rows)
        {
            Multiply(depth, a, aStride, b, bStep, edge, Tile.Columns, accumulate: false);
        }
        else
        {
            // Few rows: a tile of one row repeated would do the work of eight; the plain loop does not.
            new Span<float>(edge, rows * Tile.Columns).Clear();
            for (var i = 0; i < rows; i++)
            {
                if (InstructionSets.Avx512) OneRow<Avx512Lanes, Vector512<float>>(depth, a + (i * aStride), b, bStep, edge + (i * Tile.Columns));
                else if (InstructionSets.Avx2) OneRow<Avx2Lanes, Vector256<float>>(depth, a + (i * aStride), b, bStep, edge + (i * Tile.Columns));
                else OneRow<PortableLanes, Vector<float>>(depth, a + (i * aStride), b, bStep, edge + (i * Tile.Columns));
            }
        }

        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                var at = c + (i * cStep) + j;
                *at = accumulate ? *at + edge[(i * Tile.Columns) + j] : edge[(i * Tile.Columns) + j];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneRow<TLanes, TVector>(int depth, float* a, float* b, nint bStep, float* c)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        for (nint column = 0; column < Tile.Columns; column += 2 * TLanes.Count)
        {
            var c0 = TLanes.Broadcast(0);
            var c1 = c0;
            var right = b + column;
            for (nint k = 0; k < depth; k++, right += bStep)
            {
                var left = TLanes.Broadcast(a[k]);
                c0 = TLanes.MultiplyAdd(left, TLanes.Load(right), c0);
                c1 = TLanes.MultiplyAdd(left, TLanes.Load(right + TLanes.Count), c1);
            }

            TLanes.Store(c + column, c0);
            TLanes.Store(c + column + TLanes.Count, c1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Quarters<TLanes, TVector>(int depth, float* a, nint aStride, float* b, nint bStep, float* c, nint cStep, bool accumulate)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        for (var column = 0; column < Tile.Columns; column += 2 * TLanes.Count)
        {
            Four<TLanes, TVector>(depth, a, aStride, b + column, bStep, c + column, cStep, accumulate);
            Four<TLanes, TVector>(depth, a + (4 * aStride), aStride, b + column, bStep, c + (4 * cStep) + column, cStep, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight<TLanes, TVector>(int depth, float* a, nint aStride, float* b, nint bStep, float* c, nint cStep, bool accumulate)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var c00 = TLanes.Broadcast(0);
        var c01 = c00;
        var c10 = c00;
        var c11 = c00;
        var c20 = c00;
        var c21 = c00;
        var c30 = c00;
        var c31 = c00;
        var c40 = c00;
        var c41 = c00;
        var c50 = c00;
        var c51 = c00;
        var c60 = c00;
        var c61 = c00;
        var c70 = c00;
        var c71 = c00;
        var r0 = a;
        var r1 = r0 + aStride;
        var r2 = r1 + aStride;
        var r3 = r2 + aStride;
        var r4 = r3 + aStride;
        var r5 = r4 + aStride;
        var r6 = r5 + aStride;
        var r7 = r6 + aStride;
        for (nint k = 0; k < depth; k++)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Count);
            var a0 = TLanes.Broadcast(r0[k]);
            c00 = TLanes.MultiplyAdd(a0, b0, c00);
            c01 = TLanes.MultiplyAdd(a0, b1, c01);
            var a1 = TLanes.Broadcast(r1[k]);
            c10 = TLanes.MultiplyAdd(a1, b0, c10);
            c11 = TLanes.MultiplyAdd(a1, b1, c11);
            var a2 = TLanes.Broadcast(r2[k]);
            c20 = TLanes.MultiplyAdd(a2, b0, c20);
            c21 = TLanes.MultiplyAdd(a2, b1, c21);
            var a3 = TLanes.Broadcast(r3[k]);
            c30 = TLanes.MultiplyAdd(a3, b0, c30);
            c31 = TLanes.MultiplyAdd(a3, b1, c31);
            var a4 = TLanes.Broadcast(r4[k]);
            c40 = TLanes.MultiplyAdd(a4, b0, c40);
            c41 = TLanes.MultiplyAdd(a4, b1, c41);
            var a5 = TLanes.Broadcast(r5[k]);
            c50 = TLanes.MultiplyAdd(a5, b0, c50);
            c51 = TLanes.MultiplyAdd(a5, b1, c51);
            var a6 = TLanes.Broadcast(r6[k]);
            c60 = TLanes.MultiplyAdd(a6, b0, c60);
            c61 = TLanes.MultiplyAdd(a6, b1, c61);
            var a7 = TLanes.Broadcast(r7[k]);
            c70 = TLanes.MultiplyAdd(a7, b0, c70);
            c71 = TLanes.MultiplyAdd(a7, b1, c71);
            b += bStep;
        }

        Tile.Put<TLanes, TVector>(c, c00, c01, accumulate);
        Tile.Put<TLanes, TVector>(c + cStep, c10, c11, accumulate);
        Tile.Put<TLanes, TVector>(c + (2 * cStep), c20, c21, accumulate);
        Tile.Put<TLanes, TVector>(c + (3 * cStep), c30, c31, accumulate);
        Tile.Put<TLanes, TVector>(c + (4 * cStep), c40, c41, accumulate);
        Tile.Put<TLanes, TVector>(c + (5 * cStep), c50, c51, accumulate);
        Tile.Put<TLanes, TVector>(c + (6 * cStep), c60, c61, accumulate);
        Tile.Put<TLanes, TVector>(c + (7 * cStep), c70, c71, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<TLanes, TVector>(int depth, float* a, nint aStride, float* b, nint bStep, float* c, nint cStep, bool accumulate)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var c00 = TLanes.Broadcast(0);
        var c01 = c00;
        var c10 = c00;
        var c11 = c00;
        var c20 = c00;
        var c21 = c00;
        var c30 = c00;
        var c31 = c00;
        var r0 = a;
        var r1 = r0 + aStride;
        var r2 = r1 + aStride;
        var r3 = r2 + aStride;
        for (nint k = 0; k < depth; k++)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Count);
            var a0 = TLanes.Broadcast(r0[k]);
            c00 = TLanes.MultiplyAdd(a0, b0, c00);
            c01 = TLanes.MultiplyAdd(a0, b1, c01);
            var a1 = TLanes.Broadcast(r1[k]);
            c10 = TLanes.MultiplyAdd(a1, b0, c10);
            c11 = TLanes.MultiplyAdd(a1, b1, c11);
            var a2 = TLanes.Broadcast(r2[k]);
            c20 = TLanes.MultiplyAdd(a2, b0, c20);
            c21 = TLanes.MultiplyAdd(a2, b1, c21);
            var a3 = TLanes.Broadcast(r3[k]);
            c30 = TLanes.MultiplyAdd(a3, b0, c30);
            c31 = TLanes.MultiplyAdd(a3, b1, c31);
            b += bStep;
        }

        Tile.Put<TLanes, TVector>(c, c00, c01, accumulate);
        Tile.Put<TLanes, TVector>(c + cStep, c10, c11, accumulate);
        Tile.Put<TLanes, TVector>(c + (2 * cStep), c20, c21, accumulate);
        Tile.Put<TLanes, TVector>(c + (3 * cStep), c30, c31, accumulate);
    }
}
