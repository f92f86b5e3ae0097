using Aisle.Engine.Training;

namespace Aisle.Server.Api;

/// <param name="Serving">Whether this is the version that answers now.</param>
internal sealed record ModelBody(
    int Version, bool Serving, DateTimeOffset CreatedAt, int Seed, DataWindow Window, IReadOnlyList<ModelPartBody> Parts, IReadOnlyList<ModelScore> Validation)
{
    public static ModelBody Of(ModelManifest manifest, int? serving) => new(
        manifest.Version,
        manifest.Version == serving,
        manifest.CreatedAt,
        manifest.Seed,
        manifest.Window,
        [.. manifest.Parts.Select(part => new ModelPartBody(part.Role, part.Model, part.Options, part.Length))],
        manifest.Validation);
}

internal sealed record ModelPartBody(string Role, string Model, System.Text.Json.JsonElement Options, long Bytes);

internal static class ModelsApi
{
    public static void MapModels(this IEndpointRouteBuilder api)
    {
        var models = api.MapGroup("/models").WithTags("Models").RequireAuthorization(ApiAccess.Manage);
        models.MapGet("/", List).WithSummary("Published model versions, newest first, with their validation scores").Produces<ModelBody[]>();
        models.MapGet("/serving", Serving).WithSummary("The version that answers now").Produces<ModelBody>().ProducesProblem(StatusCodes.Status404NotFound);
        models.MapPost("/{version:int}/activate", Activate).WithSummary("Make a version the serving one: roll back, or forward again")
            .Produces<ModelBody>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static IResult List(ModelRegistry registry) =>
        TypedResults.Ok(registry.Versions().Select(manifest => ModelBody.Of(manifest, registry.Serving?.Manifest.Version)).ToArray());

    private static IResult Serving(ModelRegistry registry) =>
        registry.Serving is { } model
            ? TypedResults.Ok(ModelBody.Of(model.Manifest, model.Manifest.Version))
            : ApiProblems.NotFound("No model serves yet; start a training run with POST /api/v1/training-runs.");

    private static IResult Activate(int version, ModelRegistry registry)
    {
        try
        {
            return TypedResults.Ok(ModelBody.Of(registry.Activate(version).Manifest, version));
        }
        catch (ArgumentException missing)
        {
            return ApiProblems.NotFound(missing.Message);
        }
        catch (InvalidDataException damaged)
        {
            return ApiProblems.Conflict(damaged.Message);
        }
    }
}
