using System.ComponentModel;
using Aisle.Engine.Catalog;
using Aisle.Engine.Configuration;
using Aisle.Engine.Expressions;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Recommending.Pipelines;
using Microsoft.AspNetCore.Mvc;

namespace Aisle.Server.Api;

/// <summary>A question for a list, as callers write it.</summary>
internal sealed record RecommendationBody
{
    [Description("A pipeline's name, e.g. recommended-for-you, similar, cart. May be left out for a placement that the shop gave a pipeline.")]
    public string? Scenario { get; init; }

    [Description("The shopper; one who is new to Aisle is fine.")]
    public string? User { get; init; }

    [Description("The product on the page, the lines of the cart, or for search the list to put in order.")]
    public IReadOnlyList<string>? Items { get; init; }

    [Description("Length of the list, 1 to 200; default: the placement's, else 10.")]
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

    [Description("recommendation_id of a list that this one goes on from: nothing that was shown there comes again.")]
    public string? Continues { get; init; }

    [Description("Whether each item tells its score at each stage of the pipeline.")]
    public bool Explain { get; init; }

    [Description("Language of titles and reasons: en (default) or zh.")]
    public string? Language { get; init; }

    /// <param name="condition">What <see cref="Filter"/> says.</param>
    /// <param name="boost">What <see cref="Boost"/> says.</param>
    public RecommendationRequest ToRequest(Expression? condition, Expression? boost) => new()
    {
        Scenario = string.IsNullOrEmpty(this.Scenario) ? null : new Scenario(this.Scenario),
        User = string.IsNullOrEmpty(this.User) ? null : new UserId(this.User),
        Items = [.. (this.Items ?? []).Select(id => new ItemId(id))],
        Count = this.Count,
        Placement = this.Placement,
        Seen = this.Seen,
        Filter = this.ToFilter(),
        Condition = condition,
        Boost = boost,
        Context = this.Context ?? new Dictionary<string, string>(),
        Exclude = [.. (this.Exclude ?? []).Select(id => new ItemId(id))],
        Continues = this.Continues,
        Explain = this.Explain,
    };

    private ItemFilter ToFilter() =>
        this is { Category: null, Brands: null, MinPrice: null, MaxPrice: null }
            ? ItemFilter.None
            : new ItemFilter { Category = this.Category ?? [], Brands = this.Brands ?? [], MinPrice = this.MinPrice, MaxPrice = this.MaxPrice };
}

/// <summary>A page's rows in one call: those of a page that the shop has set, or rows of the caller's own.</summary>
internal sealed record RowsBody
{
    [Description("A page that the shop has set, e.g. home. Leave it out to send rows.")]
    public string? Page { get; init; }

    [Description("The rows from the top; no item comes twice.")]
    public IReadOnlyList<RecommendationBody>? Rows { get; init; }

    [Description("With page: the shopper.")]
    public string? User { get; init; }

    [Description("With page: the product on the page or the lines of the cart.")]
    public IReadOnlyList<string>? Items { get; init; }

    [Description("Language of titles and reasons: en (default) or zh.")]
    public string? Language { get; init; }
}

internal sealed record RowsAnswerBody(IReadOnlyList<RecommendationListBody> Rows);

/// <summary>Which stage kept an item out of the list that a request gets.</summary>
internal sealed record MissingQuestionBody
{
    public string? Item { get; init; }

    public RecommendationBody? Request { get; init; }
}

/// <param name="Stage">Absent where the list holds the item.</param>
internal sealed record MissingItemBody(
    string Item, DropStage? Stage, string Text, string? Rule, int? Place, int? PoolRank, double? Score, double? LastScore, IReadOnlyList<Proposal> Proposals);

/// <param name="RecommendationId">Send it with every event that the list causes.</param>
/// <param name="Exposure">What the pipeline's shares of exposure reach and cost; absent where it has none.</param>
internal sealed record RecommendationListBody(
    string RecommendationId, string Scenario, string? Placement, int? ModelVersion, int? PipelineVersion, int? RuleVersion, IReadOnlyList<RecommendationItemBody> Items,
    ExposureCost? Exposure);

/// <param name="Rule">The rule that gave the item its place, where one did.</param>
/// <param name="Propensity">The probability with which exploration drew the item for its place; absent where it was not drawn.</param>
/// <param name="Steps">Its score at each stage, where the request asked to explain.</param>
internal sealed record RecommendationItemBody(
    string Id, double Score, string Source, ReasonBody Reason, string? Rule, double? Propensity, string? Title, double? Price, string? Image, IReadOnlyList<ScoreStep>? Steps);

/// <param name="Text">A sentence for the shopper.</param>
internal sealed record ReasonBody(ReasonKind Kind, string? Item, string Text);

internal static class RecommendationsApi
{
    private const int MaxBody = 256 << 10;

    public static void MapRecommendations(this IEndpointRouteBuilder api)
    {
        var recommendations = api.MapGroup("/recommendations").WithTags("Recommendations").RequireAuthorization(ApiAccess.Ask)
            .WithMetadata(new RequestSizeLimitAttribute(MaxBody));
        recommendations.MapPost("/", PostAsync).WithSummary("A list for a scenario or a placement, with filters")
            .Accepts<RecommendationBody>("application/json").Produces<RecommendationListBody>().ProducesValidationProblem();
        recommendations.MapPost("/rows", RowsAsync).WithSummary("Several rows of one page, without repeats between them")
            .Accepts<RowsBody>("application/json").Produces<RowsAnswerBody>().ProducesValidationProblem();
        recommendations.MapPost("/why-missing", WhyMissingAsync).WithSummary("Which stage kept an item out of a list").RequireAuthorization(ApiAccess.Manage)
            .Accepts<MissingQuestionBody>("application/json").Produces<MissingItemBody>().ProducesValidationProblem();
        recommendations.MapGet("/{scenario}", Get).WithSummary("A list for a scenario: recommended-for-you, similar, bought-together, cart, best-sellers, trending, new-arrivals…")
            .Produces<RecommendationListBody>().ProducesValidationProblem();
    }

    private static async Task<IResult> PostAsync(HttpRequest request, RecommendationAnswers answers, CancellationToken cancellation)
    {
        var (body, problem) = await ApiBody.ReadAsync<RecommendationBody>(request, cancellation);
        if (problem is not null) return problem;
        var (asked, wrong) = answers.Read(body!);
        return wrong ?? TypedResults.Ok(answers.Answer(asked!, body!.Language));
    }

    private static IResult Get(
        string scenario, RecommendationAnswers answers,
        string? user, string[]? item, string? placement, string? language, int? count, string? filter, string? boost)
    {
        var (asked, wrong) = answers.Read(new RecommendationBody { Scenario = scenario, User = user, Items = item, Count = count, Placement = placement, Filter = filter, Boost = boost });
        return wrong ?? TypedResults.Ok(answers.Answer(asked!, language));
    }

    private static async Task<IResult> RowsAsync(HttpRequest request, RecommendationAnswers answers, PublishedConfiguration<PipelineSet> pipelines, CancellationToken cancellation)
    {
        var (body, problem) = await ApiBody.ReadAsync<RowsBody>(request, cancellation);
        if (problem is not null) return problem;
        if ((body!.Page is null) == (body.Rows is null)) return ApiProblems.Field("rows", "Send either page, the name of a page, or rows, a list of requests.");
        var rows = body.Rows;
        if (body.Page is { } page)
        {
            if (pipelines.Current.PageOf(page) is not { } placements)
                return ApiProblems.Field("page", $"There is no page of that name; the pages are {string.Join(", ", pipelines.Current.Pages.Keys)}.");
            // What needs a shopper is left out for one who is not known.
            rows = [.. placements
                .Where(name => body.User is { Length: > 0 } || !answers.NeedsUser(name))
                .Select(name => new RecommendationBody { Placement = name, User = body.User, Items = body.Items })];
        }

        if (rows!.Count is 0 or > RecommendationService.MaxRows) return ApiProblems.Field("rows", $"rows must hold 1 to {RecommendationService.MaxRows} requests.");
        var asked = new List<RecommendationRequest>();
        foreach (var row in rows)
        {
            var (read, wrong) = answers.Read(row);
            if (wrong is not null) return wrong;
            asked.Add(read!);
        }

        return TypedResults.Ok(new RowsAnswerBody(answers.AnswerRows(asked, body.Language)));
    }

    private static async Task<IResult> WhyMissingAsync(HttpRequest request, RecommendationAnswers answers, RecommendationService service, CancellationToken cancellation)
    {
        var (body, problem) = await ApiBody.ReadAsync<MissingQuestionBody>(request, cancellation);
        if (problem is not null) return problem;
        if (string.IsNullOrEmpty(body!.Item)) return ApiProblems.Field("item", "item is missing; name the item that the list should hold.");
        if (body.Request is null) return ApiProblems.Field("request", "request is missing; send the request whose list it should be in.");
        var (asked, wrong) = answers.Read(body.Request);
        if (wrong is not null) return wrong;
        var missing = service.WhyMissing(asked!, new ItemId(body.Item));
        return TypedResults.Ok(new MissingItemBody(
            body.Item, missing.Stage, missing.Sentence(body.Request.Language ?? "en"), missing.Rule, missing.Place, missing.PoolRank,
            Finite(missing.Score), Finite(missing.LastScore), [.. missing.Proposals.Select(proposal => proposal with { Score = Finite(proposal.Score) })]));
    }

    // JSON has no infinity.
    private static double? Finite(double? score) => score is { } value && double.IsFinite(value) ? value : null;
}

/// <summary>Bodies to requests, and lists to bodies.</summary>
internal sealed class RecommendationAnswers(
    RecommendationService service, PublishedConfiguration<PipelineSet> pipelines, ExpressionCache expressions, Catalogue catalogue)
{
    /// <returns>The request, or the problem to answer with.</returns>
    public (RecommendationRequest? Request, IResult? Problem) Read(RecommendationBody body, Merchandising? preview = null)
    {
        var (condition, wrongFilter) = this.Compile("filter", body.Filter, ExpressionType.Boolean);
        if (wrongFilter is not null) return (null, wrongFilter);
        var (boost, wrongBoost) = this.Compile("boost", body.Boost, ExpressionType.Number);
        if (wrongBoost is not null) return (null, wrongBoost);
        var request = body.ToRequest(condition, boost);
        return service.Check(request, preview) is { } wrong ? (null, ApiProblems.Field(wrong.Field, wrong.Message)) : (request, null);
    }

    public RecommendationListBody Answer(RecommendationRequest request, string? language) => this.ToBody(service.Recommend(request), language);

    public IReadOnlyList<RecommendationListBody> AnswerRows(IReadOnlyList<RecommendationRequest> rows, string? language) =>
        [.. service.RecommendRows(rows).Select(list => this.ToBody(list, language))];

    /// <summary>Whether a placement's pipeline answers nobody but known shoppers.</summary>
    public bool NeedsUser(string placement) =>
        pipelines.Current.PlacementOf(placement) is { } known && pipelines.Current.Find(new Scenario(known.Pipeline))?.Needs.HasFlag(PipelineNeeds.User) == true;

    public RecommendationListBody ToBody(RecommendationList list, string? language) => new(
        list.Id, list.Scenario.Name, list.Placement, list.ModelVersion, list.PipelineVersion, list.RuleVersion, [.. list.Items.Select(item => this.ToBody(item, language ?? "en"))],
        list.Exposure);

    /// <returns>The expression, or the problem to answer with; neither where the field is absent or empty.</returns>
    private (Expression? Expression, IResult? Problem) Compile(string field, string? text, ExpressionType type)
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

    private RecommendationItemBody ToBody(Recommendation recommendation, string language)
    {
        var because = recommendation.Reason.Because;
        var title = because is { } id ? catalogue.Find(id)?.TextIn(language).Title ?? id.Value : null;
        return new RecommendationItemBody(
            recommendation.Id.Value,
            recommendation.Score,
            recommendation.Source,
            new ReasonBody(recommendation.Reason.Kind, because?.Value, recommendation.Reason.Sentence(title, language)),
            recommendation.Rule,
            recommendation.Propensity,
            recommendation.Item?.TextIn(language).Title,
            recommendation.Item?.Price,
            recommendation.Item?.Image,
            recommendation.Steps.Count > 0 ? recommendation.Steps : null);
    }
}
