using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Ranking;

/// <summary>Sums over the rows of a bin.</summary>
internal struct BinSum
{
    public double Gradient;
    public double Second;
    public double Rows;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in BinSum other)
    {
        this.Gradient += other.Gradient;
        this.Second += other.Second;
        this.Rows += other.Rows;
    }

    public readonly BinSum Without(in BinSum other) =>
        new() { Gradient = this.Gradient - other.Gradient, Second = this.Second - other.Second, Rows = this.Rows - other.Rows };
}

internal static unsafe class Histograms
{
    /// <summary>Rows summed in single precision before they are added to the sums in double: rounding stays below a millionth, and eight features' sums stay in the nearest cache.</summary>
    private const int BlockRows = 4096;

    /// <summary>Sums the derivatives of rows by the bins of a group's eight features.</summary>
    /// <param name="sums">Features × 256 of the whole histogram; the group's part is written.</param>
    public static void Sum(BinnedRows bins, int group, ReadOnlySpan<int> rows, Vector128<float>[] derivatives, BinSum[] sums)
    {
        var (first, end) = (group * BinnedRows.GroupSize, Math.Min(bins.Features, (group + 1) * BinnedRows.GroupSize));
        var own = sums.AsSpan(first * BinnedRows.Stride, (end - first) * BinnedRows.Stride);
        own.Clear();
        using var partial = new ScratchFloats(4 * BinnedRows.GroupSize * BinnedRows.Stride);
        fixed (ulong* words = bins.Group(group))
        fixed (Vector128<float>* steps = derivatives)
        fixed (int* numbers = rows)
        {
            for (var block = 0; block < rows.Length; block += BlockRows)
            {
                partial.Span.Clear();
                SumBlock(words, steps, numbers + block, Math.Min(BlockRows, rows.Length - block), (Vector128<float>*)partial.Pointer);
                for (var f = first; f < end; f++) Flush(partial.Span[((f - first) * 4 * BinnedRows.Stride)..], own.Slice((f - first) * BinnedRows.Stride, BinnedRows.Stride), bins.BinsOf(f));
            }
        }
    }

    private static void SumBlock(ulong* words, Vector128<float>* derivatives, int* rows, int count, Vector128<float>* sums)
    {
        for (var i = 0; i < count; i++)
        {
            var row = rows[i];
            var (word, step) = (words[row], derivatives[row]);
            sums[(byte)word] += step;
            sums[256 + (byte)(word >> 8)] += step;
            sums[512 + (byte)(word >> 16)] += step;
            sums[768 + (byte)(word >> 24)] += step;
            sums[1024 + (byte)(word >> 32)] += step;
            sums[1280 + (byte)(word >> 40)] += step;
            sums[1536 + (byte)(word >> 48)] += step;
            sums[1792 + (word >> 56)] += step;
        }
    }

    private static void Flush(ReadOnlySpan<float> partial, Span<BinSum> sums, int bins)
    {
        var steps = MemoryMarshal.Cast<float, Vector128<float>>(partial);
        for (var bin = 0; bin < bins; bin++) Add(steps[bin], ref sums[bin]);
        Add(steps[BinnedRows.Missing], ref sums[BinnedRows.Missing]);
    }

    private static void Add(Vector128<float> step, ref BinSum sum)
    {
        sum.Gradient += step[0];
        sum.Second += step[1];
        sum.Rows += step[2];
    }

    /// <summary>Plain twin of <see cref="Sum"/> for one feature.</summary>
    public static BinSum[] SumReference(BinnedRows bins, int feature, ReadOnlySpan<int> rows, Vector128<float>[] derivatives)
    {
        var sums = new BinSum[BinnedRows.Stride];
        foreach (var row in rows) Add(derivatives[row], ref sums[bins.Bin(feature, row)]);
        return sums;
    }

    /// <summary>What is left in a parent without one child: the other child.</summary>
    public static void Subtract(Span<BinSum> parent, ReadOnlySpan<BinSum> child)
    {
        for (var bin = 0; bin < parent.Length; bin++) parent[bin] = parent[bin].Without(child[bin]);
    }
}
