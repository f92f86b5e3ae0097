using Aisle.Engine.Catalog;
using Aisle.Learning;
using Aisle.Learning.Ranking;

namespace Aisle.Engine.Ranking;

/// <summary>A list as it was served, with what was known of its items at that time.</summary>
/// <param name="List">The beginning of its recommendation id.</param>
/// <param name="Learned">Whether a ranker made the order.</param>
/// <param name="Schema">See <see cref="SchemaOf"/>.</param>
/// <param name="Items">In the order of the list.</param>
/// <param name="Features">Item by item; NaN where a value was not known.</param>
public sealed record ServedList(Guid List, DateTimeOffset Time, string Pipeline, bool Learned, long Schema, IReadOnlyList<ItemId> Items, float[] Features)
{
    /// <summary>Tells features of one release from those of another.</summary>
    public static long SchemaOf(FeatureSchema schema) =>
        unchecked((long)UnitHash.Of("features", string.Join('\n', schema.Features.Select(feature => $"{feature.Name} {feature.Kind}"))));
}

/// <summary>The log of served lists.</summary>
public interface IServedStore
{
    Task AppendAsync(IReadOnlyList<ServedList> lists, CancellationToken cancellation);

    /// <summary>The latest lists, oldest first, at most <paramref name="count"/>.</summary>
    IReadOnlyList<ServedList> Latest(int count);

    long Count();

    /// <summary>Removes lists served before a time, and the oldest beyond <paramref name="most"/>.</summary>
    Task<int> ForgetAsync(DateTimeOffset before, int most, CancellationToken cancellation);
}
