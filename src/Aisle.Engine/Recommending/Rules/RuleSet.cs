using Aisle.Engine.Catalog;
using Aisle.Engine.Configuration;
using Aisle.Engine.Expressions;
using Aisle.Engine.Recommending.Pipelines;

namespace Aisle.Engine.Recommending.Rules;

/// <summary>The rules of a shop in the order of its document. Immutable.</summary>
public sealed class RuleSet
{
    public const string ConfigurationKind = "rules";

    private const int MaxRules = 500;
    private const int MaxNameLength = 128;
    private const int MaxItems = 1000;

    private static readonly Dictionary<string, RuleAction> Actions = new()
    {
        ["pin"] = RuleAction.Pin, ["boost"] = RuleAction.Boost, ["bury"] = RuleAction.Bury, ["hide"] = RuleAction.Hide,
        ["only"] = RuleAction.Only, ["limit"] = RuleAction.Limit, ["promote"] = RuleAction.Promote,
    };

    private RuleSet(IReadOnlyList<Rule> rules) => this.Rules = rules;

    public IReadOnlyList<Rule> Rules { get; }

    /// <param name="document">YAML with one list, <c>rules</c>; null for no rules.</param>
    /// <exception cref="ConfigurationException">The document cannot be taken; the message says what is wrong, where, and what is allowed.</exception>
    public static RuleSet Parse(string? document, ExpressionCache expressions)
    {
        if (document is null) return new RuleSet([]);
        var list = ConfigurationNode.Parse(document).Map("rules")["rules"];
        var rules = new List<Rule>();
        var names = new HashSet<string>();
        foreach (var node in list?.List(MaxRules) ?? [])
        {
            var rule = Read(node, expressions);
            if (!names.Add(rule.Name)) throw node.Wrong($"{node.Path}: there are two rules named {rule.Name}; give each a name of its own.");
            rules.Add(rule);
        }

        return new RuleSet(rules);
    }

    private static Rule Read(ConfigurationNode node, ExpressionCache expressions)
    {
        var map = node.Map(["name", "do", .. RequestScope.Settings, "items", "where", "when", "by", "position", "limit", "share", "budget"]);
        var action = map.Required("do").OneOf(Actions, "action");
        var rule = new Rule
        {
            Name = map.Required("name").Text(MaxNameLength),
            Action = action,
            Scope = RequestScope.Read(map),
            Items = [.. (map["items"]?.Texts(MaxItems, ItemId.MaxLength) ?? []).Select(id => new ItemId(id))],
            Where = map["where"]?.Expression(expressions, ExpressionType.Boolean),
            When = map["when"]?.Expression(expressions, ExpressionType.Boolean),
            By = map["by"]?.Expression(expressions, ExpressionType.Number),
            Position = map["position"]?.Whole(1, RecommendationRequest.MaxCount) ?? 1,
            Limit = map["limit"] is { } limit ? GroupLimits.Read(limit) : null,
            Share = map["share"]?.Number(0.01, 1) ?? 0,
            Budget = map["budget"]?.Whole(1, int.MaxValue),
        };
        Check(rule, map);
        return rule;
    }

    /// <summary>What belongs to an action, and nothing else.</summary>
    private static void Check(Rule rule, ConfigurationMap map)
    {
        var node = map.Node;
        if (rule.When is { DependsOnItem: true }) throw map.Required("when").Wrong($"{node.Path}.when must not speak of the item; conditions on items belong into where.");
        var choosesItems = rule.Items.Count > 0 || rule.Where is not null;
        if (rule.Action == RuleAction.Pin && (rule.Items.Count == 0 || rule.Where is not null)) throw node.Wrong($"{node.Path}: a pin names its items, and has no where.");
        if (rule.Action != RuleAction.Limit && !choosesItems) throw node.Wrong($"{node.Path}: say which items are meant, with items or where.");
        if (rule.Action == RuleAction.Limit && choosesItems) throw node.Wrong($"{node.Path}: a limit holds for all items; leave items and where out.");
        Belongs("by", rule.Action == RuleAction.Boost, needed: true);
        Belongs("limit", rule.Action == RuleAction.Limit, needed: true);
        Belongs("share", rule.Action == RuleAction.Promote, needed: true);
        Belongs("budget", rule.Action == RuleAction.Promote, needed: false);
        Belongs("position", rule.Action == RuleAction.Pin, needed: false);

        void Belongs(string setting, bool here, bool needed)
        {
            if (here && needed) map.Required(setting);
            if (!here && map[setting] is { } stray) throw stray.Wrong($"{stray.Path} does not belong to this action; remove it or choose another action.");
        }
    }
}
