using System.Runtime.CompilerServices;

namespace Aisle.Engine.Expressions;

/// <summary>
/// Texts in lower case, made once for each text object while that lives: the catalogue's texts are asked for again and again, and evaluation must
/// not allocate.
/// </summary>
internal static class LowerCase
{
    private static readonly ConditionalWeakTable<string, string> Known = [];

    public static TextCode Of(TextCode text) => frame => Of(text(frame));

    private static string? Of(string? text)
    {
        if (text is null) return null;
        foreach (var character in text)
            if (!char.IsAsciiLetterLower(character) && character != ' ') return Known.GetValue(text, static upper => upper.ToLowerInvariant());
        return text;
    }
}
