namespace Aisle.Engine;

/// <summary>Why an event, an item, a shopper's record or a request cannot be accepted.</summary>
/// <param name="Field">Name of the wrong field as the API and files spell it, e.g. <c>recommendation_id</c>.</param>
/// <param name="Message">A sentence: what is wrong and what is allowed.</param>
public sealed record FieldProblem(string Field, string Message);
