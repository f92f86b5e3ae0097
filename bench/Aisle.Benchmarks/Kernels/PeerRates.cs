using System.Diagnostics;
using System.Globalization;
using Aisle.Learning.Kernels;

namespace Aisle.Benchmarks.Kernels;

/// <summary>
/// Rates to set beside NumPy with OpenBLAS: the matrix product (as one thread of calibrate.py does it) and the top 20 of a full
/// catalogue for every user (as topk_numpy.py does it). Best of several runs, since other work disturbs the machine.
/// </summary>
internal static class PeerRates
{
    public static void Print(TextWriter output)
    {
        foreach (var size in new[] { 64, 128, 256, 512, 1024, 2048 }) Product(size, output);
        Ranking(29_858, 40_981, 64, output);
        Ranking(29_858, 40_981, 128, output);
    }

    private static void Product(int size, TextWriter output)
    {
        var a = Numbers.Random(size * size, 1);
        var b = Numbers.Random(size * size, 2);
        var c = new float[size * size];
        var best = BestSeconds(size < 1024 ? 200 : 12, () => Gemm.Multiply(a, b, c, size, size, size));
        var packed = PackedMatrix.FromRows(b, size, size);
        var bestPacked = BestSeconds(size < 1024 ? 200 : 12, () => Gemm.Multiply(a, size, size, packed, c));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"product of {size} × {size}: {2.0 * size * size * size / best / 1e9:0} GFLOP/s with packing, {2.0 * size * size * size / bestPacked / 1e9:0} packed before, one thread"));
    }

    private static void Ranking(int users, int items, int dimensions, TextWriter output)
    {
        const int Batch = 24;
        var p = Numbers.Random(users * dimensions, 1);
        var q = PackedMatrix.FromColumns(Numbers.Random(items * dimensions, 2), dimensions, items, dimensions);
        long product = 0, selection = 0;
        var scratch = new (float[] Scores, int[] Best, float[] Values)[2];
        for (var i = 0; i < 2; i++) scratch[i] = (new float[Batch * items], new int[20], new float[20]);
        ParallelRows.Run(2, users, Batch, (worker, first, end) =>
        {
            var scores = scratch[worker].Scores.AsSpan(0, (end - first) * items);
            var start = Stopwatch.GetTimestamp();
            Gemm.Multiply(p.AsSpan(first * dimensions, (end - first) * dimensions), end - first, dimensions, q, scores);
            var middle = Stopwatch.GetTimestamp();
            for (var i = 0; i < end - first; i++) TopK.Select(scores.Slice(i * items, items), scratch[worker].Best, scratch[worker].Values);
            Interlocked.Add(ref product, middle - start);
            Interlocked.Add(ref selection, Stopwatch.GetTimestamp() - middle);
        }, default);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"top-20 of {items} items for {users} users, {dimensions} dimensions, two threads: product {product / 2.0 / Stopwatch.Frequency:0.00} s, selection {selection / 2.0 / Stopwatch.Frequency:0.00} s"));
    }

    private static double BestSeconds(int runs, Action action)
    {
        action();
        var best = double.MaxValue;
        for (var run = 0; run < runs; run++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
