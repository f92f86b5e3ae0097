using Aisle.Engine.Catalog;
using Aisle.Engine.Expressions;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Recommending;

/// <summary>What is left out because the shopper knows it.</summary>
public enum SeenPolicy
{
    /// <summary>Nothing.</summary>
    Include,

    /// <summary>What the shopper bought and did not return.</summary>
    ExcludeBought,

    /// <summary>What the shopper viewed, put into the cart or bought.</summary>
    ExcludeSeen,
}

/// <summary>A question for a list of items.</summary>
public sealed record RecommendationRequest
{
    public const int MaxCount = 200;
    public const int MaxContextItems = 100;
    public const int MaxExclude = 1000;
    public const int MaxPlacementLength = 128;
    public const int MaxContextEntries = 50;
    public const int MaxContextLength = 200;
    public const int DefaultCount = 10;

    /// <summary>Needed where the shop has not given the placement a pipeline; such a pipeline goes before it.</summary>
    public Scenario? Scenario { get; init; }

    /// <summary>The shopper, where the placement knows one. One who is new to Aisle is fine.</summary>
    public UserId? User { get; init; }

    /// <summary>The items that the question is about: the product on the page, the lines of the cart, or the list to put in order.</summary>
    public IReadOnlyList<ItemId> Items { get; init; } = [];

    /// <summary>Length of the list, in [1, 200]. Default: the placement's, else 10.</summary>
    public int? Count { get; init; }

    /// <summary>Where the list is shown; returned with it and stored with the events that it causes.</summary>
    public string? Placement { get; init; }

    /// <summary>Default: the pipeline's.</summary>
    public SeenPolicy? Seen { get; init; }

    public ItemFilter Filter { get; init; } = ItemFilter.None;

    /// <summary>Only items for which it is true; a <see cref="ExpressionType.Boolean"/> expression.</summary>
    public Expression? Condition { get; init; }

    /// <summary>Multiplies the score of each item; a <see cref="ExpressionType.Number"/> expression. Below 0 counts as 0, unknown as 1.</summary>
    public Expression? Boost { get; init; }

    /// <summary>What the caller tells beside, read by expressions as <c>request.context.…</c>; at most 50 entries of at most 200 characters.</summary>
    public IReadOnlyDictionary<string, string> Context { get; init; } = new Dictionary<string, string>();

    /// <summary>Items that must not be in the list, e.g. those that the page shows already.</summary>
    public IReadOnlyList<ItemId> Exclude { get; init; } = [];

    /// <summary>Items of the page's rows above; not in the list either.</summary>
    internal IReadOnlyList<ItemId> Above { get; init; } = [];

    /// <summary>The id of a list that this one goes on from: nothing that it, or the lists before it, showed comes again. One that is not known any more changes nothing.</summary>
    public string? Continues { get; init; }

    /// <summary>Whether each item tells its score at each stage.</summary>
    public bool Explain { get; init; }

    /// <summary>The first limit that the request breaks, or null if it keeps to all.</summary>
    public FieldProblem? Check()
    {
        if (this.Count is < 1 or > MaxCount) return new FieldProblem("count", $"count is {this.Count}; it must lie between 1 and {MaxCount}.");
        if (this.Items.Count > MaxContextItems) return new FieldProblem("items", $"items holds {this.Items.Count} entries; at most {MaxContextItems} are allowed.");
        if (this.Exclude.Count > MaxExclude) return new FieldProblem("exclude", $"exclude holds {this.Exclude.Count} entries; at most {MaxExclude} are allowed.");
        if (this.Continues?.Length > MaxPlacementLength) return new FieldProblem("continues", $"continues must have at most {MaxPlacementLength} characters.");
        if (this.User?.Value.Length > UserId.MaxLength) return new FieldProblem("user", $"user must have at most {UserId.MaxLength} characters.");
        if (this.Placement?.Length > MaxPlacementLength) return new FieldProblem("placement", $"placement must have at most {MaxPlacementLength} characters.");
        if (this.Condition is { Type: not ExpressionType.Boolean }) return new FieldProblem("filter", "filter must be true or false.");
        if (this.Boost is { Type: not ExpressionType.Number }) return new FieldProblem("boost", "boost must be a number.");
        if (this.Context.Count > MaxContextEntries || this.Context.Any(entry => entry.Key.Length > MaxContextLength || entry.Value is null || entry.Value.Length > MaxContextLength))
            return new FieldProblem("context", $"context must hold at most {MaxContextEntries} names with text values of at most {MaxContextLength} characters.");
        return this.Filter is { MinPrice: { } min, MaxPrice: { } max } && min > max
            ? new FieldProblem("min_price", $"min_price ({min}) is above max_price ({max}); no item can match.")
            : null;
    }
}

/// <summary>A condition on items; every part that is set must hold.</summary>
public sealed record ItemFilter
{
    public static readonly ItemFilter None = new();

    /// <summary>Path from the root; the item lies in it or below it.</summary>
    public IReadOnlyList<string> Category { get; init; } = [];

    /// <summary>One of these brands; empty means any.</summary>
    public IReadOnlyList<string> Brands { get; init; } = [];

    /// <summary>Lowest and highest price, both included. An item without a price fails either.</summary>
    public double? MinPrice { get; init; }

    public double? MaxPrice { get; init; }

    public bool Accepts(Item? item)
    {
        if (ReferenceEquals(this, None)) return true;
        if (this.Category.Count > 0 && !this.InCategory(item)) return false;
        if (this.Brands.Count > 0 && !(item?.Brand is { } brand && this.Brands.Contains(brand, StringComparer.OrdinalIgnoreCase))) return false;
        if (this.MinPrice is { } min && !(item?.Price >= min)) return false;
        return this.MaxPrice is not { } max || item?.Price <= max;
    }

    private bool InCategory(Item? item)
    {
        if (item is null || item.Category.Count < this.Category.Count) return false;
        for (var i = 0; i < this.Category.Count; i++)
            if (!string.Equals(item.Category[i], this.Category[i], StringComparison.OrdinalIgnoreCase)) return false;
        return true;
    }
}
