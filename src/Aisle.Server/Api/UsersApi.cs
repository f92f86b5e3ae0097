using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Server.Api;

internal sealed record UserBody(string? Id, IReadOnlyDictionary<string, string>? Attributes)
{
    public static UserBody Of(User user) => new(user.Id.Value, user.Attributes);
}

internal static class UsersApi
{
    private const int MaxPage = 200;

    public static void MapUsers(this IEndpointRouteBuilder api)
    {
        var users = api.MapGroup("/users").WithTags("Users").RequireAuthorization(ApiAccess.Manage);
        users.MapGet("/", List).WithSummary("Shoppers, page by page").Produces<Page<UserBody>>().ProducesValidationProblem();
        users.MapGet("/{id}", Get).WithSummary("One shopper").Produces<UserBody>().ProducesProblem(StatusCodes.Status404NotFound);
        users.MapPut("/{id}", PutAsync).WithSummary("Insert or replace a shopper's attributes")
            .Accepts<UserBody>("application/json").Produces<UserBody>().ProducesValidationProblem();
        users.MapGet("/{id}/events", Events).WithSummary("A shopper's latest events, newest first").Produces<EventBody[]>().ProducesValidationProblem();
    }

    private static IResult List(IUserStore users, string? after = null, int count = 50)
    {
        if (count is < 1 or > MaxPage) return ApiProblems.Field("count", $"count must lie between 1 and {MaxPage}.");
        var page = users.List(after is null ? null : new UserId(after), count);
        return TypedResults.Ok(new Page<UserBody>([.. page.Select(UserBody.Of)], page.Count == count ? page[^1].Id.Value : null));
    }

    private static IResult Get(string id, IUserStore users) =>
        users.Find(new UserId(id)) is { } user ? TypedResults.Ok(UserBody.Of(user)) : ApiProblems.NotFound("There is no shopper with this id.");

    private static async Task<IResult> PutAsync(string id, HttpRequest request, IUserStore users, CancellationToken cancellation)
    {
        var (body, problem) = await ApiBody.ReadAsync<UserBody>(request, cancellation);
        if (problem is not null) return problem;
        if (body!.Id is not null && body.Id != id) return ApiProblems.Field("id", "id differs from the one in the address; leave id out of the body.");
        var user = new User { Id = new UserId(id), Attributes = body.Attributes ?? new Dictionary<string, string>() };
        if (UserRules.Check(user) is { } wrong) return ApiProblems.Field(wrong.Field, wrong.Message);
        await users.UpsertAsync([user], cancellation);
        return TypedResults.Ok(UserBody.Of(user));
    }

    private static IResult Events(string id, IEventStore events, int count = 50)
    {
        if (count is < 1 or > MaxPage) return ApiProblems.Field("count", $"count must lie between 1 and {MaxPage}.");
        return TypedResults.Ok(events.LatestOf(new UserId(id), count).Select(stored => EventBody.Of(stored.Event)).ToArray());
    }
}
