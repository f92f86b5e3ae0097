using System.Globalization;

namespace Aisle.Learning.Data;

/// <summary>Reads texts whose lines are whole numbers separated by spaces or tabs; empty lines do not count.</summary>
internal static class IdLines
{
    /// <summary>Ids are dense row numbers here; a larger one is a mistake and would claim memory for all below it.</summary>
    private const int MaxId = 50_000_000;

    /// <param name="layout">What a line is, for the message: <c>A line of the lightgcn format is: user item item …</c></param>
    /// <returns>Each line with its number in the text, from 1.</returns>
    /// <exception cref="FormatException">A word is no such number; the message names text and line.</exception>
    public static IEnumerable<(int Number, int[] Ids)> Read(NamedText text, string layout)
    {
        var ids = new List<int>();
        for (var number = 1; text.Reader.ReadLine() is { } line; number++)
        {
            ids.Clear();
            Split(line, number, text.Name, layout, ids);
            if (ids.Count > 0) yield return (number, [.. ids]);
        }
    }

    private static void Split(string line, int number, string name, string layout, List<int> ids)
    {
        foreach (var range in line.AsSpan().SplitAny(' ', '\t'))
        {
            var word = line.AsSpan(range);
            if (word.IsEmpty) continue;
            if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id > MaxId)
                throw new FormatException($"{name}, line {number}: '{Shown(word)}' is not an id. {layout}, whole numbers from 0 to {MaxId}.");
            ids.Add(id);
        }
    }

    private static string Shown(ReadOnlySpan<char> word) => word.Length <= 40 ? word.ToString() : $"{word[..40]}…";
}
