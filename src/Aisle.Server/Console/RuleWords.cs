using System.Globalization;
using Aisle.Engine.Catalog;
using Aisle.Engine.Recommending.Rules;
using Microsoft.Extensions.Localization;

namespace Aisle.Server.Console;

/// <summary>Says in the reader's language what a rule does, where and when.</summary>
internal sealed class RuleWords(IStringLocalizer<ConsoleText> text, Catalogue catalogue)
{
    private const int ShownItems = 3;

    public string Does(Rule rule) => rule.Action switch
    {
        RuleAction.Pin => text["Puts {0} at place {1}", this.What(rule), rule.Position],
        RuleAction.Boost => text["Multiplies the scores of {0} by {1}", this.What(rule), rule.By!.Text],
        RuleAction.Bury => text["Puts {0} last", this.What(rule)],
        RuleAction.Hide => text["Hides {0}", this.What(rule)],
        RuleAction.Only => text["Shows nothing but {0}", this.What(rule)],
        RuleAction.Limit => text["At most {0} of the same {1}", rule.Limit!.AtMost, text[$"group {rule.Limit.Same.ToString().ToLowerInvariant()}"].Value],
        _ => text["Gives {0} {1} of the places", this.What(rule), rule.Share.ToString("P0", CultureInfo.CurrentCulture)],
    };

    public string Where(Rule rule)
    {
        var parts = rule.Scope.Placements.Concat(rule.Scope.Scenarios.Select(this.Scenario)).ToList();
        var places = parts.Count == 0 ? text["Everywhere"].Value : string.Join(", ", parts);
        return rule.When is { } when ? text["{0}, when {1}", places, when.Text] : places;
    }

    public string When(Rule rule) => (rule.Scope.From, rule.Scope.Until) switch
    {
        (null, null) => text["Always"],
        ({ } from, null) => text["From {0}", Day(from)],
        (null, { } until) => text["Until {0}", Day(until)],
        ({ } from, { } until) => text["{0} to {1}", Day(from), Day(until)],
    };

    /// <summary>A scenario's readable name; its own word where it is the shop's.</summary>
    public string Scenario(string name) => text[$"scenario {name}"] is { ResourceNotFound: false } known ? known.Value : name;

    /// <summary>A candidate source's readable name.</summary>
    public string Source(string name) => text[$"source {name}"] is { ResourceNotFound: false } known ? known.Value : name;

    private string What(Rule rule)
    {
        var language = CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;
        var items = rule.Items.Take(ShownItems).Select(id => $"“{catalogue.Find(id)?.TextIn(language).Title ?? id.Value}”").ToList();
        if (rule.Items.Count > ShownItems) items.Add(text["{0} more", rule.Items.Count - ShownItems]);
        if (rule.Where is { } where) items.Add(text["items with {0}", where.Text]);
        return string.Join(", ", items);
    }

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString(time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
