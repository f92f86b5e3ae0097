using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>
/// The inner product of all dense kernels: C (8 × 32) = or += Σₖ a(k, 0…7)ᵀ · b(k, 0…31). The steps are the distances from one k
/// to the next, so the same tile multiplies packed panels (steps 8 and 32) and computes XᵀX straight from the rows of X (both steps its stride).
/// </summary>
internal static unsafe class Tile
{
    public const int Rows = 8;

    public const int Columns = 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(int depth, float* a, nint aStep, float* b, nint bStep, float* c, nint cStep, bool accumulate)
    {
        if (InstructionSets.Avx512)
        {
            Eight<Avx512Lanes, Vector512<float>>(depth, a, aStep, b, bStep, c, cStep, accumulate);
            return;
        }

        // Sixteen registers hold a 4 × 2 tile without spilling, not an 8 × 2 one.
        if (InstructionSets.Avx2) Quarters<Avx2Lanes, Vector256<float>>(depth, a, aStep, b, bStep, c, cStep, accumulate);
        else Quarters<PortableLanes, Vector<float>>(depth, a, aStep, b, bStep, c, cStep, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Quarters<TLanes, TVector>(int depth, float* a, nint aStep, float* b, nint bStep, float* c, nint cStep, bool accumulate)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        for (var column = 0; column < Columns; column += 2 * TLanes.Count)
        {
            Four<TLanes, TVector>(depth, a, aStep, b + column, bStep, c + column, cStep, accumulate);
            Four<TLanes, TVector>(depth, a + 4, aStep, b + column, bStep, c + (4 * cStep) + column, cStep, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight<TLanes, TVector>(int depth, float* a, nint aStep, float* b, nint bStep, float* c, nint cStep, bool accumulate)
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
        for (var k = 0; k < depth; k++)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Count);
            var a0 = TLanes.Broadcast(a[0]);
            c00 = TLanes.MultiplyAdd(a0, b0, c00);
            c01 = TLanes.MultiplyAdd(a0, b1, c01);
            var a1 = TLanes.Broadcast(a[1]);
            c10 = TLanes.MultiplyAdd(a1, b0, c10);
            c11 = TLanes.MultiplyAdd(a1, b1, c11);
            var a2 = TLanes.Broadcast(a[2]);
            c20 = TLanes.MultiplyAdd(a2, b0, c20);
            c21 = TLanes.MultiplyAdd(a2, b1, c21);
            var a3 = TLanes.Broadcast(a[3]);
            c30 = TLanes.MultiplyAdd(a3, b0, c30);
            c31 = TLanes.MultiplyAdd(a3, b1, c31);
            var a4 = TLanes.Broadcast(a[4]);
            c40 = TLanes.MultiplyAdd(a4, b0, c40);
            c41 = TLanes.MultiplyAdd(a4, b1, c41);
            var a5 = TLanes.Broadcast(a[5]);
            c50 = TLanes.MultiplyAdd(a5, b0, c50);
            c51 = TLanes.MultiplyAdd(a5, b1, c51);
            var a6 = TLanes.Broadcast(a[6]);
            c60 = TLanes.MultiplyAdd(a6, b0, c60);
            c61 = TLanes.MultiplyAdd(a6, b1, c61);
            var a7 = TLanes.Broadcast(a[7]);
            c70 = TLanes.MultiplyAdd(a7, b0, c70);
            c71 = TLanes.MultiplyAdd(a7, b1, c71);
            a += aStep;
            b += bStep;
        }

        Put<TLanes, TVector>(c, c00, c01, accumulate);
        Put<TLanes, TVector>(c + cStep, c10, c11, accumulate);
        Put<TLanes, TVector>(c + (2 * cStep), c20, c21, accumulate);
        Put<TLanes, TVector>(c + (3 * cStep), c30, c31, accumulate);
        Put<TLanes, TVector>(c + (4 * cStep), c40, c41, accumulate);
        Put<TLanes, TVector>(c + (5 * cStep), c50, c51, accumulate);
        Put<TLanes, TVector>(c + (6 * cStep), c60, c61, accumulate);
        Put<TLanes, TVector>(c + (7 * cStep), c70, c71, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Four<TLanes, TVector>(int depth, float* a, nint aStep, float* b, nint bStep, float* c, nint cStep, bool accumulate)
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
        for (var k = 0; k < depth; k++)
        {
            var b0 = TLanes.Load(b);
            var b1 = TLanes.Load(b + TLanes.Count);
            var a0 = TLanes.Broadcast(a[0]);
            c00 = TLanes.MultiplyAdd(a0, b0, c00);
            c01 = TLanes.MultiplyAdd(a0, b1, c01);
            var a1 = TLanes.Broadcast(a[1]);
            c10 = TLanes.MultiplyAdd(a1, b0, c10);
            c11 = TLanes.MultiplyAdd(a1, b1, c11);
            var a2 = TLanes.Broadcast(a[2]);
            c20 = TLanes.MultiplyAdd(a2, b0, c20);
            c21 = TLanes.MultiplyAdd(a2, b1, c21);
            var a3 = TLanes.Broadcast(a[3]);
            c30 = TLanes.MultiplyAdd(a3, b0, c30);
            c31 = TLanes.MultiplyAdd(a3, b1, c31);
            a += aStep;
            b += bStep;
        }

        Put<TLanes, TVector>(c, c00, c01, accumulate);
        Put<TLanes, TVector>(c + cStep, c10, c11, accumulate);
        Put<TLanes, TVector>(c + (2 * cStep), c20, c21, accumulate);
        Put<TLanes, TVector>(c + (3 * cStep), c30, c31, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Put<TLanes, TVector>(float* c, TVector left, TVector right, bool accumulate)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        TLanes.Store(c, accumulate ? TLanes.Add(TLanes.Load(c), left) : left);
        TLanes.Store(c + TLanes.Count, accumulate ? TLanes.Add(TLanes.Load(c + TLanes.Count), right) : right);
    }
}
