namespace Aisle.Engine.Cleaning;

/// <summary>Why a row is left out.</summary>
/// <param name="Reason">Short name by which rows are counted, e.g. <c>zero-price</c>.</param>
/// <param name="Column">The column at fault, as the format spells it; empty where it is the row as a whole.</param>
/// <param name="Message">A sentence: what is wrong and what is allowed. Never the value itself: it may be personal data.</param>
internal sealed record RowProblem(string Reason, string Column, string Message)
{
    public static readonly RowProblem Quoting = new(
        "bad-quoting", "", "Text follows a closing quote; a quote inside a quoted field is written twice.");

    public static readonly RowProblem BotLike = new(
        "bot-like-user", "", $"The user did more than {ShopperPace.MostPerDay} things on this day; no person does.");

    public static RowProblem Missing(string column) => new($"missing-{column}", column, $"{column} is empty; it must be given.");

    public static RowProblem Bad(string column, string allowed) => new($"bad-{column}", column, $"{column} must be {allowed}.");

    public static RowProblem WrongColumns(int has, int expected) => new(
        "wrong-columns", "", $"The row has {has} columns; the header has {expected}.");
}
