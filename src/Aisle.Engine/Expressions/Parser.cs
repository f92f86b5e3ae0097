namespace Aisle.Engine.Expressions;

/// <summary>Recursive descent, a method for each form; binary operators by precedence climbing.</summary>
internal sealed class Parser
{
    private const int Comparison = 3;

    // Higher binds tighter. All group from the left, except comparisons, which do not follow each other.
    private static readonly Dictionary<string, int> Precedence = new()
    {
        ["||"] = 1, ["&&"] = 2,
        ["=="] = Comparison, ["!="] = Comparison, ["<"] = Comparison, ["<="] = Comparison, [">"] = Comparison, [">="] = Comparison,
        ["in"] = Comparison, ["not in"] = Comparison,
        ["??"] = 4, ["+"] = 5, ["-"] = 5, ["*"] = 6, ["/"] = 6, ["%"] = 6,
    };

    private readonly string _text;
    private readonly List<Token> _tokens;
    private int _at;

    // What stood in the last parentheses: (a < b) == c compares two answers and is fine, a < b == c is not.
    private Syntax? _closed;
    private int _depth;
    private int _nodes;
    private int _elements;

    private Parser(string text)
    {
        this._text = text;
        this._tokens = Scanner.Scan(text);
    }

    private Token Current => this._tokens[this._at];

    public static Syntax Parse(string text)
    {
        var parser = new Parser(text);
        if (parser.Current.Kind == TokenKind.End) throw parser.Wrong("The expression is empty; write a condition such as item.price < 20.", parser.Current.At);
        var syntax = parser.ParseCondition();
        return parser.Current.Kind == TokenKind.End ? syntax : throw parser.Unexpected("an operator or the end");
    }

    /// <summary><c>a ? b : c</c>, or what binds tighter.</summary>
    private Syntax ParseCondition()
    {
        this.Enter();
        var syntax = this.ParseBinary(1);
        if (this.Take("?"))
        {
            var then = this.ParseCondition();
            this.Demand(":", "to go on with what holds otherwise: condition ? this : that");
            syntax = this.Count(new ConditionSyntax(syntax, then, this.ParseCondition()));
        }

        this._depth--;
        return syntax;
    }

    private Syntax ParseBinary(int weakest)
    {
        var left = this.ParseUnary();
        while (this.PeekOperator() is { } sign && Precedence[sign] is var precedence && precedence >= weakest)
        {
            var at = this.Current.At;
            this._at += sign == "not in" ? 2 : 1;
            if (precedence == Comparison && left is BinarySyntax { Sign: var before } && Precedence[before] == Comparison && !ReferenceEquals(left, this._closed))
                throw this.Wrong("Comparisons do not follow each other; write a < b && b < c.", at);
            left = this.Count(new BinarySyntax(sign, at, left, this.ParseBinary(precedence + 1)));
        }

        return left;
    }

    private string? PeekOperator()
    {
        if (this.Current.Is("!") && this._tokens[this._at + 1].Is("in")) return "not in";
        return this.Current.Kind == TokenKind.Sign && Precedence.ContainsKey(this.Current.Words) ? this.Current.Words : null;
    }

    private Syntax ParseUnary()
    {
        var token = this.Current;
        if (!token.Is("!") && !token.Is("-")) return this.ParsePrimary();
        this.Enter();
        this._at++;
        var operand = this.ParseUnary();
        this._depth--;
        return this.Count(new UnarySyntax(token.Words, operand, token.At.To(operand.At)));
    }

    private Syntax ParsePrimary()
    {
        var token = this.Current;
        switch (token.Kind)
        {
            case TokenKind.Number:
                this._at++;
                return this.Count(new NumberSyntax(token.Number, token.At));
            case TokenKind.Text:
                this._at++;
                return this.Count(new TextSyntax(token.Words, token.At));
            case TokenKind.Name:
                return this.ParseName();
            case TokenKind.Sign when token.Words == "(":
                this._at++;
                var inner = this.ParseCondition();
                this.Demand(")", "to close the parenthesis");
                return this._closed = inner;
            case TokenKind.Sign when token.Words == "[":
                return this.ParseList();
            default:
                throw this.Unexpected("a value, a name or (");
        }
    }

    private Syntax ParseName()
    {
        var first = this.Current;
        this._at++;
        if (first.Words is "true" or "false") return this.Count(new BooleanSyntax(first.Words == "true", first.At));
        if (first.Words is "null" or "undefined" or "nil")
            throw this.Wrong($"There is no {first.Words}; write has(item.price) to ask whether a value is known, or item.price ?? 0 to give it a default.", first.At);
        if (this.Current.Is("(")) return this.ParseCall(first);

        List<string> path = [first.Words];
        var at = first.At;
        while (this.Current.Is(".") || this.Current.Is("["))
        {
            var member = this.ParseMember();
            path.Add(member.Words);
            at = at.To(member.At);
            if (path.Count > 8) throw this.Wrong("There is no name of so many members.", at);
        }

        if (this.Current.Is("(")) throw this.Wrong($"Functions stand before what they are asked about: {path[^1]}({string.Join('.', path[..^1])}, …).", this.Current.At);
        return this.Count(new NameSyntax(path, at));
    }

    /// <summary><c>.name</c> or <c>["any name"]</c>.</summary>
    private Token ParseMember()
    {
        if (this.Take("."))
        {
            // After a dot the words and, or, not, in are names like any other.
            var name = this.Current;
            var word = name.Kind == TokenKind.Name || (name.Kind == TokenKind.Sign && char.IsLetter(this._text[name.At.Start]));
            if (!word) throw this.Unexpected("a name after the dot");
            this._at++;
            return name with { Words = this._text.Substring(name.At.Start, name.At.Length) };
        }

        this._at++;
        var text = this.Current;
        if (text.Kind != TokenKind.Text) throw this.Unexpected("a name in quotes, such as item.attributes[\"screen size\"]");
        this._at++;
        this.Demand("]", "after the name");
        return text;
    }

    private CallSyntax ParseCall(Token name)
    {
        this._at++;
        var arguments = new List<ArgumentSyntax>();
        while (!this.Current.Is(")"))
        {
            if (arguments.Count > 0) this.Demand(",", "or ) after an argument");
            var named = this.Current.Kind == TokenKind.Name && this._tokens[this._at + 1].Is(":");
            var label = this.Current;
            if (named) this._at += 2;
            arguments.Add(new ArgumentSyntax(named ? label.Words : null, label.At, this.ParseCondition()));
        }

        var end = this.Current.At;
        this._at++;
        return (CallSyntax)this.Count(new CallSyntax(name.Words, name.At, arguments, name.At.To(end)));
    }

    private Syntax ParseList()
    {
        var start = this.Current.At;
        this._at++;
        var elements = new List<Syntax>();
        while (!this.Current.Is("]"))
        {
            if (elements.Count > 0) this.Demand(",", "or ] after an element");
            if (++this._elements > ExpressionLimits.MaxListElements)
                throw this.Wrong($"The lists hold more than {ExpressionLimits.MaxListElements} elements.", this.Current.At);
            // An element counts as an element and not as a node too.
            this._nodes--;
            elements.Add(this.ParseCondition());
        }

        var end = this.Current.At;
        this._at++;
        if (elements.Count == 0) throw this.Wrong("The list is empty; nothing can be in it.", start.To(end));
        return this.Count(new ListSyntax(elements, start.To(end)));
    }

    private void Enter()
    {
        if (++this._depth > ExpressionLimits.MaxDepth) throw this.Wrong($"More than {ExpressionLimits.MaxDepth} parts stand within each other; write it flatter.", this.Current.At);
    }

    private Syntax Count(Syntax syntax) =>
        ++this._nodes <= ExpressionLimits.MaxNodes
            ? syntax
            : throw this.Wrong($"The expression has more than {ExpressionLimits.MaxNodes} parts; shorten it, or put values into a list.", syntax.At);

    private bool Take(string sign)
    {
        if (!this.Current.Is(sign)) return false;
        this._at++;
        return true;
    }

    private void Demand(string sign, string purpose)
    {
        if (!this.Take(sign)) throw this.Unexpected($"{sign} {purpose}");
    }

    private ExpressionException Unexpected(string expected)
    {
        var found = this.Current.Kind == TokenKind.End ? "the expression ends" : $"{this._text.Substring(this.Current.At.Start, Math.Min(40, this.Current.At.Length))} stands";
        return this.Wrong($"Here {found}, but {expected} is expected.", this.Current.At);
    }

    private ExpressionException Wrong(string problem, Span at) => new(problem, this._text, at);
}
