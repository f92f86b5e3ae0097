using Aisle.Engine;
using Aisle.Engine.Feedback;

namespace Aisle.Server.Api;

/// <param name="Model">Version of the model; absent where none served.</param>
/// <param name="Day">Absent where days are summed.</param>
/// <param name="ClickThrough">Clicks for an impression, with its 95 % interval.</param>
internal sealed record FeedbackBody(
    DateOnly? Day, string? Placement, int? Model, long Impressions, long Clicks, double? ClickThrough, double? ClickThroughLow, double? ClickThroughHigh,
    long Carts, long Purchases, double Revenue)
{
    public static FeedbackBody Of(DateOnly? day, string? placement, int? model, FeedbackCounts counts) => new(
        day, placement, model, counts.Impressions, counts.Clicks, counts.ClickThrough, counts.ClickThroughInterval?.Low, counts.ClickThroughInterval?.High,
        counts.Carts, counts.Purchases, counts.Revenue);
}

internal sealed record AlertBody(AlertKind Kind, DateOnly Day, string Subject, double Value, double Usual, string Text);

internal static class FeedbackApi
{
    private const int MaxDays = 400;
    private const int DefaultDays = 28;

    public static void MapFeedback(this IEndpointRouteBuilder api)
    {
        var feedback = api.MapGroup("/").WithTags("Feedback").RequireAuthorization(ApiAccess.Manage);
        feedback.MapGet("/feedback", Rows).WithSummary("What lists caused, by placement and model: impressions, clicks, carts, purchases, revenue; by=day for each day")
            .Produces<FeedbackBody[]>().ProducesValidationProblem();
        feedback.MapGet("/alerts", (EngineServices engine, string? language) => TypedResults.Ok(
                engine.Alerts().Select(alert => new AlertBody(alert.Kind, alert.Day, alert.Subject, alert.Value, alert.Usual, alert.Sentence(language ?? "en"))).ToArray()))
            .WithSummary("What changed on the last whole day more than chance explains");
    }

    private static IResult Rows(EngineServices engine, DateOnly? from, DateOnly? to, string? by)
    {
        if (by is not (null or "day")) return ApiProblems.Field("by", "by must be day, or be left out.");
        if (engine.Feedback.Days() is not { } days) return TypedResults.Ok(Array.Empty<FeedbackBody>());
        var last = to ?? days.Last;
        var first = from ?? last.AddDays(1 - DefaultDays);
        if (first > last) return ApiProblems.Field("from", "from must not lie after to.");
        if (last.DayNumber - first.DayNumber >= MaxDays) return ApiProblems.Field("from", $"from and to must lie at most {MaxDays} days apart.");
        var rows = engine.Feedback.Rows(first, last);
        return TypedResults.Ok(by == "day"
            ? rows.Select(row => FeedbackBody.Of(row.Day, row.Placement, row.Model, row.Counts)).ToArray()
            : [.. rows.GroupBy(row => (row.Placement, row.Model)).Select(group => FeedbackBody.Of(null, group.Key.Placement, group.Key.Model, FeedbackCounts.Sum(group.Select(row => row.Counts))))]);
    }
}
