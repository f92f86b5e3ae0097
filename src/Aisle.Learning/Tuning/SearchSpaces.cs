using Aisle.Learning.Models;

namespace Aisle.Learning.Tuning;

/// <summary>What to search over for one family of models.</summary>
/// <param name="Dimensions">Options with their ranges.</param>
/// <param name="BudgetOption">The option whose value a smaller budget scales down (iterations, epochs); null where a smaller budget means fewer users.</param>
public sealed record SearchSpace(IReadOnlyList<SearchDimension> Dimensions, string? BudgetOption = null);

/// <summary>The search spaces of the families, by name. A family without an entry can be tuned by dimensions given by the caller.</summary>
public static class SearchSpaces
{
    private static readonly Dictionary<string, SearchSpace> ByModel = new(StringComparer.Ordinal)
    {
        ["popularity"] = new([SearchDimension.Number("halfLifeDays", 1, 1000, log: true)]),
        ["itemknn"] = new([SearchDimension.Whole("neighbours", 10, 1000, log: true), SearchDimension.Number("shrinkage", 0.1, 300, log: true)]),
        ["als"] = new(
            [
                SearchDimension.Whole("factors", 16, 256, log: true),
                SearchDimension.Number("unobservedWeight", 0.001, 1, log: true),
                SearchDimension.Number("regularization", 0.0005, 0.5, log: true),
                SearchDimension.Number("frequencyExponent", 0, 1),
            ],
            "iterations"),
    };

    public static IReadOnlyCollection<string> Models => ByModel.Keys;

    /// <summary>The space of a family, with dimensions replaced or added by the caller.</summary>
    /// <exception cref="ArgumentException">The family has no space and none is given, or has no such option; the message says what to do.</exception>
    public static SearchSpace Of(TrainerFamily family, IReadOnlyList<SearchDimension> given)
    {
        foreach (var dimension in given)
        {
            if (!family.OptionNames.Contains(dimension.Name))
                throw new ArgumentException($"{family.Name} has no option '{dimension.Name}'. Its options are: {string.Join(", ", family.OptionNames)}.");
        }

        var known = ByModel.GetValueOrDefault(family.Name) ?? new SearchSpace([]);
        var dimensions = known.Dimensions.Where(dimension => given.All(other => other.Name != dimension.Name)).Concat(given).ToList();
        if (dimensions.Count == 0)
        {
            throw new ArgumentException(
                $"{family.Name} has no search space of its own. Say what to search over, for example --space {(family.OptionNames.Count > 0 ? family.OptionNames[0] : "option")}=1..100:log. Its options are: {string.Join(", ", family.OptionNames)}.");
        }

        return known with { Dimensions = dimensions, BudgetOption = dimensions.Any(dimension => dimension.Name == known.BudgetOption) ? null : known.BudgetOption };
    }
}
