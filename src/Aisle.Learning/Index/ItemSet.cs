using System.Numerics;

namespace Aisle.Learning.Index;

/// <summary>A set of items as a bit each: the filter of a search. Reading it from several threads is safe while nobody changes it.</summary>
public sealed class ItemSet
{
    private readonly ulong[] _bits;

    /// <param name="limit">Items are 0 to limit − 1.</param>
    public ItemSet(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        this.Limit = limit;
        this._bits = new ulong[(limit + 63L) / 64];
    }

    public int Limit { get; }

    public int Count { get; private set; }

    /// <summary>False for items at or above <see cref="Limit"/>.</summary>
    public bool Contains(int item) => (uint)item < (uint)this.Limit && (this._bits[item >> 6] >> (item & 63) & 1) != 0;

    /// <returns>False where the item was there already.</returns>
    public bool Add(int item)
    {
        if ((uint)item >= (uint)this.Limit) throw new ArgumentOutOfRangeException(nameof(item), $"Item {item} does not fit in a set of items 0 to {this.Limit - 1}.");
        if (this.Contains(item)) return false;
        this._bits[item >> 6] |= 1UL << (item & 63);
        this.Count++;
        return true;
    }

    /// <returns>False where the item was not there.</returns>
    public bool Remove(int item)
    {
        if (!this.Contains(item)) return false;
        this._bits[item >> 6] &= ~(1UL << (item & 63));
        this.Count--;
        return true;
    }

    /// <summary>The lowest item from <paramref name="from"/> on; −1 where there is none.</summary>
    internal int Next(int from)
    {
        if (from >= this.Limit) return -1;
        var word = from >> 6;
        var bits = this._bits[word] & (ulong.MaxValue << (from & 63));
        while (bits == 0)
        {
            if (++word == this._bits.Length) return -1;
            bits = this._bits[word];
        }

        return (word << 6) + BitOperations.TrailingZeroCount(bits);
    }
}
