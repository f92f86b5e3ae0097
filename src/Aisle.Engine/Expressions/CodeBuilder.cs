namespace Aisle.Engine.Expressions;

/// <summary>
/// Checks names and types of a parsed text and turns it into code, from the leaves up. Parts that are constant are worked out at once; parts
/// that do not depend on the item are worked out once for a request, into a slot of the frame.
/// </summary>
internal sealed partial class CodeBuilder(string text, ExpressionEnvironment environment)
{
    private static readonly Frame NoFrame = new(null!, 0);

    private readonly List<Action<Frame>> _hoisted = [];
    private readonly SortedSet<string> _dependencies = new(StringComparer.Ordinal);

    public static Expression Build(string text, ExpressionEnvironment environment, ExpressionType? expected)
    {
        var builder = new CodeBuilder(text, environment);
        var syntax = Parser.Parse(text);
        var code = builder.Build(syntax);
        if (code.Type == ExpressionType.Item) throw builder.Wrong("item is not a value; name one of its fields, such as item.price.", syntax.At);
        if (code.Type is ExpressionType.Texts or ExpressionType.Numbers) throw builder.Wrong("A list alone is no answer; ask whether something is in it.", syntax.At);
        if (expected is { } type && type != code.Type) throw builder.Wrong($"The expression must be {type.Words()}, and is {code.Type.Words()}.", syntax.At);
        if (code.Cost > ExpressionLimits.MaxCost)
        {
            throw builder.Wrong(
                $"The expression costs {code.Cost} units for each item; at most {ExpressionLimits.MaxCost} are allowed. Searching item.description costs most.", syntax.At);
        }

        if (code.Reach == Reach.Request) code = builder.Hoist(code);
        return new Expression(text, code, [.. builder._dependencies], builder._hoisted);
    }

    public ExpressionException Wrong(string problem, Span at) => new(problem, text, at);

    public void Reads(string name) => this._dependencies.Add(name);

    private Code Build(Syntax syntax) => syntax switch
    {
        NumberSyntax number => Constant(number.Value, number.At),
        TextSyntax words => Constant(words.Value, words.At),
        BooleanSyntax boolean => Constant(boolean.Value, boolean.At),
        NameSyntax name => this.BuildName(name),
        ListSyntax list => this.BuildList(list),
        UnarySyntax unary => this.BuildUnary(unary),
        BinarySyntax binary => this.BuildBinary(binary),
        ConditionSyntax condition => this.BuildCondition(condition),
        CallSyntax call => this.BuildCall(call),
        _ => throw new InvalidOperationException($"No code is made for {syntax.GetType().Name}."),
    };

    private Code BuildName(NameSyntax name)
    {
        if (name.Full == "item") return new Code { Type = ExpressionType.Item, Reach = Reach.Item, Cost = 0, At = name.At };
        if (environment.Find(name.Full) is { Member: null } field)
        {
            this.Reads(field.Name);
            var code = new Code
            {
                Type = field.Type, Reach = field.DependsOnItem ? Reach.Item : Reach.Request, Cost = field.Cost, At = name.At,
                Number = field.Number, Boolean = field.Boolean, Text = field.Text, Texts = field.Texts,
            };
            return code is { Type: ExpressionType.Texts, Reach: Reach.Request } ? this.Hoist(code) : code;
        }

        if (name.Path.Count < 2 || environment.FindGroup(string.Join('.', name.Path.SkipLast(1))) is not { Member: { } read } group)
            throw this.Wrong(environment.Explain(name.Path), name.At);
        this.Reads(name.Full);
        var member = name.Path[^1];
        return new Code
        {
            Type = ExpressionType.Text, Reach = group.DependsOnItem ? Reach.Item : Reach.Request, Cost = 2, At = name.At, Text = frame => read(frame, member),
        };
    }

    private Code BuildList(ListSyntax list)
    {
        var elements = list.Elements.Select(this.Build).ToArray();
        var type = elements[0].Type;
        foreach (var element in elements)
        {
            if (element.Type is not (ExpressionType.Number or ExpressionType.Text))
                throw this.Wrong($"A list holds numbers or texts; this is {element.Type.Words()}.", element.At);
            if (element.Type != type) throw this.Wrong($"The list begins with {type.Words()}, and this is {element.Type.Words()}; the elements of a list are of one kind.", element.At);
            if (element.Reach == Reach.Item) throw this.Wrong("The elements of a list must not depend on the item; compare with each by == and ||.", element.At);
        }

        var reach = elements.Max(element => element.Reach);
        var code = type == ExpressionType.Text
            ? new Code
            {
                Type = ExpressionType.Texts, Reach = reach, Cost = 1, At = list.At,
                TextSet = frame => new TextSet(elements.Select(element => element.Text!(frame)).OfType<string>()),
            }
            : new Code { Type = ExpressionType.Numbers, Reach = reach, Cost = 1, At = list.At, NumberSet = frame => new NumberSet(elements.Select(element => element.Number!(frame))) };
        // Making the set costs: once for all where it is constant, else once for a request.
        return reach == Reach.Constant ? Fold(code) : this.Hoist(code);
    }

    private Code BuildCondition(ConditionSyntax syntax)
    {
        var condition = this.Expect(this.Build(syntax.Condition), ExpressionType.Boolean, "What stands before ? must be");
        var (then, otherwise) = (this.Build(syntax.Then), this.Build(syntax.Otherwise));
        if (then.Type != otherwise.Type) throw this.Wrong($"Before : stands {then.Type.Words()}, and this is {otherwise.Type.Words()}; both must be of one kind.", otherwise.At);
        if (then.Type is ExpressionType.Texts or ExpressionType.Numbers or ExpressionType.Item) throw this.Wrong("A condition chooses between values, not between lists or items.", then.At);
        var parts = this.Settle(condition, then, otherwise);
        var test = parts[0].Boolean!;
        switch (then.Type)
        {
            case ExpressionType.Boolean:
                var (yes, no) = (parts[1].Boolean!, parts[2].Boolean!);
                return MakeBoolean(syntax.At, parts, frame => test(frame) ? yes(frame) : no(frame));
            case ExpressionType.Text:
                var (words, others) = (parts[1].Text!, parts[2].Text!);
                return MakeText(syntax.At, parts, frame => test(frame) ? words(frame) : others(frame));
            default:
                var (number, other) = (parts[1].Number!, parts[2].Number!);
                return MakeNumber(syntax.At, parts, frame => test(frame) ? number(frame) : other(frame), then.Type);
        }
    }

    private Code BuildCall(CallSyntax call)
    {
        if (ExpressionFunctions.Find(call.Function) is not { } function)
        {
            var names = ExpressionFunctions.All.Select(known => known.Name).ToList();
            var hint = Suggestions.Nearest(call.Function, names) is { } meant ? $"; did you mean {meant}?" : ".";
            throw this.Wrong($"There is no function {Suggestions.Shown(call.Function)}{hint} The functions are {string.Join(", ", names)}.", call.NameAt);
        }

        var arguments = function.Arrange(call, this);
        var codes = new Code?[arguments.Count];
        for (var i = 0; i < codes.Length; i++)
        {
            if (arguments[i] is not { } argument) continue;
            var parameter = function.Parameters[Math.Min(i, function.Parameters.Count - 1)];
            codes[i] = this.Build(argument);
            if (parameter.Types.Contains(codes[i]!.Type)) continue;
            var allowed = string.Join(" or ", parameter.Types.Select(type => type.Words()));
            throw this.Wrong($"{parameter.Name} of {function.Signature} must be {allowed}; this is {codes[i]!.Type.Words()}.{Advice(codes[i]!, parameter.Types[0])}", argument.At);
        }

        return function.Build(this, codes, call.At);
    }

    /// <summary>The code, if it is of a type.</summary>
    /// <param name="demand">Begins the sentence, e.g. "The operands of &amp;&amp; must be".</param>
    private Code Expect(Code code, ExpressionType type, string demand) =>
        code.Type == type ? code : throw this.Wrong($"{demand} {type.Words()}; this is {code.Type.Words()}.{Advice(code, type)}", code.At);

    /// <summary>How to make what is needed of what there is.</summary>
    private static string Advice(Code code, ExpressionType needed) => (code.Type, needed) switch
    {
        (ExpressionType.Text, ExpressionType.Number) => " Write number(…) around a text that holds a number.",
        (ExpressionType.Text, ExpressionType.Time) => " Write a moment as date(\"2026-11-27\").",
        (ExpressionType.Texts, ExpressionType.Text) => " Ask whether a text is in a list by: \"A\" in item.tags.",
        (ExpressionType.Boolean, ExpressionType.Number) => " Choose a number by a condition: condition ? 1.5 : 1.",
        (ExpressionType.Number or ExpressionType.Text, ExpressionType.Boolean) => " Compare it with something, or ask has(…) whether it is known; ! binds tighter than comparisons, so put these in parentheses.",
        (_, ExpressionType.Item) => " Write item.",
        _ => "",
    };
}
