using Aisle.Engine.Catalog;
using Aisle.Learning.Evaluation;

namespace Aisle.Engine.Feedback;

/// <summary>What items have in common, for a report of who is shown.</summary>
public enum ExposureGrouping
{
    /// <summary>The attribute seller.</summary>
    Seller,
    Brand,
    Department,
    Subcategory,

    /// <summary>The best-selling tenth of the catalogue, the next two fifths, and the rest.</summary>
    Popularity,

    /// <summary>How long an item has been on sale.</summary>
    Age,
}

/// <summary>How what is shown is shared out among the items of the catalogue and among their groups.</summary>
/// <param name="Impressions">Of all described items.</param>
/// <param name="Shown">Items that were shown at all.</param>
/// <param name="Gini">Of impressions among all described items: 0 where all are shown alike, near 1 where few take all. Null without impressions.</param>
/// <param name="GroupGini">The same among groups, each beside its share of the catalogue: 0 where every group is shown in proportion. Null without impressions.</param>
/// <param name="Groups">The largest share of impressions first; ages and bands of popularity in their own order.</param>
public sealed record ExposureReport(
    ExposureGrouping By, DateOnly From, DateOnly To, int Items, int Shown, long Impressions, long Clicks, double? Gini, double? GroupGini, IReadOnlyList<ExposureGroup> Groups)
{
    /// <summary>What has no seller, brand, category or date.</summary>
    public const string None = "";

    private const double Head = 0.1;
    private const double Middle = 0.5;

    private static readonly (string Name, double Days)[] Ages = [("up to 7 days", 7), ("8 to 30 days", 30), ("31 to 90 days", 90), ("91 to 365 days", 365), ("over a year", double.PositiveInfinity)];

    /// <summary>Names of the groups that have an order of their own.</summary>
    private static readonly string[] Ordered = ["head", "middle", "tail", .. Ages.Select(age => age.Name), None];

    /// <param name="counts">Of the days of the report, by the catalogue's index.</param>
    /// <param name="bestSellers">The catalogue's indexes, what sells most first.</param>
    /// <param name="now">Ages count to here.</param>
    public static ExposureReport Of(
        ExposureGrouping by, DateOnly from, DateOnly to, Catalogue catalogue, IReadOnlyDictionary<int, (long Impressions, long Clicks)> counts, IReadOnlyList<int> bestSellers, DateTimeOffset now)
    {
        var bands = by == ExposureGrouping.Popularity ? Bands(catalogue, bestSellers) : [];
        var groups = new Dictionary<string, List<(long Impressions, long Clicks)>>();
        for (var index = 0; index < catalogue.Count; index++)
        {
            if (catalogue.ItemAt(index) is not { } item) continue;
            var name = by == ExposureGrouping.Popularity ? bands[index] : NameOf(item, by, now);
            if (!groups.TryGetValue(name, out var members)) groups[name] = members = [];
            members.Add(counts.GetValueOrDefault(index));
        }

        var all = groups.Values.SelectMany(members => members).ToList();
        var impressions = all.Sum(item => item.Impressions);
        var found = groups.Select(group => new ExposureGroup(
            group.Key, group.Value.Count, (double)group.Value.Count / all.Count, group.Value.Sum(item => item.Impressions),
            impressions > 0 ? (double)group.Value.Sum(item => item.Impressions) / impressions : 0, group.Value.Sum(item => item.Clicks), group.Value.Count(item => item.Impressions > 0), GiniOf(group.Value)));
        return new ExposureReport(
            by, from, to, all.Count, all.Count(item => item.Impressions > 0), impressions, all.Sum(item => item.Clicks), GiniOf(all), GroupGiniOf([.. found]),
            [.. by is ExposureGrouping.Age or ExposureGrouping.Popularity
                ? found.OrderBy(group => Array.IndexOf(Ordered, group.Name))
                : found.OrderByDescending(group => group.Impressions).ThenByDescending(group => group.Items).ThenBy(group => group.Name, StringComparer.Ordinal)]);
    }

    private static string NameOf(Item item, ExposureGrouping by, DateTimeOffset now) => by switch
    {
        ExposureGrouping.Seller => item.Attributes.GetValueOrDefault("seller") ?? None,
        ExposureGrouping.Brand => item.Brand ?? None,
        ExposureGrouping.Department => item.Category.Count > 0 ? item.Category[0] : None,
        ExposureGrouping.Subcategory => item.Category.Count > 0 ? item.Category[^1] : None,
        _ => item.AvailableFrom is { } since ? Ages.First(age => (now - since).TotalDays <= age.Days).Name : None,
    };

    /// <summary>The band of each item; what nobody bought yet is in the tail.</summary>
    private static Dictionary<int, string> Bands(Catalogue catalogue, IReadOnlyList<int> bestSellers)
    {
        var described = bestSellers.Where(index => catalogue.ItemAt(index) is not null).ToList();
        var bands = new Dictionary<int, string>(described.Count);
        for (var place = 0; place < described.Count; place++) bands[described[place]] = place < Head * described.Count ? "head" : place < Middle * described.Count ? "middle" : "tail";
        for (var index = 0; index < catalogue.Count; index++) bands.TryAdd(index, "tail");
        return bands;
    }

    private static double? GiniOf(IReadOnlyList<(long Impressions, long Clicks)> items)
    {
        var gini = Exposure.GiniOf([.. items.Select(item => (double)item.Impressions)]);
        return double.IsNaN(gini) ? null : gini;
    }

    /// <summary>Twice the area between the line of proportion and the curve of groups from the least to the most shown for their share of the catalogue.</summary>
    private static double? GroupGiniOf(IReadOnlyList<ExposureGroup> groups)
    {
        if (groups.Sum(group => group.Impressions) == 0) return null;
        var (reached, area) = (0.0, 0.0);
        foreach (var group in groups.OrderBy(group => group.ImpressionShare / group.CatalogueShare))
        {
            area += group.CatalogueShare * (2 * reached + group.ImpressionShare);
            reached += group.ImpressionShare;
        }

        return Math.Max(0, 1 - area);
    }
}

/// <summary>A group of items and what was shown of it.</summary>
/// <param name="Name"><see cref="ExposureReport.None"/> for items of which it is not known.</param>
/// <param name="Shown">Items that were shown at all.</param>
/// <param name="Gini">Of impressions within the group; null where it was not shown.</param>
public sealed record ExposureGroup(string Name, int Items, double CatalogueShare, long Impressions, double ImpressionShare, long Clicks, int Shown, double? Gini)
{
    /// <summary>Clicks for an impression; null without impressions.</summary>
    public double? ClickThrough => this.Impressions > 0 ? (double)this.Clicks / this.Impressions : null;

    /// <summary>Share of the impressions for a share of the catalogue: 1 where the group is shown in proportion.</summary>
    public double Proportion => this.ImpressionShare / this.CatalogueShare;
}
