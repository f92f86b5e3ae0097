namespace Aisle.Engine.Expressions;

/// <summary>The operators: what each takes and what it does with unknown values.</summary>
internal sealed partial class CodeBuilder
{
    private Code BuildUnary(UnarySyntax syntax)
    {
        var operand = this.Build(syntax.Operand);
        if (syntax.Sign == "-")
        {
            var number = this.Expect(operand, ExpressionType.Number, "What stands after - must be").Number!;
            return MakeNumber(syntax.At, [operand], frame => -number(frame));
        }

        var boolean = this.Expect(operand, ExpressionType.Boolean, "What stands after ! must be").Boolean!;
        return MakeBoolean(syntax.At, [operand], frame => !boolean(frame));
    }

    private Code BuildBinary(BinarySyntax syntax)
    {
        var (left, right) = (this.Build(syntax.Left), this.Build(syntax.Right));
        return syntax.Sign switch
        {
            "&&" or "||" => this.BuildLogic(syntax, left, right),
            "==" or "!=" => this.BuildEquality(syntax, left, right),
            "<" or "<=" or ">" or ">=" => this.BuildOrder(syntax, left, right),
            "in" or "not in" => this.BuildMembership(syntax, left, right),
            "??" => this.BuildDefault(syntax, left, right),
            _ => this.BuildArithmetic(syntax, left, right),
        };
    }

    private Code BuildLogic(BinarySyntax syntax, Code left, Code right)
    {
        var demand = $"Both sides of {syntax.Sign} must be";
        var parts = this.Settle(this.Expect(left, ExpressionType.Boolean, demand), this.Expect(right, ExpressionType.Boolean, demand));
        var (a, b) = (parts[0].Boolean!, parts[1].Boolean!);
        return MakeBoolean(syntax.At, parts, syntax.Sign == "&&" ? frame => a(frame) && b(frame) : frame => a(frame) || b(frame));
    }

    /// <summary>False where a side is unknown, for != too.</summary>
    private Code BuildEquality(BinarySyntax syntax, Code left, Code right)
    {
        this.DemandSame(syntax, left, right);
        var equal = syntax.Sign == "==";
        var parts = this.Settle(left, right);
        switch (left.Type)
        {
            case ExpressionType.Number or ExpressionType.Time:
                var (x, y) = (parts[0].Number!, parts[1].Number!);
                return MakeBoolean(syntax.At, parts, equal ? frame => x(frame) == y(frame) : frame => x(frame) is var m && y(frame) is var n && (m < n || m > n));
            case ExpressionType.Text:
                var (a, b) = (parts[0].Text!, parts[1].Text!);
                return MakeBoolean(
                    syntax.At, parts, frame => a(frame) is { } s && b(frame) is { } t && string.Equals(s, t, StringComparison.OrdinalIgnoreCase) == equal);
            case ExpressionType.Boolean:
                var (p, q) = (parts[0].Boolean!, parts[1].Boolean!);
                return MakeBoolean(syntax.At, parts, frame => p(frame) == q(frame) == equal);
            default:
                throw this.Wrong($"Lists and items are not compared by {syntax.Sign}; ask anyOf(item.tags, [\"A\", \"B\"]), or \"A\" in item.tags.", syntax.SignAt);
        }
    }

    private Code BuildOrder(BinarySyntax syntax, Code left, Code right)
    {
        this.DemandSame(syntax, left, right);
        if (left.Type is not (ExpressionType.Number or ExpressionType.Time))
        {
            var advice = left.Type == ExpressionType.Text ? " Write number(…) around texts that hold numbers." : "";
            throw this.Wrong($"{syntax.Sign} compares numbers or times; these are each {left.Type.Words()}.{advice}", syntax.SignAt);
        }

        // Comparisons with NaN, which is unknown, are false.
        var parts = this.Settle(left, right);
        var (a, b) = (parts[0].Number!, parts[1].Number!);
        BooleanCode code = syntax.Sign switch
        {
            "<" => frame => a(frame) < b(frame),
            "<=" => frame => a(frame) <= b(frame),
            ">" => frame => a(frame) > b(frame),
            _ => frame => a(frame) >= b(frame),
        };
        return MakeBoolean(syntax.At, parts, code);
    }

    /// <summary>False where the value is unknown, for not in too.</summary>
    private Code BuildMembership(BinarySyntax syntax, Code left, Code right)
    {
        if (right.Type == ExpressionType.Text && left.Type == ExpressionType.Text)
            throw this.Wrong("To the right of in stands a list; to look for a part of a text write contains(item.title, \"part\").", right.At);
        if (right.Type is not (ExpressionType.Texts or ExpressionType.Numbers))
            throw this.Wrong($"To the right of {syntax.Sign} stands a list, such as [\"A\", \"B\"] or item.tags; this is {right.Type.Words()}.", right.At);
        if (left.Type == right.Type) throw this.Wrong($"To the left of {syntax.Sign} stands one value; to compare two lists write anyOf(a, b) or allOf(a, b).", left.At);
        var element = right.Type == ExpressionType.Texts ? ExpressionType.Text : ExpressionType.Number;
        this.Expect(left, element, $"To the left of {syntax.Sign} {right.Type.Words()} stands");

        var isIn = syntax.Sign == "in";
        var parts = this.Settle(left, right);
        if (element == ExpressionType.Number)
        {
            var (number, numbers) = (parts[0].Number!, parts[1].NumberSet!);
            return MakeBoolean(syntax.At, parts, frame => number(frame) is var value && !double.IsNaN(value) && numbers(frame)!.Contains(value) == isIn);
        }

        var words = parts[0].Text!;
        if (parts[1].TextSet is { } set) return MakeBoolean(syntax.At, parts, frame => words(frame) is { } value && set(frame)!.Contains(value) == isIn);
        var list = parts[1].Texts!;
        return MakeBoolean(syntax.At, parts, frame => words(frame) is { } value && TextSet.Holds(list(frame), value) == isIn);
    }

    /// <summary>The left side where it is known, else the right one.</summary>
    private Code BuildDefault(BinarySyntax syntax, Code left, Code right)
    {
        if (left.Type is not (ExpressionType.Number or ExpressionType.Text or ExpressionType.Time))
            throw this.Wrong($"To the left of ?? stands what may be unknown: a number, a text or a time; this is {left.Type.Words()}.", left.At);
        this.DemandSame(syntax, left, right);
        var parts = this.Settle(left, right);
        if (left.Type == ExpressionType.Text)
        {
            var (s, t) = (parts[0].Text!, parts[1].Text!);
            return MakeText(syntax.At, parts, frame => s(frame) ?? t(frame));
        }

        var (a, b) = (parts[0].Number!, parts[1].Number!);
        return MakeNumber(syntax.At, parts, frame => a(frame) is var value && double.IsNaN(value) ? b(frame) : value, left.Type);
    }

    /// <summary>Unknown where an operand is, and where a number is divided by zero.</summary>
    private Code BuildArithmetic(BinarySyntax syntax, Code left, Code right)
    {
        var type = (syntax.Sign, left.Type, right.Type) switch
        {
            (_, ExpressionType.Number, ExpressionType.Number) => ExpressionType.Number,
            ("-", ExpressionType.Time, ExpressionType.Time) => ExpressionType.Number,
            ("+" or "-", ExpressionType.Time, ExpressionType.Number) or ("+", ExpressionType.Number, ExpressionType.Time) => ExpressionType.Time,
            _ => throw this.WrongArithmetic(syntax, left, right),
        };
        var parts = this.Settle(left, right);
        var (a, b) = (parts[0].Number!, parts[1].Number!);
        NumberCode code = syntax.Sign switch
        {
            "+" => frame => a(frame) + b(frame),
            "-" => frame => a(frame) - b(frame),
            "*" => frame => a(frame) * b(frame),
            "/" => frame => b(frame) is var divisor && divisor == 0 ? double.NaN : a(frame) / divisor,
            _ => frame => a(frame) % b(frame),
        };
        return MakeNumber(syntax.At, parts, code, type);
    }

    private ExpressionException WrongArithmetic(BinarySyntax syntax, Code left, Code right)
    {
        var wrong = left.Type is ExpressionType.Number or ExpressionType.Time ? right : left;
        return wrong.Type switch
        {
            ExpressionType.Number or ExpressionType.Time => this.Wrong($"{syntax.Sign} is not defined for {left.Type.Words()} and {right.Type.Words()}; times are subtracted, and days added to them.", syntax.SignAt),
            ExpressionType.Text when syntax.Sign == "+" => this.Wrong("Texts are not joined; + adds numbers. Write number(…) around a text that holds a number.", wrong.At),
            _ => this.Wrong($"Both sides of {syntax.Sign} must be a number; this is {wrong.Type.Words()}.{Advice(wrong, ExpressionType.Number)}", wrong.At),
        };
    }

    private void DemandSame(BinarySyntax syntax, Code left, Code right)
    {
        if (left.Type == right.Type) return;
        // The side that is not a literal tells what is needed.
        var (given, needed) = left.Reach == Reach.Constant && right.Reach != Reach.Constant ? (left, right.Type) : (right, left.Type);
        if (right.Type is ExpressionType.Texts or ExpressionType.Numbers)
            throw this.Wrong($"{syntax.Sign} compares single values; write in to ask whether a value is in a list.", syntax.SignAt);
        var advice = given.Type == ExpressionType.Number && needed == ExpressionType.Text
            ? " Put it in quotes, or write number(…) around the text."
            : Advice(given, needed);
        throw this.Wrong($"Both sides of {syntax.Sign} must be of one kind; here stands {needed.Words()}, and this is {given.Type.Words()}.{advice}", given.At);
    }
}
