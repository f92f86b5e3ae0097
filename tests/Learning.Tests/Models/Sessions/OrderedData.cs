using Aisle.Learning.Data;

namespace Aisle.Learning.Tests.Models;

/// <summary>Data in order for models that learn from it.</summary>
internal static class OrderedData
{
    /// <summary>Each user's items in an order by chance: what is true of the pairs stays so, and the order tells nothing more.</summary>
    public static Dataset Shuffled(Interactions interactions)
    {
        var random = new Random(7);
        var rows = Enumerable.Range(0, interactions.Users).Select(user =>
        {
            var items = interactions.ItemsOf(user).ToArray();
            random.Shuffle(items);
            return items;
        });
        return new Dataset(interactions) { Sequences = Sequences.From(interactions.Items, [.. rows]) };
    }

    public static Dataset Of(int items, params int[][] rows) => new(Sequences.From(items, rows));

    /// <summary>Rows of 1 to <paramref name="longest"/> items in which neighbours in number follow one another more often, some repeated.</summary>
    public static int[][] Random(int seed, int rows, int items, int longest)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ =>
        {
            var at = random.Next(items);
            return Enumerable.Range(0, random.Next(1, longest + 1)).Select(_ => at = (at + random.Next(4)) % items).ToArray();
        })];
    }
}
