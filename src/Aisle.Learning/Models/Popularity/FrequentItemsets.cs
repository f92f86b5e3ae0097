using System.Collections.Concurrent;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// All sets of items that stand together in enough baskets, with the number of those baskets. Depth first: the baskets of a set are walked
/// once to count which later items stand in them, and once more to hand each frequent one its own baskets.
/// </summary>
/// <remarks>Zaki: Scalable algorithms for association mining (TKDE 2000); Uno, Asai, Uchida, Arimura: LCM (FIMI 2003), for the delivery of occurrences.</remarks>
internal sealed class FrequentItemsets
{
    /// <summary>More sets than this are of no use to anybody, and would not fit in memory for long.</summary>
    public const int MostSets = 2_000_000;

    private readonly Interactions _baskets;
    private readonly int _minimumCount;
    private readonly int _largest;
    private readonly int _mostSets;
    private readonly ConcurrentBag<int[]> _countings = [];
    private int _found;

    private FrequentItemsets(Interactions baskets, int minimumCount, int largest, int mostSets)
    {
        this._baskets = baskets;
        this._minimumCount = minimumCount;
        this._largest = largest;
        this._mostSets = mostSets;
    }

    /// <summary>Frequent sets of 1 to <paramref name="largest"/> items, each ascending, in lexicographic order.</summary>
    /// <exception cref="ArgumentException">There are more than <paramref name="mostSets"/>.</exception>
    public static List<(int[] Items, int Count)> Mine(string model, Interactions baskets, int minimumCount, int largest, FitContext context, int mostSets = MostSets)
    {
        var search = new FrequentItemsets(baskets, minimumCount, largest, mostSets);
        var byItem = baskets.Transpose();
        var perItem = new List<(int[], int)>?[baskets.Items];
        const int Stretch = 1024;
        var stretches = Math.Max(1, (baskets.Items + Stretch - 1) / Stretch);
        for (var stretch = 0; stretch < stretches; stretch++)
        {
            var start = stretch * Stretch;
            ParallelRows.Run(
                context.Threads,
                Math.Min(Stretch, baskets.Items - start),
                1,
                (_, first, _) =>
                {
                    var item = start + first;
                    if (byItem.CountOf(item) < minimumCount) return;
                    perItem[item] = [];
                    search.Extend([item], byItem.ItemsOf(item), perItem[item]!);
                },
                context.Cancellation);
            if (search._found > mostSets)
            {
                throw new ArgumentException(
                    $"{model}: more than {mostSets:N0} sets of items stand together in at least {minimumCount} baskets. Raise minSupport or minCount, or lower maxItems.");
            }

            context.Progress?.Report(new TrainingStep(model, "itemsets", stretch + 1, stretches));
        }

        return [.. perItem.Where(sets => sets is not null).SelectMany(sets => sets!)];
    }

    private void Extend(int[] set, ReadOnlySpan<int> baskets, List<(int[], int)> found)
    {
        if (Interlocked.Increment(ref this._found) > this._mostSets) return;
        found.Add((set, baskets.Length));
        if (set.Length == this._largest) return;

        var next = this.FrequentAfter(set[^1], baskets);
        if (set.Length + 1 == this._largest)
        {
            // Nothing follows from these sets: their number is known, their baskets are not needed.
            if (Interlocked.Add(ref this._found, next.Count) > this._mostSets) return;
            foreach (var (item, count) in next) found.Add(([.. set, item], count));
            return;
        }

        var delivered = next.ToDictionary(entry => entry.Item, entry => new List<int>(entry.Count));
        foreach (var basket in baskets)
        {
            foreach (var item in this.After(basket, set[^1]))
                if (delivered.TryGetValue(item, out var list)) list.Add(basket);
        }

        foreach (var (item, _) in next) this.Extend([.. set, item], delivered[item].ToArray(), found);
    }

    /// <summary>Items after one that stand in enough of some baskets, ascending.</summary>
    private List<(int Item, int Count)> FrequentAfter(int after, ReadOnlySpan<int> baskets)
    {
        if (!this._countings.TryTake(out var counts)) counts = new int[this._baskets.Items];
        var next = new List<(int Item, int Count)>();
        foreach (var basket in baskets)
        {
            foreach (var item in this.After(basket, after))
                if (++counts[item] == this._minimumCount) next.Add((item, 0));
        }

        next.Sort();
        for (var i = 0; i < next.Count; i++) next[i] = (next[i].Item, counts[next[i].Item]);
        foreach (var basket in baskets)
        {
            foreach (var item in this.After(basket, after)) counts[item] = 0;
        }

        this._countings.Add(counts);
        return next;
    }

    /// <summary>Items of a basket that are numbered after one of its items.</summary>
    private ReadOnlySpan<int> After(int basket, int item)
    {
        var items = this._baskets.ItemsOf(basket);
        return items[(items.BinarySearch(item) + 1)..];
    }
}
