namespace Aisle.Engine.Expressions;

/// <summary>Why a text is not an expression: what is wrong, where, and what is allowed.</summary>
public sealed class ExpressionException : Exception
{
    private const int ExcerptLength = 72;

    internal ExpressionException(string problem, string text, Span at)
        : this(problem, Locate(text, at))
    {
    }

    private ExpressionException(string problem, (int Line, int Column, int Length, string Excerpt) place)
        : base($"{problem} (line {place.Line}, column {place.Column})\n{place.Excerpt}")
    {
        this.Problem = problem;
        (this.Line, this.Column, this.Length, this.Excerpt) = place;
    }

    /// <summary>A sentence: what is wrong and what is allowed.</summary>
    public string Problem { get; }

    /// <summary>Line of the wrong part, from 1.</summary>
    public int Line { get; }

    /// <summary>Column of its first character, from 1; counts UTF-16 code units.</summary>
    public int Column { get; }

    /// <summary>Length of the wrong part within its first line, at least 1.</summary>
    public int Length { get; }

    /// <summary>The line (its part around the place, where it is long) and below it the place underlined with ^.</summary>
    public string Excerpt { get; }

    private static (int Line, int Column, int Length, string Excerpt) Locate(string text, Span at)
    {
        var position = Math.Min(at.Start, text.Length);
        var begin = position == 0 ? 0 : text.LastIndexOf('\n', position - 1) + 1;
        var end = text.IndexOf('\n', position);
        if (end < 0) end = text.Length;
        var length = Math.Max(1, Math.Min(at.Length, end - position));

        var from = Math.Max(begin, Math.Min(position - ExcerptLength / 3, end - ExcerptLength));
        var shown = text[from..Math.Min(end, from + ExcerptLength)].Replace('\t', ' ').TrimEnd('\r');
        var lead = from > begin ? "…" : "";
        var marks = Math.Min(length, Math.Max(1, from + ExcerptLength - position));
        var excerpt = $"{lead}{shown}\n{new string(' ', lead.Length + position - from)}{new string('^', marks)}";
        return (text.AsSpan(0, begin).Count('\n') + 1, position - begin + 1, length, excerpt);
    }
}

/// <summary>A part of a text.</summary>
internal readonly record struct Span(int Start, int Length)
{
    public int End => this.Start + this.Length;

    public Span To(Span last) => new(this.Start, last.End - this.Start);
}
