using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;
using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Engine.Training;

/// <summary>
/// Segments of shoppers: each value of an attribute that few values divide them by, and the department that each cares for most. Segments that few
/// belong to tell more of those few than of the segment, and are none.
/// </summary>
internal static class ShopperSegments
{
    /// <summary>An attribute with more values is a name or a number, no segment.</summary>
    public const int MostValues = 50;

    public const int LeastShoppers = 20;

    /// <summary>Days after which an interaction counts half.</summary>
    private const double HalfLifeDays = 30;

    private const int Page = 10_000;

    // No attribute's: names of attributes that shops send are words.
    private const string Interest = "@department";

    /// <summary>The segments that a shopper may belong to.</summary>
    /// <param name="department">The one that the shopper cares for most.</param>
    public static IEnumerable<string> NamesOf(IReadOnlyDictionary<string, string>? attributes, string? department) =>
    [
        .. (attributes ?? new Dictionary<string, string>()).Where(attribute => attribute.Value.Length > 0).Select(attribute => NameOf(attribute.Key, attribute.Value)),
        .. department is null ? Array.Empty<string>() : [NameOf(Interest, department)],
    ];

    /// <param name="known">In ordinal order.</param>
    /// <returns>Below 0 for one that is not known.</returns>
    public static int IndexOf(IReadOnlyList<string> known, string name)
    {
        var (low, high) = (0, known.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(known[middle], name);
            if (order == 0) return middle;
            if (order < 0) low = middle + 1;
            else high = middle - 1;
        }

        return -1;
    }

    /// <summary>What each segment takes: segments × items, faded and damped as shoppers' interactions are.</summary>
    /// <returns>The segments' names in ordinal order, and the data that a model of segments is fitted on; null where there are no segments.</returns>
    public static (IReadOnlyList<string> Names, Dataset Data)? Of(TrainingData data, IUserStore users, Catalogue catalogue)
    {
        var behaviour = data.All(HalfLifeDays).Interactions;
        var members = AttributesOf(data, users);
        AddInterests(members, behaviour, data, catalogue);
        string[] names = [.. members.Where(segment => segment.Value.Count >= LeastShoppers).Select(segment => segment.Key).Order(StringComparer.Ordinal)];
        if (names.Length == 0) return null;
        var (rows, items, weights) = (new List<int>(), new List<int>(), new List<float>());
        for (var segment = 0; segment < names.Length; segment++)
        {
            var sums = new SortedDictionary<int, float>();
            foreach (var shopper in members[names[segment]])
            {
                var touched = behaviour.ItemsOf(shopper);
                var strengths = behaviour.WeightsOf(shopper);
                for (var i = 0; i < touched.Length; i++) sums[touched[i]] = sums.GetValueOrDefault(touched[i]) + strengths[i];
            }

            foreach (var (item, weight) in sums)
            {
                rows.Add(segment);
                items.Add(item);
                weights.Add(weight);
            }
        }

        return (names, new Dataset(Interactions.From(names.Length, data.Items.Count, [.. rows], [.. items], [.. weights]))
        {
            UserAttributes = Attributes.From(names.Select(name => new[] { ("segment", name) })),
        });
    }

    /// <summary>Of a model in which each segment is a user of its own; what was damped and faded already does not fade again.</summary>
    public static SegmentPopularityTrainer Trainer { get; } = new(new SegmentPopularityOptions { HalfLifeDays = 0 });

    private static Dictionary<string, List<int>> AttributesOf(TrainingData data, IUserStore users)
    {
        var fields = new Dictionary<string, Dictionary<string, List<int>>>();
        UserId? after = null;
        while (users.List(after, Page) is { Count: > 0 } page)
        {
            foreach (var user in page)
            {
                if (user.Attributes.Count == 0 || data.Users.Find(user.Id.Value) is not { } shopper) continue;
                foreach (var (field, value) in user.Attributes)
                {
                    if (value.Length == 0) continue;
                    if (!fields.TryGetValue(field, out var values)) fields[field] = values = [];
                    if (!values.TryGetValue(value, out var members))
                    {
                        if (values.Count > MostValues) continue;
                        values[value] = members = [];
                    }

                    members.Add(shopper);
                }
            }

            after = page[^1].Id;
        }

        return fields.Where(field => field.Value.Count <= MostValues).SelectMany(field => field.Value.Select(value => (Name: NameOf(field.Key, value.Key), value.Value)))
            .ToDictionary(segment => segment.Name, segment => segment.Value);
    }

    private static void AddInterests(Dictionary<string, List<int>> members, Interactions behaviour, TrainingData data, Catalogue catalogue)
    {
        string?[] departments = [.. Enumerable.Range(0, data.Items.Count).Select(item => catalogue.Find(new ItemId(data.Items[item])) is { Category: [var department, ..] } ? department : null)];
        for (var shopper = 0; shopper < behaviour.Users; shopper++)
        {
            var sums = new Dictionary<string, float>();
            var items = behaviour.ItemsOf(shopper);
            var weights = behaviour.WeightsOf(shopper);
            for (var i = 0; i < items.Length; i++)
                if (departments[items[i]] is { } department) sums[department] = sums.GetValueOrDefault(department) + weights[i];
            if (sums.Count == 0) continue;
            var name = NameOf(Interest, sums.MaxBy(sum => sum.Value).Key);
            if (!members.TryGetValue(name, out var known)) members[name] = known = [];
            known.Add(shopper);
        }
    }

    private static string NameOf(string field, string value) => $"{field}={value}";
}
