using Aisle.Engine.Training;

namespace Aisle.Server.Api;

internal sealed record HealthBody(string Status, string? Detail = null);

internal static class HealthApi
{
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health/live", () => TypedResults.Ok(new HealthBody("live"))).ExcludeFromDescription();
        endpoints.MapGet("/health/ready", Ready).ExcludeFromDescription();
    }

    /// <summary>Ready once recommendations come from a trained model.</summary>
    private static IResult Ready(ModelRegistry models) =>
        models.Serving is not null
            ? TypedResults.Ok(new HealthBody("ready"))
            : Results.Json(new HealthBody("starting", "No trained model serves yet."), statusCode: StatusCodes.Status503ServiceUnavailable);
}
