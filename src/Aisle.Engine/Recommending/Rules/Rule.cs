using Aisle.Engine.Catalog;
using Aisle.Engine.Configuration;
using Aisle.Engine.Expressions;
using Aisle.Engine.Recommending.Pipelines;

namespace Aisle.Engine.Recommending.Rules;

public enum RuleAction
{
    /// <summary>Items stand at a place of their own.</summary>
    Pin,

    /// <summary>Scores are multiplied.</summary>
    Boost,

    /// <summary>Items come after all others.</summary>
    Bury,

    /// <summary>Items are not shown.</summary>
    Hide,

    /// <summary>Other items are not shown.</summary>
    Only,

    /// <summary>At most so many of a group.</summary>
    Limit,

    /// <summary>A share of the places is kept for the items, as long as the budget lasts.</summary>
    Promote,
}

/// <summary>What a merchandiser wants of lists, over whatever the pipelines do. Immutable.</summary>
public sealed record Rule
{
    /// <summary>Unique among the rules.</summary>
    public required string Name { get; init; }

    public required RuleAction Action { get; init; }

    public RequestScope Scope { get; init; } = RequestScope.Everything;

    /// <summary>Items that it speaks of by their identifiers; together with <see cref="Where"/>, items of either.</summary>
    public IReadOnlyList<ItemId> Items { get; init; } = [];

    /// <summary>Items that it speaks of by a condition.</summary>
    public Expression? Where { get; init; }

    /// <summary>Requests that it holds for, by a condition that does not depend on the item; null for all.</summary>
    public Expression? When { get; init; }

    /// <summary>Of a boost: the factor.</summary>
    public Expression? By { get; init; }

    /// <summary>Of a pin: the place of its first item, from 1; the others follow.</summary>
    public int Position { get; init; } = 1;

    public GroupLimit? Limit { get; init; }

    /// <summary>Of a promotion: share of the places, above 0 and at most 1.</summary>
    public double Share { get; init; }

    /// <summary>Of a promotion: how often its items may be shown in its places; null for without end.</summary>
    public long? Budget { get; init; }
}
