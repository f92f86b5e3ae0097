using Aisle.Engine.Catalog;

namespace Aisle.Engine.Expressions;

/// <summary>A compiled text. Immutable; may be used by many requests at once, each with its own <see cref="Bind"/>.</summary>
public sealed class Expression
{
    private readonly Code _code;
    private readonly IReadOnlyList<Action<Frame>> _hoisted;

    internal Expression(string text, Code code, IReadOnlyList<string> dependencies, IReadOnlyList<Action<Frame>> hoisted)
    {
        this.Text = text;
        this._code = code;
        this.Dependencies = dependencies;
        this._hoisted = hoisted;
    }

    public string Text { get; }

    public ExpressionType Type => this._code.Type;

    /// <summary>The fields that it reads and the history functions that it asks, in alphabetical order, e.g. <c>item.price</c>, <c>bought()</c>.</summary>
    public IReadOnlyList<string> Dependencies { get; }

    /// <summary>Whether it can differ from item to item.</summary>
    public bool DependsOnItem => this._code.Reach == Reach.Item;

    /// <summary>Units of work for an item, at most <see cref="ExpressionLimits.MaxCost"/>.</summary>
    public int Cost => this._code.Cost;

    /// <summary>Works out what does not depend on the item.</summary>
    public BoundExpression Bind(ExpressionInputs inputs)
    {
        var frame = new Frame(inputs, this._hoisted.Count);
        // In the order of their making: a part stands after those that it is made of.
        foreach (var part in this._hoisted) part(frame);
        return new BoundExpression(this._code, frame);
    }

    public override string ToString() => this.Text;
}

/// <summary>An expression for one request, to be asked item by item without allocating. For one thread.</summary>
public sealed class BoundExpression
{
    private readonly Code _code;
    private readonly Frame _frame;

    internal BoundExpression(Code code, Frame frame)
    {
        this._code = code;
        this._frame = frame;
    }

    /// <summary>The answer of a <see cref="ExpressionType.Boolean"/> expression.</summary>
    public bool IsTrue(Item item)
    {
        this._frame.Item = item;
        return (this._code.Boolean ?? throw this.Wrong(ExpressionType.Boolean))(this._frame);
    }

    /// <summary>The value of a <see cref="ExpressionType.Number"/> expression; null for unknown.</summary>
    public double? Number(Item item)
    {
        if (this._code.Type != ExpressionType.Number) throw this.Wrong(ExpressionType.Number);
        this._frame.Item = item;
        var value = this._code.Number!(this._frame);
        return double.IsFinite(value) ? value : null;
    }

    /// <summary>The value of a <see cref="ExpressionType.Time"/> expression; null for unknown.</summary>
    public DateTimeOffset? Time(Item item)
    {
        if (this._code.Type != ExpressionType.Time) throw this.Wrong(ExpressionType.Time);
        this._frame.Item = item;
        return Days.DateOf(this._code.Number!(this._frame)) is { } date ? new DateTimeOffset(date, TimeSpan.Zero) : null;
    }

    /// <summary>The value of a <see cref="ExpressionType.Text"/> expression; null for unknown.</summary>
    public string? Text(Item item)
    {
        this._frame.Item = item;
        return (this._code.Text ?? throw this.Wrong(ExpressionType.Text))(this._frame);
    }

    private InvalidOperationException Wrong(ExpressionType asked) =>
        new($"The expression is {this._code.Type.Words()}, not {asked.Words()}; say what it must be when it is compiled.");
}
