using System.Globalization;
using System.Text;

namespace Aisle.Engine.Expressions;

internal enum TokenKind
{
    End,
    Name,
    Number,
    Text,

    /// <summary>An operator, a bracket or one of the words and, or, not, in; <see cref="Token.Words"/> says which.</summary>
    Sign,
}

/// <param name="Words">A name, the value of a text, or the sign in its one spelling (<c>and</c> is <c>&amp;&amp;</c>).</param>
internal readonly record struct Token(TokenKind Kind, string Words, double Number, Span At)
{
    public bool Is(string sign) => this.Kind == TokenKind.Sign && this.Words == sign;
}

/// <summary>Cuts a text into tokens.</summary>
internal sealed class Scanner(string text)
{
    // Longer signs before those that they begin with.
    private static readonly string[] Signs =
        ["&&", "||", "??", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", "(", ")", "[", "]", ",", "."];

    private static readonly Dictionary<string, string> Words = new() { ["and"] = "&&", ["or"] = "||", ["not"] = "!", ["in"] = "in" };

    private int _at;

    public static List<Token> Scan(string text)
    {
        if (text.Length > ExpressionLimits.MaxLength)
        {
            throw new ExpressionException(
                $"The expression has {text.Length} characters; at most {ExpressionLimits.MaxLength} are allowed.", text, new Span(ExpressionLimits.MaxLength, 1));
        }

        var scanner = new Scanner(text);
        var tokens = new List<Token>();
        do tokens.Add(scanner.Next());
        while (tokens[^1].Kind != TokenKind.End);
        return tokens;
    }

    private Token Next()
    {
        while (this._at < text.Length && text[this._at] is ' ' or '\t' or '\n' or '\r') this._at++;
        if (this._at == text.Length) return new Token(TokenKind.End, "", 0, new Span(this._at, 0));
        var first = text[this._at];
        if (char.IsAsciiDigit(first)) return this.ReadNumber();
        if (char.IsLetter(first) || first == '_') return this.ReadName();
        return first is '"' or '\'' ? this.ReadText(first) : this.ReadSign();
    }

    private Token ReadNumber()
    {
        var start = this._at;
        this.SkipDigits();
        if (this.Peek(0) == '.' && char.IsAsciiDigit(this.Peek(1)))
        {
            this._at++;
            this.SkipDigits();
        }

        if (this.Peek(0) is 'e' or 'E' && (char.IsAsciiDigit(this.Peek(1)) || (this.Peek(1) is '+' or '-' && char.IsAsciiDigit(this.Peek(2)))))
        {
            this._at += 2;
            this.SkipDigits();
        }

        var at = new Span(start, this._at - start);
        if (char.IsLetter(this.Peek(0)) || this.Peek(0) == '_')
            throw new ExpressionException("A number ends here and a name begins; write a space or an operator between them. Durations are numbers of days, such as 30.", text, at with { Length = at.Length + 1 });
        var number = double.Parse(text.AsSpan(at.Start, at.Length), NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsFinite(number)
            ? new Token(TokenKind.Number, "", number, at)
            : throw new ExpressionException("This number is too large; numbers go up to about 1.8e308.", text, at);
    }

    private Token ReadName()
    {
        var start = this._at;
        while (this._at < text.Length && (char.IsLetterOrDigit(text[this._at]) || text[this._at] == '_')) this._at++;
        var at = new Span(start, this._at - start);
        if (at.Length > ExpressionLimits.MaxTextLength) throw new ExpressionException($"A name has at most {ExpressionLimits.MaxTextLength} characters.", text, at);
        var name = text.Substring(at.Start, at.Length);
        return Words.TryGetValue(name, out var sign) ? new Token(TokenKind.Sign, sign, 0, at) : new Token(TokenKind.Name, name, 0, at);
    }

    private Token ReadText(char quote)
    {
        var start = this._at++;
        var value = new StringBuilder();
        for (; this._at < text.Length && text[this._at] != quote; this._at++)
        {
            var next = text[this._at];
            if (next is '\n' or '\r') break;
            if (next == '\\') next = this.ReadEscape();
            value.Append(next);
        }

        if (this.Peek(0) != quote) throw new ExpressionException($"This text does not end; close it with {quote} on the same line.", text, new Span(start, 1));
        this._at++;
        var at = new Span(start, this._at - start);
        return value.Length <= ExpressionLimits.MaxTextLength
            ? new Token(TokenKind.Text, value.ToString(), 0, at)
            : throw new ExpressionException($"This text has {value.Length} characters; at most {ExpressionLimits.MaxTextLength} are allowed.", text, at);
    }

    private char ReadEscape()
    {
        this._at++;
        return this.Peek(0) switch
        {
            '\\' or '"' or '\'' => text[this._at],
            'n' => '\n',
            't' => '\t',
            _ => throw new ExpressionException("After \\ in a text stands one of \\ \" ' n t; write \\\\ for a \\ itself.", text, new Span(this._at - 1, 2)),
        };
    }

    private Token ReadSign()
    {
        foreach (var sign in Signs)
        {
            if (string.CompareOrdinal(text, this._at, sign, 0, sign.Length) != 0) continue;
            var at = new Span(this._at, sign.Length);
            this._at += sign.Length;
            return new Token(TokenKind.Sign, sign, 0, at);
        }

        var hint = text[this._at] switch
        {
            '=' => "A single = means nothing here; write == to compare.",
            '&' => "A single & means nothing here; write && for \"and\".",
            '|' => "A single | means nothing here; write || for \"or\".",
            '“' or '”' or '„' or '‘' or '’' => "Texts stand in straight quotes, \"like this\" or 'like this'.",
            '{' or '}' => "Lists stand in square brackets, like [\"A\", \"B\"].",
            '，' => "Write an ASCII comma: ,",
            '（' or '）' => "Write ASCII parentheses: ( and )",
            var other when char.IsControl(other) || char.IsSurrogate(other) => $"The character U+{(int)other:X4} has no meaning here.",
            var other => $"The character {other} has no meaning here.",
        };
        throw new ExpressionException(hint, text, new Span(this._at, 1));
    }

    private void SkipDigits()
    {
        while (char.IsAsciiDigit(this.Peek(0))) this._at++;
    }

    private char Peek(int ahead) => this._at + ahead < text.Length ? text[this._at + ahead] : '\0';
}
