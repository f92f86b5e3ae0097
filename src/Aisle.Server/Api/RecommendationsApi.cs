using System.ComponentModel;
using Aisle.Engine.Catalog;
using Aisle.Engine.Expressions;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Microsoft.AspNetCore.Mvc;

namespace Aisle.Server.Api;

/// <summary>A question for a list, as callers write it.</summary>
internal sealed record RecommendationBody
{
    public Scenario? Scenario { get; init; }

    [Description("The shopper; one who is new to Aisle is fine.")]
    public string? User { get; init; }

    [Description("The product on the page or the lines of the cart; needed for similar and bought-together.")]
    public IReadOnlyList<string>? Items { get; init; }

    [Description("Length of the list, 1 to 200; default 10.")]
    public int? Count { get; init; }

    [Description("Where the list is shown; stored with the events that it causes.")]
    public string? Placement { get; init; }

    public SeenPolicy? Seen { get; init; }

    [Description("Only items in or below this category path.")]
    public IReadOnlyList<string>? Category { get; init; }

    public IReadOnlyList<string>? Brands { get; init; }

    public double? MinPrice { get; init; }

    public double? MaxPrice { get; init; }

    [Description("Only items for which this expression is true, e.g. item.price < user.avgBasket * 1.5 && !bought(item, days: 30).")]
    public string? Filter { get; init; }

    [Description("A number that multiplies each item's score, e.g. item.stock > 100 ? 1.5 : 1.")]
    public string? Boost { get; init; }

    [Description("Names with texts that expressions read as request.context.name.")]
    public IReadOnlyDictionary<string, string>? Context { get; init; }

    [Description("Items that must not be in the list.")]
    public IReadOnlyList<string>? Exclude { get; init; }

    [Description("Language of titles and reasons: en (default) or zh.")]
    public string? Language { get; init; }

    /// <param name="condition">What <see cref="Filter"/> says.</param>
    /// <param name="boost">What <see cref="Boost"/> says.</param>
    public RecommendationRequest ToRequest(Scenario scenario, Expression? condition, Expression? boost) => new()
    {
        Scenario = scenario,
        User = string.IsNullOrEmpty(this.User) ? null : new UserId(this.User),
        Items = [.. (this.Items ?? []).Select(id => new ItemId(id))],
        Count = this.Count ?? 10,
        Placement = this.Placement,
        Seen = this.Seen,
        Filter = this.ToFilter(),
        Condition = condition,
        Boost = boost,
        Context = this.Context ?? new Dictionary<string, string>(),
        Exclude = [.. (this.Exclude ?? []).Select(id => new ItemId(id))],
    };

    private ItemFilter ToFilter() =>
        this is { Category: null, Brands: null, MinPrice: null, MaxPrice: null }
            ? ItemFilter.None
            : new ItemFilter { Category = this.Category ?? [], Brands = this.Brands ?? [], MinPrice = this.MinPrice, MaxPrice = this.MaxPrice };
}

/// <param name="RecommendationId">Send it with every event that the list causes.</param>
internal sealed record RecommendationListBody(
    string RecommendationId, Scenario Scenario, string? Placement, int? ModelVersion, IReadOnlyList<RecommendationItemBody> Items);

internal sealed record RecommendationItemBody(
    string Id, double Score, string Source, ReasonBody Reason, string? Title, double? Price, string? Image);

/// <param name="Text">A sentence for the shopper.</param>
internal sealed record ReasonBody(ReasonKind Kind, string? Item, string Text);

internal static class RecommendationsApi
{
    private const int MaxBody = 256 << 10;

    public static void MapRecommendations(this IEndpointRouteBuilder api)
    {
        var recommendations = api.MapGroup("/recommendations").WithTags("Recommendations").RequireAuthorization(ApiAccess.Ask)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBody));
        recommendations.MapPost("/", PostAsync).WithSummary("A list for any scenario, with filters")
            .Accepts<RecommendationBody>("application/json").Produces<RecommendationListBody>().ProducesValidationProblem();
        recommendations.MapGet("/{scenario}", Get).WithSummary("A list for a scenario: recommended-for-you, similar, bought-together, best-sellers, trending, new-arrivals")
            .Produces<RecommendationListBody>().ProducesValidationProblem();
    }

    private static async Task<IResult> PostAsync(
        HttpRequest request, RecommendationService service, ExpressionCache expressions, Catalogue catalogue, CancellationToken cancellation)
    {
        var (body, problem) = await ApiBody.ReadAsync<RecommendationBody>(request, cancellation);
        if (problem is not null) return problem;
        if (body!.Scenario is not { } scenario) return ApiProblems.Field("scenario", $"scenario is missing; it must be one of {Scenarios.Allowed}.");
        return Answer(body, scenario, service, expressions, catalogue);
    }

    private static IResult Get(
        string scenario, RecommendationService service, ExpressionCache expressions, Catalogue catalogue,
        string? user, string[]? item, string? placement, string? language, int? count, string? filter, string? boost)
    {
        if (!Scenarios.TryParse(scenario, out var parsed)) return ApiProblems.Field("scenario", $"There is no scenario {scenario}; it must be one of {Scenarios.Allowed}.");
        var body = new RecommendationBody { User = user, Items = item, Count = count, Placement = placement, Language = language, Filter = filter, Boost = boost };
        return Answer(body, parsed, service, expressions, catalogue);
    }

    private static IResult Answer(RecommendationBody body, Scenario scenario, RecommendationService service, ExpressionCache expressions, Catalogue catalogue)
    {
        var (condition, wrongFilter) = Compile("filter", body.Filter, ExpressionType.Boolean, expressions);
        if (wrongFilter is not null) return wrongFilter;
        var (boost, wrongBoost) = Compile("boost", body.Boost, ExpressionType.Number, expressions);
        if (wrongBoost is not null) return wrongBoost;
        var request = body.ToRequest(scenario, condition, boost);
        if (request.Check() is { } wrong) return ApiProblems.Field(wrong.Field, wrong.Message);
        var list = service.Recommend(request);
        var language = body.Language ?? "en";
        return TypedResults.Ok(new RecommendationListBody(
            list.Id, list.Scenario, list.Placement, list.ModelVersion, [.. list.Items.Select(item => ToBody(item, language, catalogue))]));
    }

    /// <returns>The expression, or the problem to answer with; neither where the field is absent or empty.</returns>
    private static (Expression? Expression, IResult? Problem) Compile(string field, string? text, ExpressionType type, ExpressionCache expressions)
    {
        if (string.IsNullOrEmpty(text)) return (null, null);
        try
        {
            return (expressions.Compile(text, type), null);
        }
        catch (ExpressionException wrong)
        {
            return (null, ApiProblems.Expression(field, wrong));
        }
    }

    private static RecommendationItemBody ToBody(Recommendation recommendation, string language, Catalogue catalogue)
    {
        var because = recommendation.Reason.Because;
        var title = because is { } id ? catalogue.Find(id)?.TextIn(language).Title ?? id.Value : null;
        return new RecommendationItemBody(
            recommendation.Id.Value,
            recommendation.Score,
            recommendation.Source,
            new ReasonBody(recommendation.Reason.Kind, because?.Value, recommendation.Reason.Sentence(title, language)),
            recommendation.Item?.TextIn(language).Title,
            recommendation.Item?.Price,
            recommendation.Item?.Image);
    }
}
