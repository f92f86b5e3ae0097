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
    /// <summary>Sequence of an event that was stored before it was served: what came of it came later. 0 where it is not known.</summary>
    public long AfterEvent { get; init; }

    /// <summary>Two neighbours whose order was left to chance; null for none.</summary>
    public ServedExchange? Exchange { get; init; }

    /// <summary>What a pipeline that is to be judged would have shown; null for none.</summary>
    public ShadowList? Shadow { get; init; }

    /// <summary>Tells features of one release from those of another.</summary>
    public static long SchemaOf(FeatureSchema schema) =>
        unchecked((long)UnitHash.Of("features", string.Join('\n', schema.Features.Select(feature => $"{feature.Name} {feature.Kind}"))));
}

/// <param name="Place">Of the first of the two, from 0.</param>
/// <param name="Happened">Whether they changed places; both were as likely.</param>
public sealed record ServedExchange(int Place, bool Happened);

/// <summary>A list that was made beside a served one, for the log alone.</summary>
/// <param name="Items">In the order of the list.</param>
/// <param name="Features">Of these items as the pipeline knew them; see <see cref="ServedList"/>.</param>
/// <param name="Possible">By item: whether the served list might have held it, by its order or by exploration.</param>
/// <param name="Draws">Places of the served list that exploration filled.</param>
public sealed record ShadowList(string Pipeline, IReadOnlyList<ItemId> Items, float[] Features, IReadOnlyList<bool> Possible, IReadOnlyList<ServedDraw> Draws);

/// <param name="Place">In the served list, from 0.</param>
/// <param name="Probability">With which exploration puts the item into the list.</param>
public sealed record ServedDraw(int Place, double Probability);

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
