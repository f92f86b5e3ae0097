namespace Aisle.Engine.Expressions;

/// <summary>What somebody may have meant by a name that does not exist.</summary>
internal static class Suggestions
{
    private const int MaxShown = 40;

    /// <summary>The candidate with the fewest edits, if they are few for its length.</summary>
    public static string? Nearest(string name, IEnumerable<string> candidates)
    {
        if (name.Length > 2 * MaxShown) return null;
        var (best, edits) = (default(string), int.MaxValue);
        foreach (var candidate in candidates)
        {
            var distance = Edits(name.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < edits) (best, edits) = (candidate, distance);
        }

        return edits <= Math.Max(1, name.Length / 4) ? best : null;
    }

    /// <summary>A name as a message repeats it: hostile ones are not echoed whole.</summary>
    public static string Shown(string name) => name.Length <= MaxShown ? name : name[..MaxShown] + "…";

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that lead from one text to another.</summary>
    private static int Edits(string from, string to)
    {
        var rows = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= to.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = rows[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(replaced, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[from.Length, to.Length];
    }
}
