using Aisle.Engine.Catalog;
using Aisle.Engine.Expressions;

namespace Aisle.Engine.Recommending.Rules;

/// <summary>The rules that hold for one request, with what they read. For one thread.</summary>
internal sealed class RequestRules
{
    private readonly IReadOnlyList<BoundRule> _rules;

    private RequestRules(IReadOnlyList<BoundRule> rules) => this._rules = rules;

    public static RequestRules Of(RuleSet set, RecommendationContext context, ExpressionInputs inputs)
    {
        if (set.Rules.Count == 0) return new RequestRules([]);
        var nothing = new Item { Id = new ItemId(""), Title = "" };
        var rules = set.Rules
            .Where(rule => rule.Scope.IsActive(context.Now) && rule.Scope.Covers(context.Pipeline.Name, context.Request.Placement))
            .Where(rule => rule.When?.Bind(inputs).IsTrue(nothing) != false)
            .Select(rule => new BoundRule(rule, inputs))
            .ToList();
        return new RequestRules(rules);
    }

    public IEnumerable<BoundRule> Of(RuleAction action) => this._rules.Where(rule => rule.Rule.Action == action);

    /// <summary>The rule that keeps an item out of the list; null for none.</summary>
    public Rule? Hiding(Item item)
    {
        foreach (var rule in this._rules)
        {
            if (rule.Rule.Action == RuleAction.Hide && rule.Speaks(item)) return rule.Rule;
            if (rule.Rule.Action == RuleAction.Only && !rule.Speaks(item)) return rule.Rule;
        }

        return null;
    }

    public bool Buries(Item item) => this.Of(RuleAction.Bury).Any(rule => rule.Speaks(item));

    /// <summary>The product of the boosts that speak of an item.</summary>
    public double FactorOf(Item item)
    {
        var factor = 1.0;
        foreach (var rule in this._rules)
            if (rule.Rule.Action == RuleAction.Boost && rule.Speaks(item)) factor *= rule.FactorOf(item);
        return factor;
    }
}

/// <summary>One rule for one request.</summary>
internal sealed class BoundRule
{
    private readonly HashSet<ItemId> _items;
    private readonly BoundExpression? _where;
    private readonly BoundExpression? _by;

    public BoundRule(Rule rule, ExpressionInputs inputs)
    {
        this.Rule = rule;
        this._items = [.. rule.Items];
        this._where = rule.Where?.Bind(inputs);
        this._by = rule.By?.Bind(inputs);
    }

    public Rule Rule { get; }

    public bool Speaks(Item item) => this._items.Contains(item.Id) || this._where?.IsTrue(item) == true;

    public double FactorOf(Item item) => this._by!.Number(item) ?? 1;
}
