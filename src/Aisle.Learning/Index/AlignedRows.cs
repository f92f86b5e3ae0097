using System.Runtime.CompilerServices;

namespace Aisle.Learning.Index;

/// <summary>
/// Rows of numbers, one after the other from a cache line on, that can become more. Owned by the garbage collector: pointers are valid while the
/// object is reachable and until it grows.
/// </summary>
internal sealed unsafe class AlignedRows<T>
    where T : unmanaged
{
    private const int CacheLine = 64;

    private T[] _buffer = [];
    private int _offset;

    /// <param name="stride">Numbers in a row.</param>
    public AlignedRows(int stride) => this.Stride = stride;

    public int Stride { get; }

    /// <summary>Rows that there is room for.</summary>
    public int Room { get; private set; }

    public T* Pointer => this._buffer.Length == 0 ? null : (T*)Unsafe.AsPointer(ref this._buffer[this._offset]);

    public Span<T> this[int row] => this._buffer.AsSpan(this._offset + (row * this.Stride), this.Stride);

    /// <summary>The first rows, one after the other.</summary>
    public Span<T> First(int rows) => this._buffer.AsSpan(this._offset, checked(rows * this.Stride));

    /// <summary>The rows of before stay as they are; new ones are undefined.</summary>
    public void Grow(int rows)
    {
        if (rows <= this.Room) return;
        var length = ((long)rows * this.Stride) + (CacheLine / sizeof(T));
        if (length > Array.MaxLength)
            throw new ArgumentOutOfRangeException(nameof(rows), $"{rows} rows of {this.Stride} numbers do not fit in one buffer; {(Array.MaxLength - CacheLine) / this.Stride} do. Divide the items among several indexes.");
        var (old, oldOffset) = (this._buffer, this._offset);
        this._buffer = GC.AllocateUninitializedArray<T>((int)length, pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref this._buffer[0]);
        this._offset = (int)((CacheLine - (address % CacheLine)) % CacheLine) / sizeof(T);
        old.AsSpan(oldOffset, this.Room * this.Stride).CopyTo(this._buffer.AsSpan(this._offset));
        this.Room = rows;
    }
}
