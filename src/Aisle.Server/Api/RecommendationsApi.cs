using System.ComponentModel;
using Aisle.Engine.Catalog;
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

    [Description("Items that must not be in the list.")]
    public IReadOnlyList<string>? Exclude { get; init; }

    [Description("Language of titles and reasons: en (default) or zh.")]
    public string? Language { get; init; }

    public RecommendationRequest ToRequest(Scenario scenario) => new()
    {
        Scenario = scenario,
        User = string.IsNullOrEmpty(this.User) ? null : new UserId(this.User),
        Items = [.. (this.Items ?? []).Select(id => new ItemId(id))],
        Count = this.Count ?? 10,
        Placement = this.Placement,
        Seen = this.Seen,
        Filter = this.ToFilter(),
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
        HttpRequest request, RecommendationService service, Catalogue catalogue, CancellationToken cancellation)
    {
        var (body, problem) = await ApiBody.ReadAsync<RecommendationBody>(request, cancellation);
        if (problem is not null) return problem;
        if (body!.Scenario is not { } scenario) return ApiProblems.Field("scenario", $"scenario is missing; it must be one of {Scenarios.Allowed}.");
        return Answer(body, scenario, service, catalogue);
    }

    private static IResult Get(
        string scenario, RecommendationService service, Catalogue catalogue, string? user, string[]? item, string? placement, string? language, int? count)
    {
        if (!Scenarios.TryParse(scenario, out var parsed)) return ApiProblems.Field("scenario", $"There is no scenario {scenario}; it must be one of {Scenarios.Allowed}.");
        return Answer(new RecommendationBody { User = user, Items = item, Count = count, Placement = placement, Language = language }, parsed, service, catalogue);
    }

    private static IResult Answer(RecommendationBody body, Scenario scenario, RecommendationService service, Catalogue catalogue)
    {
        var request = body.ToRequest(scenario);
        if (request.Check() is { } wrong) return ApiProblems.Field(wrong.Field, wrong.Message);
        var list = service.Recommend(request);
        var language = body.Language ?? "en";
        return TypedResults.Ok(new RecommendationListBody(
            list.Id, list.Scenario, list.Placement, list.ModelVersion, [.. list.Items.Select(item => ToBody(item, language, catalogue))]));
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
