using Aisle.Engine.Catalog;

namespace Aisle.Engine.Expressions;

/// <summary>What the code of an expression reads while it is evaluated: the request, the item, and what was worked out once for the request.</summary>
internal sealed class Frame(ExpressionInputs inputs, int slots)
{
    public readonly ExpressionInputs Inputs = inputs;

    public Item Item = null!;

    // Values of the parts that do not depend on the item. A slot is used by one type only.
    public readonly double[] Numbers = new double[slots];
    public readonly object?[] Values = new object?[slots];
}

internal delegate double NumberCode(Frame frame);

internal delegate bool BooleanCode(Frame frame);

internal delegate string? TextCode(Frame frame);

internal delegate IReadOnlyList<string>? TextsCode(Frame frame);

/// <summary>What a part of an expression depends on; each includes those before it.</summary>
internal enum Reach
{
    Constant,
    Request,
    Item,
}

/// <summary>
/// A part of an expression with its type, ready to be evaluated: the one delegate that belongs to the type is set. Unknown is NaN for numbers
/// and times, null for texts and lists; a boolean is never unknown.
/// </summary>
internal sealed class Code
{
    public required ExpressionType Type { get; init; }

    public required Reach Reach { get; init; }

    /// <summary>Counted in units of a simple operator on the item; parts that do not depend on it cost 1 whatever they are.</summary>
    public required int Cost { get; init; }

    public Span At { get; init; }

    /// <summary>Of numbers, and of times as days since 1970.</summary>
    public NumberCode? Number { get; init; }

    public BooleanCode? Boolean { get; init; }

    public TextCode? Text { get; init; }

    public TextsCode? Texts { get; init; }

    /// <summary>Of lists that do not depend on the item: looked up in, without going through them.</summary>
    public Func<Frame, TextSet?>? TextSet { get; init; }

    public Func<Frame, NumberSet?>? NumberSet { get; init; }

    public Code AsAt(Span at) => new()
    {
        Type = this.Type, Reach = this.Reach, Cost = this.Cost, At = at, Number = this.Number, Boolean = this.Boolean, Text = this.Text,
        Texts = this.Texts, TextSet = this.TextSet, NumberSet = this.NumberSet,
    };
}
