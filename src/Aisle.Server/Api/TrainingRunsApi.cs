using System.Globalization;
using Aisle.Engine.Training;
using Aisle.Learning.Models;
using Aisle.Server.Workers;

namespace Aisle.Server.Api;

/// <param name="Stage">What is being done; only while running.</param>
/// <param name="Fraction">Of the whole run, 0 to 1; only while running.</param>
internal sealed record TrainingRunBody(
    long Id, string Trigger, TrainingState State, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, string? ModelVersion,
    string? Stage, double? Fraction, TrainingReport? Report, string? Error)
{
    public static TrainingRunBody Of(TrainingRunRecord run, TrainingWorker worker)
    {
        var progress = run.State == TrainingState.Running ? worker.Progress : null;
        return new TrainingRunBody(
            run.Id, run.Trigger, run.State, run.StartedAt, run.FinishedAt, run.ModelVersion, progress?.Stage, progress?.Fraction, TrainingRun.ReadReport(run), run.Error);
    }
}

/// <param name="Models">Families that compete, in place of those that the run would choose.</param>
/// <param name="Also">Families that compete beside those.</param>
internal sealed record TrainingRunRequest(string[]? Models, string[]? Also);

internal static class TrainingRunsApi
{
    private const int MaxPage = 100;

    public static void MapTrainingRuns(this IEndpointRouteBuilder api)
    {
        var runs = api.MapGroup("/training-runs").WithTags("Training runs").RequireAuthorization(ApiAccess.Manage);
        runs.MapGet("/", List).WithSummary("Training runs, newest first").Produces<TrainingRunBody[]>().ProducesValidationProblem();
        runs.MapGet("/{id:long}", Get).WithSummary("One run, with its progress or its report").Produces<TrainingRunBody>().ProducesProblem(StatusCodes.Status404NotFound);
        runs.MapPost("/", PostAsync).WithSummary("Start a run in the background; a body may name the models that compete")
            .Accepts<TrainingRunRequest>(isOptional: true, "application/json").Produces(StatusCodes.Status202Accepted).ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict);
        runs.MapPost("/cancel", Cancel).WithSummary("Cancel the run in progress; what serves goes on serving").Produces(StatusCodes.Status202Accepted).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static IResult List(ITrainingRunStore runs, TrainingWorker worker, int count = 20) =>
        count is < 1 or > MaxPage
            ? ApiProblems.Field("count", $"count must lie between 1 and {MaxPage}.")
            : TypedResults.Ok(runs.Latest(count).Select(run => TrainingRunBody.Of(run, worker)).ToArray());

    private static IResult Get(long id, ITrainingRunStore runs, TrainingWorker worker) =>
        runs.Find(id) is { } run
            ? TypedResults.Ok(TrainingRunBody.Of(run, worker))
            : ApiProblems.NotFound(string.Create(CultureInfo.InvariantCulture, $"There is no training run {id}."));

    private static async Task<IResult> PostAsync(HttpRequest request, TrainingWorker worker, CancellationToken cancellation)
    {
        TrainingRunRequest? wanted = null;
        if (request.ContentLength > 0 || request.HasJsonContentType())
        {
            (wanted, var problem) = await ApiBody.ReadAsync<TrainingRunRequest>(request, cancellation);
            if (problem is not null) return problem;
        }

        var options = new TrainingOptions { Models = wanted?.Models ?? [], Also = wanted?.Also ?? [] };
        foreach (var (field, models) in new[] { ("models", options.Models), ("also", options.Also) })
        {
            if (models.FirstOrDefault(model => !Trainers.All.Any(family => family.Name == model)) is { } unknown)
                return ApiProblems.Field(field, $"There is no model named '{unknown}'. The models are: {string.Join(", ", Trainers.All.Select(family => family.Name))}.");
        }

        return worker.Request("api", options)
            ? Results.Accepted("/api/v1/training-runs")
            : ApiProblems.Conflict("A training run is in progress or waiting; look at /api/v1/training-runs.");
    }

    private static IResult Cancel(TrainingWorker worker) =>
        worker.Cancel() ? Results.Accepted("/api/v1/training-runs") : ApiProblems.Conflict("No training run is in progress.");
}
