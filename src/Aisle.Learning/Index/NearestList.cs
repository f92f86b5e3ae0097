using System.Runtime.CompilerServices;

namespace Aisle.Learning.Index;

/// <summary>
/// A score and a number in one whole number whose order is "higher score first, then lower number": comparing is one instruction, and results
/// do not depend on the order in which candidates come.
/// </summary>
internal static class NearestKey
{
    public const ulong Last = ulong.MaxValue;

    /// <param name="score">Not NaN.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(float score, uint number)
    {
        // As whole numbers, positive floats rise and negative ones fall. Adding 0 makes one zero of two.
        var bits = BitConverter.SingleToInt32Bits(score + 0f);
        var falling = (uint)(bits ^ (bits >> 31 & int.MaxValue)) ^ 0x7FFF_FFFFu;
        return ((ulong)falling << 32) | number;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ScoreOf(ulong key)
    {
        var bits = (int)((uint)(key >> 32) ^ 0x7FFF_FFFFu);
        return BitConverter.Int32BitsToSingle(bits ^ (bits >> 31 & int.MaxValue));
    }
}

/// <summary>The nearest few of what is offered: a heap whose root is the farthest kept.</summary>
internal sealed class NearestList
{
    private ulong[] _keys = [];
    private int _limit;

    public int Count { get; private set; }

    public bool IsFull => this.Count == this._limit;

    /// <summary>What an offer must come before.</summary>
    public ulong Bound { get; private set; }

    /// <summary>In no order until <see cref="Sort"/>.</summary>
    public ReadOnlySpan<ulong> Keys => this._keys.AsSpan(0, this.Count);

    public void Clear(int limit)
    {
        if (this._keys.Length < limit) this._keys = new ulong[limit];
        this._limit = limit;
        this.Count = 0;
        this.Bound = limit == 0 ? 0 : NearestKey.Last;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Offer(ulong key)
    {
        if (key < this.Bound) this.Insert(key);
    }

    public void Sort() => this._keys.AsSpan(0, this.Count).Sort();

    private void Insert(ulong key)
    {
        var heap = this._keys;
        if (this.Count < this._limit)
        {
            var at = this.Count++;
            for (int parent; at > 0 && heap[parent = (at - 1) / 2] < key; at = parent) heap[at] = heap[parent];
            heap[at] = key;
        }
        else
        {
            var at = 0;
            for (var child = 1; child < this.Count; child = (2 * at) + 1)
            {
                if (child + 1 < this.Count && heap[child + 1] > heap[child]) child++;
                if (heap[child] <= key) break;
                heap[at] = heap[child];
                at = child;
            }

            heap[at] = key;
        }

        if (this.Count == this._limit) this.Bound = heap[0];
    }
}
