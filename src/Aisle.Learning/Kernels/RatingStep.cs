using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>
/// What one rating asks of the two vectors whose product predicts it: the user's moves at once, and the move of the item's is noted for
/// later, since other users may be looking at it meanwhile.
/// </summary>
internal static unsafe class RatingStep
{
    /// <summary>move = push·z − decay·q, then z += pull·q − decay·z, over whole padded rows. The factors have the learning rate in them.</summary>
    public static void Move(float push, float pull, float decay, float* z, float* q, float* move, int stride)
    {
        if (InstructionSets.Avx512) Move<Avx512Lanes, Vector512<float>>(push, pull, decay, z, q, move, stride);
        else if (InstructionSets.Avx2) Move<Avx2Lanes, Vector256<float>>(push, pull, decay, z, q, move, stride);
        else Move<PortableLanes, Vector<float>>(push, pull, decay, z, q, move, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move<TLanes, TVector>(float push, float pull, float decay, float* z, float* q, float* move, int stride)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var zero = TLanes.Broadcast(0);
        var pushes = TLanes.Broadcast(push);
        var pulls = TLanes.Broadcast(pull);
        var shrink = TLanes.Broadcast(-decay);
        var keep = TLanes.Broadcast(1 - decay);
        for (var i = 0; i < stride; i += TLanes.Count)
        {
            var own = TLanes.Load(z + i);
            var other = TLanes.Load(q + i);
            TLanes.Store(move + i, TLanes.MultiplyAdd(pushes, own, TLanes.MultiplyAdd(shrink, other, zero)));
            TLanes.Store(z + i, TLanes.MultiplyAdd(pulls, other, TLanes.MultiplyAdd(keep, own, zero)));
        }
    }

    /// <summary>Plain twin of <see cref="Move(float, float, float, float*, float*, float*, int)"/>.</summary>
    public static void MoveReference(float push, float pull, float decay, Span<float> z, ReadOnlySpan<float> q, Span<float> move)
    {
        for (var i = 0; i < z.Length; i++)
        {
            move[i] = (push * z[i]) - (decay * q[i]);
            z[i] += (pull * q[i]) - (decay * z[i]);
        }
    }
}
