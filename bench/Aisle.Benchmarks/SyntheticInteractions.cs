using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Aisle.Benchmarks;

/// <summary>
/// Writes made-up interactions of the shape of MovieLens 20M in the LightGCN layout: items by a power law, shoppers of very different
/// activity, and taste: each shopper prefers a few of many groups of items. A line is written as soon as it is drawn, so that memory
/// does not grow with the data.
/// </summary>
internal static class SyntheticInteractions
{
    private const int Seed = 1;

    /// <summary>Fall of popularity with rank: the most popular of 27,000 items then has about 0.4 % of all interactions, as in MovieLens.</summary>
    private const double PopularityExponent = 0.75;

    /// <summary>Spread of the logarithm of activity: the middle shopper has about half of the mean.</summary>
    private const double ActivitySpread = 1.1;
    private const int TasteGroups = 40;
    private const int GroupsOfAShopper = 3;

    /// <summary>Share of the interactions that follow taste; the rest follow popularity alone.</summary>
    private const double TasteShare = 0.75;

    public static void Write(int users, int items, long interactions, string file, TextWriter told)
    {
        var start = Stopwatch.GetTimestamp();
        var random = new Random(Seed);
        var groups = new Group[TasteGroups + 1];
        var groupOf = Enumerable.Range(0, items).Select(_ => random.Next(TasteGroups)).ToArray();
        var ranks = Enumerable.Range(1, items).ToArray();
        random.Shuffle(ranks);
        for (var g = 0; g < TasteGroups; g++) groups[g] = new Group([.. Enumerable.Range(0, items).Where(item => groupOf[item] == g)], ranks);
        groups[TasteGroups] = new Group([.. Enumerable.Range(0, items)], ranks);

        var written = 0L;
        using (var output = new StreamWriter(file, append: false, new UTF8Encoding(false), 1 << 16))
        {
            var marks = new int[items];
            for (var user = 0; user < users; user++)
            {
                var mean = (double)(interactions - written) / (users - user);
                written += WriteUser(user, Count(mean, items, user == users - 1, random), groups, marks, random, output);
            }
        }

        told.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{users:N0} users × {items:N0} items, {written:N0} interactions in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s: {file}"));
    }

    /// <summary>Log-normal activity whose mean is what is left to write per shopper; the last one takes the rest.</summary>
    private static int Count(double mean, int items, bool isLast, Random random)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var drawn = isLast ? mean : mean * Math.Exp((ActivitySpread * normal) - (ActivitySpread * ActivitySpread / 2));
        return (int)Math.Clamp(Math.Round(drawn), 1, items / 3);
    }

    private static int WriteUser(int user, int count, Group[] groups, int[] marks, Random random, StreamWriter output)
    {
        Span<int> liked = stackalloc int[GroupsOfAShopper];
        foreach (ref var group in liked) group = random.Next(TasteGroups);
        output.Write(user);
        var written = 0;

        // Who has seen most of the popular items draws in vain; such a shopper ends with fewer.
        for (var draw = 0; written < count && draw < 20 * count; draw++)
        {
            var group = random.NextDouble() < TasteShare ? liked[random.Next(GroupsOfAShopper)] : TasteGroups;
            var item = groups[group].Draw(random);
            if (marks[item] == user + 1) continue;
            marks[item] = user + 1;
            output.Write(' ');
            output.Write(item);
            written++;
        }

        output.Write('\n');
        return written;
    }

    /// <summary>Items that are drawn by their popularity: a place in the running sums is found by halving.</summary>
    private sealed class Group
    {
        private readonly int[] _items;
        private readonly double[] _sums;

        public Group(int[] items, int[] ranks)
        {
            this._items = items.Length > 0 ? items : [0];
            this._sums = new double[this._items.Length];
            var sum = 0.0;
            for (var i = 0; i < this._items.Length; i++) this._sums[i] = sum += Math.Pow(ranks[this._items[i]], -PopularityExponent);
        }

        public int Draw(Random random)
        {
            var place = Array.BinarySearch(this._sums, random.NextDouble() * this._sums[^1]);
            return this._items[Math.Min(place < 0 ? ~place : place, this._items.Length - 1)];
        }
    }
}
