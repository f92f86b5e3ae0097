using System.Globalization;

namespace Aisle.Learning.Data;

/// <summary>Turns a column of many different numbers into bands that hold about as many rows each, so that near numbers become one value.</summary>
internal static class NumberBands
{
    private const int Bands = 10;

    /// <summary>A column with no more different words is taken as it is: they are kinds, not amounts.</summary>
    private const int MostKinds = 20;

    /// <summary>From this share of numbers on, the few other words are slips and stay as they are.</summary>
    private const double NumberShare = 0.95;

    /// <summary>Endings of names of columns whose numbers say nothing by their size.</summary>
    private static readonly string[] NamesOfCodes = ["id", "code", "zip", "number", "ean", "gtin"];

    /// <returns>For each word the band that stands in its place; null where the column stays as it is.</returns>
    /// <param name="words">The words of all rows, repeats included.</param>
    public static Dictionary<string, string>? Of(string column, IReadOnlyCollection<string> words)
    {
        var name = DelimitedRows.Plain(column);
        if (NamesOfCodes.Any(end => name.EndsWith(end, StringComparison.Ordinal))) return null;
        var different = words.Distinct(StringComparer.Ordinal).ToArray();
        if (different.Length <= MostKinds) return null;
        var numbers = new List<double>(words.Count);
        foreach (var word in words)
        {
            if (TryNumber(word, out var number)) numbers.Add(number);
        }

        if (numbers.Count < NumberShare * words.Count) return null;
        numbers.Sort();
        var starts = Enumerable.Range(1, Bands - 1).Select(band => numbers[(int)((long)band * numbers.Count / Bands)]).Distinct().ToArray();
        return different.Where(word => TryNumber(word, out _)).ToDictionary(word => word, word => Band(word, starts, numbers), StringComparer.Ordinal);
    }

    /// <summary>Named by the least and the greatest number of the data in it.</summary>
    private static string Band(string word, double[] starts, List<double> sorted)
    {
        TryNumber(word, out var number);
        var band = starts.Count(start => start <= number);
        var first = band == 0 ? 0 : FirstFrom(sorted, starts[band - 1]);
        var last = band == starts.Length ? sorted.Count - 1 : FirstFrom(sorted, starts[band]) - 1;
        return string.Create(CultureInfo.InvariantCulture, $"{sorted[first]} to {sorted[last]}");
    }

    private static int FirstFrom(List<double> sorted, double least)
    {
        var (low, high) = (0, sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < least) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private static bool TryNumber(string word, out double number) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
