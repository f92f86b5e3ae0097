namespace Aisle.Engine.Expressions;

/// <summary>Putting code together: what a part costs, what it depends on, what is worked out once.</summary>
internal sealed partial class CodeBuilder
{
    public static Code MakeNumber(Span at, IReadOnlyList<Code> parts, NumberCode code, ExpressionType type = ExpressionType.Number) =>
        Fold(new Code { Type = type, Reach = Widest(parts), Cost = Sum(parts), At = at, Number = code });

    public static Code MakeBoolean(Span at, IReadOnlyList<Code> parts, BooleanCode code) =>
        Fold(new Code { Type = ExpressionType.Boolean, Reach = Widest(parts), Cost = Sum(parts), At = at, Boolean = code });

    public static Code MakeText(Span at, IReadOnlyList<Code> parts, TextCode code) =>
        Fold(new Code { Type = ExpressionType.Text, Reach = Widest(parts), Cost = Sum(parts), At = at, Text = code });

    /// <summary>Parts that go into one: where one depends on the item, those that do not are worked out beforehand.</summary>
    public Code[] Settle(params ReadOnlySpan<Code> parts)
    {
        var settled = parts.ToArray();
        if (Widest(settled) != Reach.Item) return settled;
        for (var i = 0; i < settled.Length; i++)
            if (settled[i].Reach == Reach.Request) settled[i] = this.Hoist(settled[i]);
        return settled;
    }

    public static Code Constant(double value, Span at, ExpressionType type = ExpressionType.Number) =>
        new() { Type = type, Reach = Reach.Constant, Cost = 1, At = at, Number = _ => value };

    private static Code Constant(string? value, Span at) => new() { Type = ExpressionType.Text, Reach = Reach.Constant, Cost = 1, At = at, Text = _ => value };

    private static Code Constant(bool value, Span at) => new() { Type = ExpressionType.Boolean, Reach = Reach.Constant, Cost = 1, At = at, Boolean = _ => value };

    /// <summary>Constant parts become their value.</summary>
    private static Code Fold(Code code)
    {
        if (code.Reach != Reach.Constant) return code;
        switch (code.Type)
        {
            case ExpressionType.Boolean:
                return Constant(code.Boolean!(NoFrame), code.At);
            case ExpressionType.Text:
                return Constant(code.Text!(NoFrame), code.At);
            case ExpressionType.Texts:
                var texts = code.TextSet!(NoFrame);
                return new Code { Type = code.Type, Reach = Reach.Constant, Cost = 1, At = code.At, TextSet = _ => texts, Texts = _ => texts!.Values };
            case ExpressionType.Numbers:
                var numbers = code.NumberSet!(NoFrame);
                return new Code { Type = code.Type, Reach = Reach.Constant, Cost = 1, At = code.At, NumberSet = _ => numbers };
            default:
                return Constant(code.Number!(NoFrame), code.At, code.Type);
        }
    }

    /// <summary>Works a part out once for a request; what stands for it reads the slot.</summary>
    private Code Hoist(Code code)
    {
        var slot = this._hoisted.Count;
        switch (code.Type)
        {
            case ExpressionType.Boolean:
                var boolean = code.Boolean!;
                this._hoisted.Add(frame => frame.Numbers[slot] = boolean(frame) ? 1 : 0);
                return new Code { Type = code.Type, Reach = Reach.Request, Cost = 1, At = code.At, Boolean = frame => frame.Numbers[slot] != 0 };
            case ExpressionType.Text:
                var words = code.Text!;
                this._hoisted.Add(frame => frame.Values[slot] = words(frame));
                return new Code { Type = code.Type, Reach = Reach.Request, Cost = 1, At = code.At, Text = frame => (string?)frame.Values[slot] };
            case ExpressionType.Texts:
                var (set, list) = (code.TextSet, code.Texts);
                this._hoisted.Add(frame => frame.Values[slot] = set is null ? new TextSet(list!(frame) ?? []) : set(frame));
                return new Code
                {
                    Type = code.Type, Reach = Reach.Request, Cost = 1, At = code.At,
                    TextSet = frame => (TextSet?)frame.Values[slot], Texts = frame => ((TextSet?)frame.Values[slot])!.Values,
                };
            case ExpressionType.Numbers:
                var numbers = code.NumberSet!;
                this._hoisted.Add(frame => frame.Values[slot] = numbers(frame));
                return new Code { Type = code.Type, Reach = Reach.Request, Cost = 1, At = code.At, NumberSet = frame => (NumberSet?)frame.Values[slot] };
            default:
                var number = code.Number!;
                this._hoisted.Add(frame => frame.Numbers[slot] = number(frame));
                return new Code { Type = code.Type, Reach = Reach.Request, Cost = 1, At = code.At, Number = frame => frame.Numbers[slot] };
        }
    }

    private static Reach Widest(IReadOnlyList<Code> parts)
    {
        var widest = Reach.Constant;
        foreach (var part in parts)
            if (part.Reach > widest) widest = part.Reach;
        return widest;
    }

    private static int Sum(IReadOnlyList<Code> parts)
    {
        var sum = 1;
        foreach (var part in parts) sum += part.Cost;
        return sum;
    }
}
