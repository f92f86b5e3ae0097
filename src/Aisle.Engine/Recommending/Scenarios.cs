using System.Text.Json;

namespace Aisle.Engine.Recommending;

/// <summary>The words for scenarios in addresses, in JSON and on the command line: <c>recommended-for-you</c>, <c>similar</c>…</summary>
public static class Scenarios
{
    private static readonly Dictionary<string, Scenario> ByName =
        Enum.GetValues<Scenario>().ToDictionary(scenario => JsonNamingPolicy.KebabCaseLower.ConvertName(scenario.ToString()));

    /// <summary>All words, for messages.</summary>
    public static string Allowed { get; } = string.Join(", ", ByName.Keys);

    public static string NameOf(Scenario scenario) => JsonNamingPolicy.KebabCaseLower.ConvertName(scenario.ToString());

    public static bool TryParse(string name, out Scenario scenario) => ByName.TryGetValue(name, out scenario);
}
