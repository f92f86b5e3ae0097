using Aisle.Engine.Catalog;
using Aisle.Engine.Expressions;
using Aisle.Engine.Recommending.Rules;

namespace Aisle.Engine.Recommending;

/// <summary>Where an item left the way to a list.</summary>
public enum DropStage
{
    /// <summary>Neither the catalogue nor any event knows it.</summary>
    Unknown,

    /// <summary>Events know it, but the catalogue does not describe it.</summary>
    NotInCatalogue,
    OutOfStock,
    NotYetAvailable,

    /// <summary>It is what the request is about.</summary>
    QuestionItem,

    /// <summary>The request leaves it out, or it stands in another row already.</summary>
    Excluded,

    /// <summary>The request re-ranks a list that does not hold it.</summary>
    NotAmongItems,

    /// <summary>The shopper knows it, and the policy holds back what is known.</summary>
    Seen,

    /// <summary>Category, brand, price or the expression of the request.</summary>
    RequestFilter,

    /// <summary>The filter of the pipeline.</summary>
    PipelineFilter,

    /// <summary>A rule hides it.</summary>
    Rule,

    /// <summary>No source of the pipeline brings it.</summary>
    NotProposed,

    /// <summary>A limit to its brand, category or seller was full.</summary>
    Limit,

    /// <summary>Others stood before it.</summary>
    Rank,
}

/// <param name="Rule">Of <see cref="DropStage.Rule"/>: the rule's name.</param>
internal readonly record struct Refusal(DropStage Stage, string? Rule = null);

/// <summary>Whether an item may be in the list of one request, and how much it counts: what the shop has, the request's filters, the pipeline's, the rules.</summary>
internal sealed class CandidateChecks
{
    /// <summary>A factor beyond this counts as this.</summary>
    private const double MaxBoost = 1000;

    private readonly RecommendationContext _context;
    private readonly BoundExpression? _condition;
    private readonly BoundExpression? _filter;
    private readonly BoundExpression? _requestBoost;
    private readonly BoundExpression? _pipelineBoost;
    private readonly BoundExpression[] _shares;

    public CandidateChecks(RecommendationContext context, ShopperFactsReader facts, RuleSet rules)
    {
        var request = context.Request;
        var inputs = new ExpressionInputs
        {
            Now = context.Now,
            LatestEvent = context.LatestEvent,
            User = request.User,
            Scenario = context.Pipeline.Name,
            Placement = request.Placement,
            Items = request.Items,
            Context = request.Context,
            FindItem = context.Catalogue.Find,
            ReadShopper = request.User is { } shopper ? () => context.Shopper is { } known ? facts.FactsOf(shopper, known) : ShopperFacts.None : null,
            ReadAttributes = request.User is { } user ? () => facts.AttributesOf(user) : null,
        };
        this._context = context;
        this._condition = request.Condition?.Bind(inputs);
        this._filter = context.Pipeline.Filter?.Bind(inputs);
        this._requestBoost = request.Boost?.Bind(inputs);
        this._pipelineBoost = context.Pipeline.Boost?.Bind(inputs);
        this._shares = [.. context.Pipeline.Exposure.Select(share => share.Where.Bind(inputs))];
        this.Rules = RequestRules.Of(rules, context, inputs);
    }

    public RequestRules Rules { get; }

    /// <summary>Whether anything can change the order in which sources bring their items.</summary>
    public bool CanReorder => this._requestBoost is not null || this._pipelineBoost is not null
        || this.Rules.Of(RuleAction.Boost).Any() || this.Rules.Of(RuleAction.Bury).Any() || this.Rules.Of(RuleAction.Promote).Any();

    /// <summary>Why an item may not be shown at all; null where it may.</summary>
    public Refusal? Refuse(int index)
    {
        var described = this._context.Catalogue.ItemAt(index);
        // Without any catalogue, items are known from events alone and all may be shown.
        if (described is null && this._context.Catalogue.KnownItems > 0) return new Refusal(DropStage.NotInCatalogue);
        if (described is { Stock: <= 0 }) return new Refusal(DropStage.OutOfStock);
        if (described?.AvailableFrom > this._context.Now) return new Refusal(DropStage.NotYetAvailable);
        if (this._context.Among is { } among && !among.Contains(index)) return new Refusal(DropStage.NotAmongItems);
        if (!this._context.Request.Filter.Accepts(described)) return new Refusal(DropStage.RequestFilter);
        var item = this.ItemAt(index);
        if (this._condition?.IsTrue(item) == false) return new Refusal(DropStage.RequestFilter);
        if (this._filter?.IsTrue(item) == false) return new Refusal(DropStage.PipelineFilter);
        return this.Rules.Hiding(item) is { } rule ? new Refusal(DropStage.Rule, rule.Name) : null;
    }

    /// <summary>The place of the first of the pipeline's exposure shares that an item belongs to; null for none.</summary>
    public int? ShareOf(Item item)
    {
        for (var place = 0; place < this._shares.Length; place++)
            if (this._shares[place].IsTrue(item)) return place;
        return null;
    }

    /// <summary>A score after the boosts of the pipeline and of the request.</summary>
    public double Boosted(double score, Item item)
    {
        if (this._pipelineBoost is { } own) score = Multiply(score, own.Number(item) ?? 1);
        return this._requestBoost is { } asked ? Multiply(score, asked.Number(item) ?? 1) : score;
    }

    /// <summary>A score after the boosts of the rules.</summary>
    public double Ruled(double score, Item item) => this.Rules.FactorOf(item) is var factor && factor == 1 ? score : Multiply(score, factor);

    /// <summary>Of an item that only events know, expressions know the identifier alone.</summary>
    public Item ItemAt(int index) => this._context.Catalogue.ItemAt(index) ?? new Item { Id = this._context.Catalogue.IdAt(index), Title = "" };

    // A score below 0 is divided, so that a factor above 1 lifts it too.
    private static double Multiply(double score, double factor)
    {
        var within = Math.Clamp(factor, 0, MaxBoost);
        return score >= 0 ? score * within : score / Math.Max(within, 1 / MaxBoost);
    }
}
