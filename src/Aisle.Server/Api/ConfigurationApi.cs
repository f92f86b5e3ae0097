using System.ComponentModel;
using Aisle.Engine.ChoicePoints;
using Aisle.Engine.Configuration;
using Aisle.Engine.Experiments;
using Aisle.Engine.Ranking;
using Aisle.Engine.Recommending;
using Aisle.Engine.Recommending.Pipelines;
using Aisle.Engine.Recommending.Rules;

namespace Aisle.Server.Api;

/// <summary>A version of the shop's pipelines or rules.</summary>
/// <param name="Version">0 where nothing was published yet.</param>
/// <param name="Document">YAML.</param>
internal sealed record ConfigurationBody(int Version, string Document, string? Note, DateTimeOffset? PublishedAt)
{
    public static ConfigurationBody Of(ConfigurationVersion? version) =>
        version is null ? new ConfigurationBody(0, "", null, null) : new ConfigurationBody(version.Version, version.Document, version.Note, version.PublishedAt);
}

internal sealed record ConfigurationDraftBody
{
    [Description("The whole document, YAML.")]
    public string? Document { get; init; }

    [Description("What the author says of it.")]
    public string? Note { get; init; }

    [Description("The version that the author saw, 0 for none; refused where another was published since.")]
    public int? After { get; init; }
}

internal sealed record PreviewBody
{
    [Description("The pipelines as they might be, YAML; leave out for those that serve.")]
    public string? Pipelines { get; init; }

    [Description("The rules as they might be, YAML; leave out for those that serve.")]
    public string? Rules { get; init; }

    public RecommendationBody? Request { get; init; }
}

/// <param name="Before">As published; absent where what serves cannot answer the request.</param>
internal sealed record PreviewAnswerBody(RecommendationListBody? Before, RecommendationListBody After);

internal static class ConfigurationApi
{
    private const int MaxHistory = 100;
    private const int MaxNote = 500;

    public static void MapConfiguration(this IEndpointRouteBuilder api)
    {
        MapKind<PipelineSet>(api, "/pipelines", "pipelines");
        MapKind<RuleSet>(api, "/rules", "rules");
        MapKind<ExperimentSet>(api, "/experiments", "experiments");
        MapKind<ChoicePointSet>(api, "/choices", "choices");
        MapKind<RankingSettings>(api, "/ranking", "ranking settings");
        var manage = api.MapGroup("/").WithTags("Pipelines, rules, experiments").RequireAuthorization(ApiAccess.Manage);
        manage.MapGet("/pipelines/default", () => Results.Text(PipelineSet.DefaultDocument, "application/yaml")).WithSummary("The pipelines that come with Aisle, YAML");
        manage.MapPost("/preview", PreviewAsync).WithSummary("A list before and after a change of pipelines or rules, nothing published")
            .Accepts<PreviewBody>("application/json").Produces<PreviewAnswerBody>().ProducesValidationProblem();
    }

    private static void MapKind<T>(IEndpointRouteBuilder api, string path, string words)
        where T : class
    {
        var kind = api.MapGroup(path).WithTags("Pipelines, rules, experiments").RequireAuthorization(ApiAccess.Manage);
        kind.MapGet("/", (PublishedConfiguration<T> published) => TypedResults.Ok(ConfigurationBody.Of(published.Version))).WithSummary($"The {words} that the shop published");
        kind.MapGet("/versions", (PublishedConfiguration<T> published, int count = 20) => count is < 1 or > MaxHistory
            ? ApiProblems.Field("count", $"count must lie between 1 and {MaxHistory}.")
            : TypedResults.Ok(published.History(count).Select(ConfigurationBody.Of).ToArray())).WithSummary("Versions, newest first").Produces<ConfigurationBody[]>();
        kind.MapPut("/", PublishAsync<T>).WithSummary($"Publish {words}; they serve at once")
            .Accepts<ConfigurationDraftBody>("application/json").Produces<ConfigurationBody>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict);
        kind.MapPost("/check", CheckAsync<T>).WithSummary("Whether a document can be published, without doing so")
            .Accepts<ConfigurationDraftBody>("application/json").Produces(StatusCodes.Status204NoContent).ProducesValidationProblem();
        kind.MapPost("/versions/{version:int}/restore", RestoreAsync<T>).WithSummary("Publish an earlier version again")
            .Produces<ConfigurationBody>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> PublishAsync<T>(HttpRequest request, PublishedConfiguration<T> published, CancellationToken cancellation)
        where T : class
    {
        var (body, problem) = await ReadAsync(request, cancellation);
        if (problem is not null) return problem;
        try
        {
            return await published.PublishAsync(body!.Document!, body.Note, body.After ?? published.Version?.Version ?? 0, cancellation) is { } version
                ? TypedResults.Ok(ConfigurationBody.Of(version))
                : ApiProblems.Conflict("Another version was published meanwhile; read it, and send yours with its number as after.");
        }
        catch (ConfigurationException wrong)
        {
            return ApiProblems.Configuration("document", wrong);
        }
    }

    private static async Task<IResult> CheckAsync<T>(HttpRequest request, PublishedConfiguration<T> published, CancellationToken cancellation)
        where T : class
    {
        var (body, problem) = await ReadAsync(request, cancellation);
        if (problem is not null) return problem;
        try
        {
            published.Read(body!.Document!);
            return TypedResults.NoContent();
        }
        catch (ConfigurationException wrong)
        {
            return ApiProblems.Configuration("document", wrong);
        }
    }

    private static async Task<IResult> RestoreAsync<T>(int version, PublishedConfiguration<T> published, CancellationToken cancellation)
        where T : class
    {
        try
        {
            return await published.RestoreAsync(version, cancellation) is { } restored
                ? TypedResults.Ok(ConfigurationBody.Of(restored))
                : ApiProblems.NotFound($"There is no version {version}.");
        }
        catch (ConfigurationException wrong)
        {
            return ApiProblems.Configuration("version", wrong);
        }
    }

    private static async Task<IResult> PreviewAsync(
        HttpRequest request,
        RecommendationAnswers answers,
        RecommendationService service,
        PublishedConfiguration<PipelineSet> pipelines,
        PublishedConfiguration<RuleSet> rules,
        CancellationToken cancellation)
    {
        var (body, problem) = await ApiBody.ReadAsync<PreviewBody>(request, cancellation);
        if (problem is not null) return problem;
        if (body!.Request is null) return ApiProblems.Field("request", "request is missing; send the request whose list you want to see.");
        Merchandising preview;
        try
        {
            preview = new Merchandising(
                body.Pipelines is { } draft ? pipelines.Read(draft) : pipelines.Current,
                body.Rules is { } drafted ? rules.Read(drafted) : rules.Current);
        }
        catch (ConfigurationException wrong)
        {
            return ApiProblems.Configuration("document", wrong);
        }

        var (asked, refused) = answers.Read(body.Request, preview);
        if (refused is not null) return refused;
        var before = service.Check(asked!) is null ? service.Preview(asked!, new Merchandising(pipelines.Current, rules.Current)) : null;
        return TypedResults.Ok(new PreviewAnswerBody(
            before is null ? null : answers.ToBody(before, body.Request.Language), answers.ToBody(service.Preview(asked!, preview), body.Request.Language)));
    }

    private static async Task<(ConfigurationDraftBody? Body, IResult? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (body, problem) = await ApiBody.ReadAsync<ConfigurationDraftBody>(request, cancellation);
        if (problem is not null) return (null, problem);
        if (body!.Document is null) return (null, ApiProblems.Field("document", "document is missing; send the whole document as YAML text."));
        return body.Note?.Length > MaxNote ? (null, ApiProblems.Field("note", $"note must have at most {MaxNote} characters.")) : (body, null);
    }
}
