using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Aisle.Learning.Kernels;

/// <summary>Scratch memory outside the collected heap: it starts on a cache line and goes back when disposed of. Its numbers are undefined until they are written.</summary>
internal readonly unsafe ref struct ScratchFloats
{
    private const nuint CacheLine = 64;

    public ScratchFloats(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        this.Length = length;
        this.Pointer = length == 0 ? null : (float*)NativeMemory.AlignedAlloc(checked((nuint)length * sizeof(float)), CacheLine);
    }

    public long Length { get; }

    public float* Pointer { get; }

    public Span<float> Span => new(this.Pointer, checked((int)this.Length));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose() => NativeMemory.AlignedFree(this.Pointer);
}
