namespace Aisle.Engine.Expressions;

/// <summary>What a text says, before names and types are looked at.</summary>
internal abstract record Syntax(Span At);

internal sealed record NumberSyntax(double Value, Span At) : Syntax(At);

internal sealed record TextSyntax(string Value, Span At) : Syntax(At);

internal sealed record BooleanSyntax(bool Value, Span At) : Syntax(At);

/// <summary>A name with its members, e.g. <c>item.attributes.colour</c>.</summary>
internal sealed record NameSyntax(IReadOnlyList<string> Path, Span At) : Syntax(At)
{
    public string Full => string.Join('.', this.Path);
}

internal sealed record ListSyntax(IReadOnlyList<Syntax> Elements, Span At) : Syntax(At);

internal sealed record CallSyntax(string Function, Span NameAt, IReadOnlyList<ArgumentSyntax> Arguments, Span At) : Syntax(At);

internal sealed record ArgumentSyntax(string? Name, Span NameAt, Syntax Value);

/// <param name="Sign"><c>!</c> or <c>-</c>.</param>
internal sealed record UnarySyntax(string Sign, Syntax Operand, Span At) : Syntax(At);

/// <param name="Sign">The operator; <c>not in</c> is one.</param>
internal sealed record BinarySyntax(string Sign, Span SignAt, Syntax Left, Syntax Right) : Syntax(Left.At.To(Right.At));

internal sealed record ConditionSyntax(Syntax Condition, Syntax Then, Syntax Otherwise) : Syntax(Condition.At.To(Otherwise.At));
