using System.Runtime.CompilerServices;

namespace Aisle.Learning.Kernels;

/// <summary>
/// A pinned float buffer that starts on a cache line. Without it, every 64-byte load of a row straddles two lines.
/// Owned by the garbage collector: pointers are valid while the object is reachable.
/// </summary>
internal sealed unsafe class AlignedFloats
{
    private const int CacheLine = 64;

    public static readonly long MaxLength = Array.MaxLength - CacheLine;

    private readonly float[] _buffer;
    private readonly int _offset;

    /// <param name="cleared">False where every number is written before it is read.</param>
    public AlignedFloats(long length, bool cleared = true)
    {
        if (length < 0 || length > MaxLength)
            throw new ArgumentOutOfRangeException(nameof(length), $"{length} numbers do not fit in one buffer; {MaxLength} do. Use fewer rows or fewer dimensions.");
        var withRoom = (int)length + (CacheLine / sizeof(float));
        this._buffer = cleared ? GC.AllocateArray<float>(withRoom, pinned: true) : GC.AllocateUninitializedArray<float>(withRoom, pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref this._buffer[0]);
        this._offset = (int)((CacheLine - (address % CacheLine)) % CacheLine / sizeof(float));
        this.Length = (int)length;
    }

    public int Length { get; }

    public Span<float> Span => this._buffer.AsSpan(this._offset, this.Length);

    public float* Pointer => (float*)Unsafe.AsPointer(ref this._buffer[this._offset]);
}
