using System.Globalization;
using System.Text;

namespace Aisle.Learning.Models;

/// <summary>
/// Cuts a text into terms. Scripts with spaces give words (case and full-width forms folded, plural s and stop words dropped); scripts
/// without (Chinese, Japanese, Thai…) give every run of one to three characters, so that no dictionary is needed.
/// </summary>
/// <param name="characters">Adds the runs of three to five characters of each word, so that compounds and misspellings still meet.</param>
internal sealed class TextTerms(bool characters)
{
    /// <summary>Begins a run of characters of a word, which is no word itself.</summary>
    public const char RunMark = '\u0001';

    private const int LongestWord = 64;
    private const int LongestUnspacedRun = 3;

    private static readonly HashSet<string> StopWords = [.. (
        "a an and are as at be by can do each for from has have if in into is it its more no not of on or our out per so such than that the their them then these this those to up "
        + "us was we were which will with you your 的 了 和 与 及 是 在 也 有 之 个 等 并 或 为 以").Split(' ')];

    /// <summary>Calls <paramref name="add"/> with every term of the text, repeats included.</summary>
    public void Cut(string text, Action<string> add)
    {
        // Half a surrogate pair cannot be normalised; the way through UTF-8 makes it a replacement character.
        var folded = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Normalize(NormalizationForm.FormKC).ToLowerInvariant();
        var word = new StringBuilder();
        var run = new List<string>();
        foreach (var rune in folded.EnumerateRunes())
        {
            if (IsUnspaced(rune))
            {
                this.EndWord(word, add);
                run.Add(rune.ToString());
                continue;
            }

            EndRun(run, add);
            if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark) word.Append(rune.ToString());
            else if (rune.Value is not ('\'' or 0x2019)) this.EndWord(word, add);
        }

        this.EndWord(word, add);
        EndRun(run, add);
    }

    private static bool IsUnspaced(Rune rune) => rune.Value is (>= 0x0E00 and <= 0x0EFF) or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF)
        or (>= 0x3040 and <= 0x30FF) or (>= 0x3400 and <= 0x9FFF) or (>= 0xAC00 and <= 0xD7AF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x323AF);

    private void EndWord(StringBuilder letters, Action<string> add)
    {
        if (letters.Length == 0) return;
        var word = Singular(letters.ToString());
        letters.Clear();
        if (word.Length is < 2 or > LongestWord || StopWords.Contains(word)) return;
        add(word);
        if (!characters) return;
        var whole = $"{RunMark}_{word}_";
        for (var length = 3; length <= 5; length++)
        {
            for (var start = 1; start + length <= whole.Length; start++) add(RunMark + whole.Substring(start, length));
        }
    }

    /// <summary>English plurals only: the commonest ending that parts a search for one from a title with many.</summary>
    private static string Singular(string word) =>
        word.Length <= 3 || word[^1] != 's' || word[^2] is 's' or 'u' or 'i' || char.IsDigit(word[^2]) ? word
        : word.Length > 4 && word.EndsWith("ies", StringComparison.Ordinal) ? word[..^3] + "y"
        : word[..^1];

    private static void EndRun(List<string> characters, Action<string> add)
    {
        for (var start = 0; start < characters.Count; start++)
        {
            var term = "";
            for (var length = 1; length <= LongestUnspacedRun && start + length <= characters.Count; length++)
            {
                term += characters[start + length - 1];
                if (length > 1 || !StopWords.Contains(term)) add(term);
            }
        }

        characters.Clear();
    }
}
