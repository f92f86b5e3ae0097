using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Aisle.Engine.Cleaning;

/// <summary>
/// 128 bits of what a row says, for its event id. The same content gives the same bits on every machine, in every process and version:
/// a change here makes a second import of a file store everything twice. Not cryptographic: it guards against accident, not against a
/// forger, who could only make rows of their own file look like duplicates.
/// </summary>
/// <remarks>Two lanes; each step multiplies 64 × 64 → 128 bits and folds the halves together (the folded multiply of wyhash, Wang Yi 2019).</remarks>
internal struct ContentHash
{
    // The first 64-bit words of the fractional part of π, made odd.
    private const ulong A = 0x243F6A8885A308D3;
    private const ulong B = 0x13198A2E03707345;
    private const ulong C = 0xA4093822299F31D1;
    private const ulong D = 0x082EFA98EC4E6C89;

    private ulong _low;
    private ulong _high;

    public ContentHash(ulong kind)
    {
        this._low = kind ^ A;
        this._high = kind ^ B;
    }

    /// <summary>Adds a field; its length is part of it, so that "ab","c" and "a","bc" differ.</summary>
    public void Add(ReadOnlySpan<byte> field)
    {
        this.Add((ulong)field.Length);
        while (field.Length >= 8)
        {
            this.Add(BinaryPrimitives.ReadUInt64LittleEndian(field));
            field = field[8..];
        }

        if (field.IsEmpty) return;
        ulong rest = 0;
        for (var i = 0; i < field.Length; i++) rest |= (ulong)field[i] << (8 * i);
        this.Add(rest);
    }

    public void Add(double value) => this.Add(BitConverter.DoubleToUInt64Bits(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong word)
    {
        this._low = Fold(this._low ^ word, C);
        this._high = Fold(this._high + word, D) ^ word;
    }

    public readonly UInt128 ToUInt128()
    {
        var low = Fold(this._low ^ A, this._high ^ B);
        var high = Fold(this._high + C, this._low ^ D);
        return new UInt128(Fold(high ^ B, C), Fold(low ^ D, A));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
