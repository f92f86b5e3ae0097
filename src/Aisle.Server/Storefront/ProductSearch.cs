using System.Text;
using Aisle.Engine.Catalog;

namespace Aisle.Server.Storefront;

/// <summary>
/// Finds products by words of their title, brand or category in any of their languages. Chinese is written without spaces: words that
/// nobody has in one piece are looked for pair by pair of characters.
/// </summary>
internal static class ProductSearch
{
    public const int MaxLength = 100;
    private const int MaxTerms = 8;
    private const double NeededPairs = 0.6;

    /// <returns>Matches, the best first.</returns>
    public static IReadOnlyList<Item> Find(IEnumerable<Item> items, string words)
    {
        var terms = words.Normalize(NormalizationForm.FormKC)
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Take(MaxTerms)
            .Select(Stem)
            .ToList();
        if (terms.Count == 0) return [];

        var found = new List<(Item Item, double Score)>();
        foreach (var item in items)
        {
            var score = Score(item, terms);
            if (score > 0) found.Add((item, score));
        }

        return [.. found.OrderByDescending(match => match.Score).Select(match => match.Item)];
    }

    /// <summary>Every term must be found somewhere; titles count more than brands, brands more than categories.</summary>
    private static double Score(Item item, List<string> terms)
    {
        var score = 0.0;
        foreach (var term in terms)
        {
            var best = 0.0;
            Look(item.Title, term, 3, ref best);
            Look(item.Brand, term, 2, ref best);
            foreach (var category in item.Category) Look(category, term, 1, ref best);
            foreach (var translation in item.Translations.Values)
            {
                Look(translation.Title, term, 3, ref best);
                foreach (var category in translation.Category) Look(category, term, 1, ref best);
            }

            if (best == 0) return 0;
            score += best;
        }

        return score;
    }

    private static void Look(string? text, string term, double weight, ref double best)
    {
        if (text is null || weight * 1.5 <= best) return;
        var at = text.IndexOf(term, StringComparison.OrdinalIgnoreCase);
        // A word's beginning says more than its middle: "tea" is not "steam".
        if (at >= 0) best = Math.Max(best, at == 0 || !char.IsLetterOrDigit(text[at - 1]) || IsHan(term[0]) ? weight * 1.5 : weight * 0.4);
        else if (term.Length > 2 && IsHan(term[0])) best = Math.Max(best, SharedPairs(text, term) is >= NeededPairs and var share ? weight * share : 0);
    }

    private static double SharedPairs(string text, string term)
    {
        var found = 0;
        for (var i = 0; i + 1 < term.Length; i++)
            if (text.AsSpan().IndexOf(term.AsSpan(i, 2), StringComparison.Ordinal) >= 0) found++;
        return (double)found / (term.Length - 1);
    }

    // "mugs" finds a mug: the plural's s is all the grammar that titles need.
    private static string Stem(string term) => term.Length > 3 && term[^1] is 's' or 'S' && term[^2] is not ('s' or 'S') ? term[..^1] : term;

    private static bool IsHan(char character) => character is >= '\u4E00' and <= '\u9FFF';
}
