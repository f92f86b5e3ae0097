using Aisle.Engine;
using Aisle.Engine.Feedback;

namespace Aisle.Server.Api;

/// <param name="Gini">Of impressions among all items of the catalogue: 0 where all are shown alike; absent without impressions.</param>
/// <param name="GroupGini">The same among groups, each beside its share of the catalogue.</param>
/// <param name="Groups">At most 200, the most shown first; what is beyond them is in no row.</param>
internal sealed record ExposureBody(
    ExposureGrouping By, DateOnly From, DateOnly To, int Items, int Shown, long Impressions, long Clicks, double? Gini, double? GroupGini, IReadOnlyList<ExposureGroupBody> Groups);

/// <param name="Group">Absent for items of which it is not known.</param>
/// <param name="Proportion">Share of the impressions for a share of the catalogue.</param>
/// <param name="Gini">Of impressions within the group; absent where it was not shown.</param>
internal sealed record ExposureGroupBody(
    string? Group, int Items, double CatalogueShare, int Shown, long Impressions, double ImpressionShare, double Proportion, long Clicks, double? ClickThrough, double? Gini);

internal static class ExposureApi
{
    private const int DefaultDays = 28;
    private const int MaxGroups = 200;

    private static readonly Dictionary<string, ExposureGrouping> Words =
        Enum.GetValues<ExposureGrouping>().ToDictionary(grouping => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(grouping.ToString()));

    public static void MapExposure(this IEndpointRouteBuilder api) =>
        api.MapGet("/exposure", Report).WithTags("Feedback").RequireAuthorization(ApiAccess.Manage)
            .WithSummary("Who is shown: impressions and clicks by seller, brand, department, subcategory, popularity or age, beside their share of the catalogue")
            .Produces<ExposureBody>().ProducesValidationProblem();

    private static IResult Report(EngineServices engine, string? by, int? days)
    {
        if (!Words.TryGetValue(by ?? "seller", out var grouping)) return ApiProblems.Field("by", $"by must be one of {string.Join(", ", Words.Keys)}.");
        if (days is < 1 or > ImpressionCounts.MostDays) return ApiProblems.Field("days", $"days is {days}; it must lie between 1 and {ImpressionCounts.MostDays}.");
        var found = engine.ExposureBy(grouping, days ?? DefaultDays);
        return TypedResults.Ok(new ExposureBody(
            found.By, found.From, found.To, found.Items, found.Shown, found.Impressions, found.Clicks, found.Gini, found.GroupGini,
            [.. found.Groups.Take(MaxGroups).Select(group => new ExposureGroupBody(
                group.Name.Length > 0 ? group.Name : null, group.Items, group.CatalogueShare, group.Shown, group.Impressions, group.ImpressionShare, group.Proportion, group.Clicks, group.ClickThrough,
                group.Gini))]));
    }
}
