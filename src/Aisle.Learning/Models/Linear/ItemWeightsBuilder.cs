using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Makes a sparse items × items matrix row by row, on many threads, keeping of each row the entries that are furthest from zero.</summary>
internal static class ItemWeightsBuilder
{
    /// <summary>Rows between two progress reports.</summary>
    private const int Stretch = 4096;

    private const int Grain = 16;

    /// <summary>Fills in one row: columns in any order but distinct, weights beside them.</summary>
    /// <param name="worker">May own scratch space; the row must not depend on it.</param>
    public delegate (ArraySegment<int> Columns, ArraySegment<float> Weights) RowMaker(int worker, int item);

    /// <returns>How often <see cref="Build"/> reports.</returns>
    public static int Stretches(int items) => (items + Stretch - 1) / Stretch;

    /// <param name="report">Told after each stretch, 1-based.</param>
    public static Interactions Build(int items, int keep, FitContext context, RowMaker make, Action<int>? report = null)
    {
        var rows = new (int[] Columns, float[] Weights)[items];
        var keepers = new LargestEntries?[context.Threads];
        for (var stretch = 0; stretch < Stretches(items); stretch++)
        {
            var start = stretch * Stretch;
            ParallelRows.Run(
                context.Threads,
                Math.Min(Stretch, items - start),
                Grain,
                (worker, first, end) =>
                {
                    var keeper = keepers[worker] ??= new LargestEntries(Math.Min(keep, items), items);
                    for (var item = start + first; item < start + end; item++)
                    {
                        var (columns, weights) = make(worker, item);
                        rows[item] = keeper.Of(columns, weights);
                    }
                },
                context.Cancellation);
            report?.Invoke(stretch + 1);
        }

        return Interactions.FromRows(items, rows);
    }
}

/// <summary>Keeps of a row of entries those that are furthest from zero; zeros never. One per thread.</summary>
internal sealed class LargestEntries(int keep, int longest)
{
    private readonly int[] _best = new int[keep];
    private readonly float[] _values = new float[keep];
    private readonly float[] _sizes = new float[longest];

    /// <returns>Columns ascending.</returns>
    public (int[] Columns, float[] Weights) Of(ReadOnlySpan<int> columns, ReadOnlySpan<float> weights)
    {
        for (var i = 0; i < weights.Length; i++) this._sizes[i] = weights[i] == 0f ? float.NegativeInfinity : MathF.Abs(weights[i]);
        var kept = TopK.Select(this._sizes.AsSpan(0, weights.Length), this._best, this._values);
        var chosen = new int[kept];
        var chosenWeights = new float[kept];
        for (var i = 0; i < kept; i++) (chosen[i], chosenWeights[i]) = (columns[this._best[i]], weights[this._best[i]]);
        Array.Sort(chosen, chosenWeights);
        return (chosen, chosenWeights);
    }
}
