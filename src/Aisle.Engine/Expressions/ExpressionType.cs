namespace Aisle.Engine.Expressions;

/// <summary>What an expression, a field or a parameter is. Any value but a boolean or an item may be unknown.</summary>
public enum ExpressionType
{
    /// <summary>A double; never infinite where it comes from the catalogue or from events.</summary>
    Number,

    Text,

    Boolean,

    /// <summary>A moment; the difference of two is a number of days.</summary>
    Time,

    Numbers,

    Texts,

    /// <summary>The item that is looked at; only history functions take it.</summary>
    Item,
}

internal static class ExpressionTypes
{
    /// <summary>As a sentence says it: "a number".</summary>
    public static string Words(this ExpressionType type) => type switch
    {
        ExpressionType.Number => "a number",
        ExpressionType.Text => "a text",
        ExpressionType.Boolean => "true or false",
        ExpressionType.Time => "a time",
        ExpressionType.Numbers => "a list of numbers",
        ExpressionType.Texts => "a list of texts",
        _ => "the item",
    };
}
