using System.Globalization;
using System.Text;

namespace Aisle.Benchmarks;

/// <summary>
/// Writes a shop's catalogue and events for <c>aisle import</c>: groups of 500 products, popular by rank^−0.8 within; each shopper looks at three groups, one
/// of them more than the others, some minutes to days apart over 90 days. The same numbers give the same files.
/// </summary>
internal static class MadeUpShop
{
    private const int GroupSize = 500;
    private const int GroupsOfAShopper = 3;
    private const int Days = 90;
    private const int MostEvents = 60;
    private const double PopularityExponent = 0.8;
    private const double DaysBetween = 0.5;
    private static readonly DateTime Start = new(2026, 8, 24, 0, 0, 0, DateTimeKind.Utc);

    /// <param name="folder">Gets catalogue.csv (catalogue-csv) and events.csv (events-csv).</param>
    /// <param name="further">Events of a shopper beyond the first, on average.</param>
    public static void Write(string folder, int items, int shoppers, double further, TextWriter told)
    {
        if (items <= 0 || items % GroupSize != 0) throw new ArgumentException($"The items are {items}; allowed are multiples of {GroupSize}.");
        Directory.CreateDirectory(folder);
        var random = new Random(11);
        WriteCatalogue(Path.Combine(folder, "catalogue.csv"), items, random);
        told.WriteLine(FormattableString.Invariant($"{items} items, {shoppers} shoppers, {WriteEvents(Path.Combine(folder, "events.csv"), items / GroupSize, shoppers, further, random)} events"));
    }

    private static void WriteCatalogue(string file, int items, Random random)
    {
        using var output = new StreamWriter(file, append: false, new UTF8Encoding(false));
        output.WriteLine("id,title,category,brand,price,stock");
        for (var item = 0; item < items; item++)
        {
            var group = item / GroupSize;
            output.WriteLine(FormattableString.Invariant($"i{item},Product {item},D{group % 20} > S{group},B{item % 97},{5 + (95 * random.NextDouble()):0.00},{random.Next(1, 400)}"));
        }
    }

    private static long WriteEvents(string file, int groups, int shoppers, double further, Random random)
    {
        var ends = new double[GroupSize];
        for (var rank = 0; rank < GroupSize; rank++) ends[rank] = (rank > 0 ? ends[rank - 1] : 0) + Math.Pow(rank + 1, -PopularityExponent);
        var written = 0L;
        var liked = new int[GroupsOfAShopper];
        using var output = new StreamWriter(file, append: false, new UTF8Encoding(false), 1 << 16);
        output.WriteLine("type,user,item,time");
        for (var shopper = 0; shopper < shoppers; shopper++)
        {
            for (var group = 0; group < liked.Length; group++) liked[group] = random.Next(groups);
            var day = random.NextDouble() * (Days - 5);
            for (var left = Math.Min(MostEvents, 1 + (int)(-further * Math.Log(1 - random.NextDouble()))); left > 0; left--)
            {
                day = Math.Min(Days - 0.1, day - (DaysBetween * Math.Log(1 - random.NextDouble())));
                var kind = random.NextDouble();
                var place = Array.BinarySearch(ends, random.NextDouble() * ends[^1]);
                var item = (liked[(int)(GroupsOfAShopper * Math.Pow(random.NextDouble(), 2))] * GroupSize) + (place < 0 ? ~place : place);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(kind < 0.8 ? "view" : kind < 0.92 ? "cart" : "purchase")},u{shopper},i{item},{Start.AddDays(day):yyyy-MM-ddTHH:mm:ssZ}"));
                written++;
            }
        }

        return written;
    }
}
