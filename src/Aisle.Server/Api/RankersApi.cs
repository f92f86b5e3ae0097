using Aisle.Engine.Ranking;

namespace Aisle.Server.Api;

/// <param name="Serving">Whether this is the version that orders now.</param>
/// <param name="Curve">Where the correction for positions is from: exchanges, harvest, regression or assumed.</param>
/// <param name="Ndcg">NDCG@10 on the latest lists, by inverse propensity.</param>
/// <param name="Served">The same of the order in which they were served.</param>
/// <param name="Gains">What each gain weighed.</param>
internal sealed record RankerBody(
    int Version, bool Serving, DateTimeOffset? TrainedAt, int Lists, int Gaining, string Curve, IReadOnlyList<float> Propensities, double Ndcg, double Served, double Low, double High,
    IReadOnlyDictionary<string, double> Gains, IReadOnlyDictionary<string, double> Importance, string Verdict)
{
    public static RankerBody Of(RankerReport report, int? serving) => new(
        report.Version!.Value, report.Version == serving, report.At, report.Lists, report.Gaining, report.Curve, report.Propensities, report.Ndcg, report.Served, report.Low, report.High,
        report.Gains, report.Importance, report.Verdict);
}

internal static class RankersApi
{
    public static void MapRankers(this IEndpointRouteBuilder api)
    {
        var rankers = api.MapGroup("/rankers").WithTags("Models").RequireAuthorization(ApiAccess.Manage);
        rankers.MapGet("/", (RankerRegistry registry) => TypedResults.Ok(registry.Versions().Select(report => RankerBody.Of(report, registry.Serving?.Version)).ToArray()))
            .WithSummary("Published rankers, newest first, with what their training found");
        rankers.MapPost("/{version:int}/activate", Activate).WithSummary("Make a ranker the serving one: roll back, or forward again; 0 orders lists by their scores")
            .Produces<RankerBody>().Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static IResult Activate(int version, RankerRegistry registry)
    {
        try
        {
            return registry.Activate(version) is { } ranker ? TypedResults.Ok(RankerBody.Of(ranker.Report, ranker.Version)) : TypedResults.NoContent();
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
