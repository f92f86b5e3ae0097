namespace Aisle.Engine.Expressions;

/// <summary>What a text may be at most, so that hostile ones cost little to refuse and accepted ones little to evaluate.</summary>
public static class ExpressionLimits
{
    /// <summary>Characters of a text.</summary>
    public const int MaxLength = 10_000;

    /// <summary>Parentheses, calls, conditions and operators that may stand within each other.</summary>
    public const int MaxDepth = 40;

    /// <summary>Names, values, operators and calls, without the elements of lists.</summary>
    public const int MaxNodes = 400;

    /// <summary>Elements of all lists together.</summary>
    public const int MaxListElements = 1000;

    /// <summary>Characters of a text in quotes, and of a name.</summary>
    public const int MaxTextLength = 200;

    /// <summary>Sum of what the parts cost: 1 for most, more for those that look through a long text or list of the item.</summary>
    public const int MaxCost = 1000;
}
