using System.Security.Claims;
using Aisle.Engine.Access;

namespace Aisle.Server.Api;

internal sealed record KeyBody(string? Name, ApiRole? Role);

/// <param name="Key">The text of the key: told once, when it is made.</param>
internal sealed record KeyInfo(string Id, string Name, ApiRole Role, DateTimeOffset CreatedAt, string? Key = null)
{
    public static KeyInfo Of(ApiKey key, string? text = null) => new(key.Id, key.Name, key.Role, key.CreatedAt, text);
}

internal static class KeysApi
{
    private const int MaxName = 100;

    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("/keys").WithTags("Keys").RequireAuthorization(ApiAccess.Manage);
        keys.MapGet("/", (ApiKeys all) => TypedResults.Ok(all.List().Select(key => KeyInfo.Of(key)).ToArray())).WithSummary("API keys, without their secrets").Produces<KeyInfo[]>();
        keys.MapPost("/", PostAsync).WithSummary("Make a key; its text is told only now").Accepts<KeyBody>("application/json").Produces<KeyInfo>(StatusCodes.Status201Created).ProducesValidationProblem();
        keys.MapDelete("/{id}", DeleteAsync).WithSummary("Revoke a key").Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> PostAsync(HttpRequest request, ApiKeys keys, CancellationToken cancellation)
    {
        var (body, problem) = await ApiBody.ReadAsync<KeyBody>(request, cancellation);
        if (problem is not null) return problem;
        if (body!.Name is not { Length: > 0 and <= MaxName } name) return ApiProblems.Field("name", $"name must have 1 to {MaxName} characters: say what the key is for.");
        if (body.Role is not { } role) return ApiProblems.Field("role", "role is missing; it must be one of tracker, shop, admin.");
        var (key, text) = await keys.IssueAsync(name, role, cancellation);
        return Results.Created($"/api/v1/keys/{key.Id}", KeyInfo.Of(key, text));
    }

    private static async Task<IResult> DeleteAsync(string id, ApiKeys keys, ClaimsPrincipal caller, CancellationToken cancellation)
    {
        if (caller.Identity?.Name == id) return ApiProblems.Conflict("A key cannot revoke itself; use another admin key.");
        return await keys.RevokeAsync(id, cancellation) ? TypedResults.NoContent() : ApiProblems.NotFound($"There is no key {id}.");
    }
}
