using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>For each item those that go with it, by ω_ij = G_ij / (g_i − G_ii) · √(g_i / g_j), G = AᵀA and g its sums of rows (equation 11).</summary>
/// <remarks>Mao, Zhu, Xiao, Lu, Wang, He: UltraGCN (CIKM 2021).</remarks>
internal sealed class ItemsTogether
{
    /// <summary>Users with more items are left out: they tell little of what goes together, and their pairs would cost more than everybody else's.</summary>
    public const int MostOfUser = 2_000;

    private readonly int[] _items;
    private readonly float[] _omegas;

    private ItemsTogether(int items, int count)
    {
        this.Count = count;
        this._items = new int[items * count];
        this._omegas = new float[items * count];
    }

    /// <summary>Of each item; those with fewer have a weight of 0 in their place.</summary>
    public int Count { get; }

    public static ItemsTogether Of(Interactions train, int most, FitContext context)
    {
        var together = new ItemsTogether(train.Items, Math.Min(most, Math.Max(1, train.Items - 1)));
        var columns = train.Transpose();
        // g_i − G_ii, and g_i.
        var (others, sums) = (new double[train.Items], new double[train.Items]);
        for (var user = 0; user < train.Users; user++)
        {
            if (train.CountOf(user) > MostOfUser) continue;
            foreach (var item in train.ItemsOf(user))
            {
                others[item] += train.CountOf(user) - 1;
                sums[item] += train.CountOf(user);
            }
        }

        ParallelRows.Run(
            context.Threads,
            train.Items,
            // Few parts: each counts in a row of all items.
            Math.Max(64, train.Items / (8 * context.Threads)),
            (_, first, end) =>
            {
                var (shared, touched) = (new int[train.Items], new List<int>());
                for (var item = first; item < end; item++) together.Fill(item, train, columns, (others, sums), shared, touched);
            },
            context.Cancellation);
        return together;
    }

    public (int[] Items, float[] Omegas) Of(int[] items)
    {
        var (near, omegas) = (new int[items.Length * this.Count], new float[items.Length * this.Count]);
        for (var row = 0; row < items.Length; row++)
        {
            this._items.AsSpan(items[row] * this.Count, this.Count).CopyTo(near.AsSpan(row * this.Count));
            this._omegas.AsSpan(items[row] * this.Count, this.Count).CopyTo(omegas.AsSpan(row * this.Count));
        }

        return (near, omegas);
    }

    /// <param name="shared">Zeros by item, and so again when it returns.</param>
    private void Fill(int item, Interactions train, Interactions columns, (double[] Others, double[] All) sums, int[] shared, List<int> touched)
    {
        touched.Clear();
        foreach (var user in columns.ItemsOf(item))
        {
            if (train.CountOf(user) > MostOfUser) continue;
            foreach (var other in train.ItemsOf(user))
            {
                if (other != item && shared[other]++ == 0) touched.Add(other);
            }
        }

        var place = item * this.Count;
        this._items.AsSpan(place, this.Count).Fill(item);
        foreach (var (other, omega) in touched.Select(other => (other, shared[other] / sums.Others[item] * Math.Sqrt(sums.All[item] / sums.All[other])))
            .OrderByDescending(near => near.Item2).ThenBy(near => near.other).Take(this.Count))
            (this._items[place], this._omegas[place++]) = (other, (float)omega);
        foreach (var other in touched) shared[other] = 0;
    }
}
