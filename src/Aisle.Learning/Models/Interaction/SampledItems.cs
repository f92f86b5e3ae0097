using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>For each observed pair some items by chance: what the shopper is taken not to want, so long as they have not touched it.</summary>
internal static class SampledItems
{
    /// <summary>Draws before an item that the shopper has touched is accepted as what it is: someone who touched nearly all leaves nothing to draw.</summary>
    private const int Tries = 16;

    /// <summary>Fills a row with the wanted item and draws.</summary>
    /// <param name="touched">Ascending.</param>
    /// <param name="catalogue">What is drawn from, evenly.</param>
    /// <param name="items">First the wanted one, then the drawn.</param>
    /// <param name="labels">1 for what was touched, 0 for the rest.</param>
    public static void Fill(int wanted, ReadOnlySpan<int> touched, ReadOnlySpan<int> catalogue, ref RandomStream random, Span<int> items, Span<float> labels)
    {
        items[0] = wanted;
        labels[0] = 1f;
        for (var j = 1; j < items.Length; j++)
        {
            var item = catalogue[random.Below(catalogue.Length)];
            var isTouched = touched.BinarySearch(item) >= 0;
            for (var tries = 1; tries < Tries && isTouched; tries++)
            {
                item = catalogue[random.Below(catalogue.Length)];
                isTouched = touched.BinarySearch(item) >= 0;
            }

            items[j] = item;
            labels[j] = isTouched ? 1f : 0f;
        }
    }

    /// <summary>Items that anyone touched, ascending.</summary>
    public static int[] Touched(Interactions train)
    {
        var isTouched = new bool[train.Items];
        foreach (var item in train.AllItems) isTouched[item] = true;
        return [.. Enumerable.Range(0, train.Items).Where(item => isTouched[item])];
    }

    /// <summary>The user of each pair, in the order of the rows.</summary>
    public static int[] UsersOfPairs(Interactions train)
    {
        var users = new int[train.Count];
        for (var user = 0; user < train.Users; user++) users.AsSpan((int)train.RowStarts[user], train.CountOf(user)).Fill(user);
        return users;
    }
}
