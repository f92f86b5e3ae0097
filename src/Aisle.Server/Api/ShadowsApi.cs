using System.ComponentModel;
using Aisle.Engine.Configuration;
using Aisle.Engine.Ranking;
using Aisle.Engine.Recommending;
using Aisle.Engine.Recommending.Pipelines;
using Aisle.Learning.Exploration;
using Microsoft.AspNetCore.Mvc;

namespace Aisle.Server.Api;

/// <param name="Low">Of the 95 % interval.</param>
internal sealed record EstimateBody(double Value, double Low, double High)
{
    public static EstimateBody? Of(ValueEstimate? estimate) => estimate is null ? null : new EstimateBody(estimate.Value, estimate.Interval.Low, estimate.Interval.High);
}

/// <param name="Reward">click, cart, purchase, revenue or margin; estimates are of a list on average.</param>
/// <param name="Served">What the served lists earned.</param>
/// <param name="Shadow">What those of the shadow would have earned, doubly robust.</param>
/// <param name="Ips">The same by inverse propensities alone: what might never have been served is left out.</param>
/// <param name="SelfNormalised">The same by weights that are made to add up: what might never have been served is taken to earn what the rest does.</param>
/// <param name="Supported">Share of the shadow's attention that goes to items that might have been served; the rest is a model's guess.</param>
internal sealed record ShadowRewardBody(
    string Reward, EstimateBody? Served, EstimateBody? Shadow, EstimateBody? Difference, EstimateBody? Ips, EstimateBody? SelfNormalised, double Supported, string Verdict, IReadOnlyList<string> Warnings);

/// <param name="Curve">How it was found out how places are looked at: exchanges, harvest, regression or assumed.</param>
/// <param name="Same">Share of the shadow's places that hold what the served list held.</param>
/// <param name="Problem">Why there are no rewards.</param>
internal sealed record ShadowBody(string Pipeline, string Shadow, int Lists, double Same, string? Curve, IReadOnlyList<ShadowRewardBody> Rewards, string? Problem);

internal static class ShadowsApi
{
    public static void MapShadows(this IEndpointRouteBuilder api) =>
        api.MapGroup("/pipelines").WithTags("Pipelines, rules, experiments").RequireAuthorization(ApiAccess.Manage)
            .MapGet("/shadow", Judge).WithSummary("What the pipeline in the shadow of another one would have earned, by the log of served lists").Produces<ShadowBody>().ProducesValidationProblem();

    private static IResult Judge(
        [Description("The pipeline that serves."), FromQuery] string? pipeline, PublishedConfiguration<PipelineSet> pipelines, ShadowJudgement shadows, CancellationToken cancellation)
    {
        if (pipeline is not { Length: > 0 }) return ApiProblems.Field("pipeline", "pipeline is missing; name the pipeline that serves.");
        if (pipelines.Current.Find(new Scenario(pipeline)) is not { } serving) return ApiProblems.Field("pipeline", pipelines.Current.Explain(new Scenario(pipeline)));
        if (serving.Shadow is not { } shadow) return ApiProblems.Field("pipeline", $"{pipeline} has no pipeline in its shadow. Publish one with shadow: NAME in the pipeline, and judge it when some lists were served.");
        var report = shadows.Of(pipeline, shadow, pipelines.Version!.PublishedAt, cancellation);
        return TypedResults.Ok(new ShadowBody(report.Pipeline, report.Shadow, report.Lists, report.Same, report.Curve, [.. report.Rewards.Select(BodyOf)], report.Problem));
    }

    private static ShadowRewardBody BodyOf(ShadowEstimate estimate) => new(
        estimate.Reward.ToString().ToLowerInvariant(), EstimateBody.Of(estimate.Report.Served), EstimateBody.Of(estimate.Report.Judged), EstimateBody.Of(estimate.Report.Difference),
        EstimateBody.Of(estimate.Report.Ips), EstimateBody.Of(estimate.Report.SelfNormalised), estimate.Report.Supported, estimate.Verdict, estimate.Report.Warnings);
}
