using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Expressions;

/// <summary>What an expression can ask about a request; the same for all its items. What costs a look into the store is read at the first use.</summary>
public sealed class ExpressionInputs
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    private ShopperFacts? _shopper;
    private IReadOnlyDictionary<string, string>? _attributes;
    private IReadOnlyList<Item>? _described;

    /// <summary>The clock's time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Where "in the last 30 days" of the history functions counts back from: the latest event, in a shop whose data ends in the past.</summary>
    public required DateTimeOffset LatestEvent { get; init; }

    public UserId? User { get; init; }

    public string? Scenario { get; init; }

    public string? Placement { get; init; }

    /// <summary>The items that the request is about.</summary>
    public IReadOnlyList<ItemId> Items { get; init; } = [];

    /// <summary>What the caller tells beside, by name, e.g. device → mobile.</summary>
    public IReadOnlyDictionary<string, string> Context { get; init; } = Nothing;

    /// <summary>Finds one of those items in the catalogue; null where it is not described.</summary>
    public Func<ItemId, Item?>? FindItem { get; init; }

    /// <summary>Reads the shopper's facts; null where there is no shopper.</summary>
    public Func<ShopperFacts>? ReadShopper { get; init; }

    /// <summary>Reads what the shop tells of the shopper; null where there is no shopper.</summary>
    public Func<IReadOnlyDictionary<string, string>?>? ReadAttributes { get; init; }

    internal ShopperFacts Shopper => this._shopper ??= this.ReadShopper?.Invoke() ?? ShopperFacts.None;

    internal IReadOnlyList<string> Subcategories => [.. this.Described.Where(item => item.Category.Count > 0).Select(item => item.Category[^1])];

    internal double Value => this.Described.Sum(item => item.Price ?? 0);

    private IReadOnlyList<Item> Described => this._described ??= this.FindItem is { } find ? [.. this.Items.Select(find).OfType<Item>()] : [];

    internal IReadOnlyDictionary<string, string> Attributes => this._attributes ??= this.ReadAttributes?.Invoke() ?? Nothing;
}
