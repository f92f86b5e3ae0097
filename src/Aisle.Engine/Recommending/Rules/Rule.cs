using Aisle.Engine.Catalog;
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

    public bool Enabled { get; init; } = true;

    /// <summary>Items that it speaks of by their identifiers; together with <see cref="Where"/>, items of either.</summary>
    public IReadOnlyList<ItemId> Items { get; init; } = [];

    /// <summary>Items that it speaks of by a condition.</summary>
    public Expression? Where { get; init; }

    /// <summary>Requests that it holds for, by a condition that does not depend on the item; null for all.</summary>
    public Expression? When { get; init; }

    /// <summary>Placements that it holds for, <c>*</c> at the end for any rest; none for all.</summary>
    public IReadOnlyList<string> Placements { get; init; } = [];

    /// <summary>Scenarios that it holds for; none for all.</summary>
    public IReadOnlyList<string> Scenarios { get; init; } = [];

    /// <summary>It holds from this moment…</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>… to before this one.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Of a boost: the factor.</summary>
    public Expression? By { get; init; }

    /// <summary>Of a pin: the place of its first item, from 1; the others follow.</summary>
    public int Position { get; init; } = 1;

    public GroupLimit? Limit { get; init; }

    /// <summary>Of a promotion: share of the places, above 0 and at most 1.</summary>
    public double Share { get; init; }

    /// <summary>Of a promotion: how often its items may be shown in its places; null for without end.</summary>
    public long? Budget { get; init; }

    /// <summary>Whether the rule is awake at a moment.</summary>
    public bool IsActive(DateTimeOffset now) => this.Enabled && !(now < this.From) && !(now >= this.Until);

    /// <summary>Whether it may speak of a request by its scenario and placement.</summary>
    public bool Concerns(string scenario, string? placement) =>
        (this.Scenarios.Count == 0 || this.Scenarios.Contains(scenario)) && (this.Placements.Count == 0 || this.Placements.Any(pattern => Fits(pattern, placement)));

    private static bool Fits(string pattern, string? placement) =>
        placement is not null && (pattern.EndsWith('*') ? placement.StartsWith(pattern[..^1], StringComparison.Ordinal) : placement == pattern);
}
