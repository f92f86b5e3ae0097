using Aisle.Engine.Catalog;
using Aisle.Engine.Expressions;
using Aisle.Engine.Recommending.Sources;

namespace Aisle.Engine.Recommending;

/// <summary>The filter and the boost of one request, with what they read.</summary>
internal sealed class RequestExpressions
{
    /// <summary>A factor beyond this counts as this.</summary>
    private const double MaxBoost = 1000;

    private readonly Catalogue _catalogue;
    private readonly BoundExpression? _condition;
    private readonly BoundExpression? _boost;
    private readonly int _window;

    private RequestExpressions(RecommendationContext context, ExpressionInputs inputs)
    {
        this._catalogue = context.Catalogue;
        this._condition = context.Request.Condition?.Bind(inputs);
        this._boost = context.Request.Boost?.Bind(inputs);
        this._window = 4 * context.Request.Count + 200;
    }

    public static RequestExpressions Of(RecommendationContext context, ShopperFactsReader facts)
    {
        var request = context.Request;
        var inputs = new ExpressionInputs
        {
            Now = context.Now,
            LatestEvent = context.LatestEvent,
            User = request.User,
            Scenario = Scenarios.NameOf(request.Scenario),
            Placement = request.Placement,
            Items = request.Items,
            Context = request.Context,
            ReadShopper = request.User is { } shopper ? () => facts.FactsOf(shopper, context.History) : null,
            ReadAttributes = request.User is { } user ? () => facts.AttributesOf(user) : null,
        };
        return new RequestExpressions(context, inputs);
    }

    public bool Accepts(int index) => this._condition is not { } condition || condition.IsTrue(this.ItemAt(index));

    /// <summary>
    /// Candidates by boosted score. Sources bring them best first and may hold the whole catalogue: the boost orders as many of the best as
    /// a list of this length is chosen from.
    /// </summary>
    public IEnumerable<Candidate> InOrder(IEnumerable<Candidate> candidates)
    {
        if (this._boost is not { } boost) return candidates;
        return candidates.Take(this._window)
            .Select(candidate => candidate with { Score = Boosted(candidate.Score, boost.Number(this.ItemAt(candidate.Index)) ?? 1) })
            .OrderByDescending(candidate => candidate.Score);
    }

    // A score below 0 is divided, so that a factor above 1 lifts it too.
    private static double Boosted(double score, double factor)
    {
        var within = Math.Clamp(factor, 0, MaxBoost);
        return score >= 0 ? score * within : score / Math.Max(within, 1 / MaxBoost);
    }

    /// <summary>Of an item that only events know, expressions know the identifier alone.</summary>
    private Item ItemAt(int index) => this._catalogue.ItemAt(index) ?? new Item { Id = this._catalogue.IdAt(index), Title = "" };
}
