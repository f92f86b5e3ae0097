using Aisle.Engine.Catalog;
using Aisle.Engine.Configuration;

namespace Aisle.Engine.Recommending.Pipelines;

/// <summary>Keeps count of the groups of a list while it is made.</summary>
internal sealed class GroupLimits(IReadOnlyList<GroupLimit> limits)
{
    private static readonly Dictionary<string, ItemGroup> Words = new()
    {
        ["brand"] = ItemGroup.Brand, ["department"] = ItemGroup.Department, ["subcategory"] = ItemGroup.Subcategory, ["seller"] = ItemGroup.Seller,
    };

    private readonly Dictionary<(int Limit, string Group), int> _counts = [];

    /// <summary>Reads <c>{at-most: 2, same: brand}</c>.</summary>
    public static GroupLimit Read(ConfigurationNode node)
    {
        var map = node.Map("at-most", "same");
        return new GroupLimit(map.Required("at-most").Whole(1, RecommendationRequest.MaxCount), map.Required("same").OneOf(Words, "group"));
    }

    /// <summary>The limit that an item would break; null for none.</summary>
    public GroupLimit? Broken(Item? item)
    {
        for (var place = 0; place < limits.Count; place++)
            if (GroupOf(item, limits[place].Same) is { } group && this._counts.GetValueOrDefault((place, group)) >= limits[place].AtMost) return limits[place];
        return null;
    }

    public void Count(Item? item)
    {
        for (var place = 0; place < limits.Count; place++)
            if (GroupOf(item, limits[place].Same) is { } group) this._counts[(place, group)] = this._counts.GetValueOrDefault((place, group)) + 1;
    }

    internal static string? GroupOf(Item? item, ItemGroup group) => group switch
    {
        ItemGroup.Brand => item?.Brand,
        ItemGroup.Department => item?.Category.Count > 0 ? item.Category[0] : null,
        ItemGroup.Subcategory => item?.Category.Count > 0 ? item.Category[^1] : null,
        _ => item?.Attributes.GetValueOrDefault("seller"),
    };
}
