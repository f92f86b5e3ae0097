using System.Collections.Concurrent;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Experiments;

/// <summary>
/// Divides the shoppers of an experiment by what was so before it: whether they had bought, how much they had spent, and what the shop tells of them. All
/// of it is the same for every variant but for chance, so that lifts may be compared within a segment.
/// </summary>
public sealed class ExperimentSegments(IUserStore users, TimeProvider time)
{
    /// <summary>Values of an attribute that are segments of their own, those of most shoppers; the rest is one more.</summary>
    public const int MostValues = 10;

    public const string ByOrders = "orders";
    public const string ByValue = "value";

    /// <summary>Name of what is told of nobody, and of the values beyond the most frequent.</summary>
    public const string Unknown = "";
    public const string Others = "*";

    // The store is a look per shopper away, and a page of results asks for all of them.
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);
    private static readonly string[] Thirds = ["low", "middle", "high"];

    private const int LeastBuyers = 30;

    private ConcurrentDictionary<UserId, IReadOnlyDictionary<string, string>> _attributes = new();
    private DateTimeOffset _since = time.GetUtcNow();

    /// <summary>Newcomers and those who had bought before; the latter by thirds of what they had spent; then value by value of the experiment's attributes.</summary>
    internal IEnumerable<(string By, string Segment, IReadOnlyList<UnitTotals> Units)> Of(ShopExperiment experiment, IReadOnlyList<UnitTotals> units)
    {
        yield return (ByOrders, "new", [.. units.Where(unit => unit.OrdersBefore == 0)]);
        var buyers = units.Where(unit => unit.OrdersBefore > 0).ToList();
        yield return (ByOrders, "returning", buyers);
        foreach (var third in ByThirds(buyers)) yield return third;
        foreach (var attribute in experiment.Segments)
            foreach (var (value, members) in this.ByAttribute(attribute, units)) yield return (attribute, value, members);
    }

    /// <summary>Equal spendings are not divided, so that thirds may differ in size.</summary>
    private static IEnumerable<(string By, string Segment, IReadOnlyList<UnitTotals> Units)> ByThirds(List<UnitTotals> buyers)
    {
        if (buyers.Count < LeastBuyers) yield break;
        var spent = buyers.Select(unit => unit.RevenueBefore).Order().ToList();
        var (low, high) = (spent[spent.Count / 3], spent[2 * spent.Count / 3]);
        if (low == high) yield break;
        foreach (var third in buyers.GroupBy(unit => unit.RevenueBefore < low ? 0 : unit.RevenueBefore < high ? 1 : 2).OrderBy(group => group.Key))
            yield return (ByValue, Thirds[third.Key], [.. third]);
    }

    private IEnumerable<(string Value, IReadOnlyList<UnitTotals> Units)> ByAttribute(string attribute, IReadOnlyList<UnitTotals> units)
    {
        var values = units.GroupBy(unit => this.AttributesOf(unit.User).GetValueOrDefault(attribute, Unknown)).ToDictionary(group => group.Key, group => (IReadOnlyList<UnitTotals>)[.. group]);
        values.Remove(Unknown, out var unknown);
        var frequent = values.OrderByDescending(value => value.Value.Count).ThenBy(value => value.Key, StringComparer.Ordinal).ToList();
        foreach (var (value, members) in frequent.Take(MostValues)) yield return (value, members);
        if (frequent.Count > MostValues) yield return (Others, [.. frequent.Skip(MostValues).SelectMany(value => value.Value)]);
        if (unknown is not null && frequent.Count > 0) yield return (Unknown, unknown);
    }

    private IReadOnlyDictionary<string, string> AttributesOf(UserId user)
    {
        if (time.GetUtcNow() - this._since > Remembered) (this._attributes, this._since) = (new ConcurrentDictionary<UserId, IReadOnlyDictionary<string, string>>(), time.GetUtcNow());
        return this._attributes.GetOrAdd(user, id => users.Find(id)?.Attributes ?? new Dictionary<string, string>());
    }
}
