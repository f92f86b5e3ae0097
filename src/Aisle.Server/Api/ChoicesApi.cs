using System.ComponentModel;
using System.Text.Json;
using Aisle.Engine;
using Aisle.Engine.ChoicePoints;
using Aisle.Engine.Configuration;
using Aisle.Engine.Profiles;
using Aisle.Learning.Exploration;
using Microsoft.AspNetCore.Mvc;

namespace Aisle.Server.Api;

internal sealed record RankBody
{
    [Description("Whose decision it is; attributes of this shopper may be features, and figures keep a shopper's decisions together.")]
    public string? User { get; init; }

    [Description("Features of the moment: numbers, texts, true or false.")]
    public Dictionary<string, JsonElement>? Context { get; init; }

    [Description("In your own order, best first: it is the answer in the modes apprentice and off.")]
    public IReadOnlyList<RankActionBody>? Actions { get; init; }

    [Description("Places to fill, 1 where left out.")]
    public int? Count { get; init; }

    [Description("Your own id of the decision: a retry with it gets the same answer. Made up where left out.")]
    public string? DecisionId { get; init; }
}

internal sealed record RankActionBody
{
    public string? Id { get; init; }

    public Dictionary<string, JsonElement>? Features { get; init; }
}

/// <param name="ClosesAt">Rewards after this are refused.</param>
internal sealed record RankAnswerBody(string DecisionId, IReadOnlyList<RankedActionBody> Actions, ChoiceMode Mode, DateTimeOffset ClosesAt);

/// <param name="Propensity">With which probability it came to its place, given what stands above it.</param>
internal sealed record RankedActionBody(string Id, double Propensity);

internal sealed record RewardBody
{
    public string? DecisionId { get; init; }

    public double? Reward { get; init; }

    [Description("Which action of a list earned it; the first where left out.")]
    public string? Action { get; init; }
}

/// <param name="Recorded">False where the action had a reward already: the first one stands.</param>
/// <param name="Reward">The reward that stands.</param>
internal sealed record RewardAnswerBody(string DecisionId, string Outcome, bool Recorded, double Reward);

internal sealed record ChoiceStateBody(
    string Name, string? About, ChoiceMode Mode, int Version, long Decisions, long Waiting, long Skipped, double MeanReward, IReadOnlyList<ActionFigures> Actions, ApprenticeFigures? Apprentice);

internal sealed record ChoiceEvaluationBody
{
    [Description("A policy as under policy in the document, e.g. {\"rule\": \"greedy\", \"exploration\": 0.1}; fields that are left out have their defaults.")]
    public JsonElement? Policy { get; init; }

    [Description("Instead of a policy: first (your own order) or uniform.")]
    public string? Baseline { get; init; }

    [Description("How many of the last settled decisions are read, 20000 where left out.")]
    public int? Decisions { get; init; }

    [Description("How sure intervals are, 0.95 where left out.")]
    public double? Level { get; init; }

    [Description("Weights above it are cut; none where left out.")]
    public double? Clip { get; init; }
}

internal static class ChoicesApi
{
    private const int MaxBody = 1 << 20;
    private const int MostEvaluated = 100_000;
    private const int UsuallyEvaluated = 20_000;
    private const int MostActionsShown = 500;

    public static void MapChoices(this IEndpointRouteBuilder api)
    {
        var choices = api.MapGroup("/choices/{name}").WithTags("Choices").WithMetadata(new RequestSizeLimitAttribute(MaxBody));
        choices.MapPost("/rank", RankAsync).WithSummary("Choose one action, or order several").RequireAuthorization(ApiAccess.Ask)
            .Accepts<RankBody>("application/json").Produces<RankAnswerBody>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        choices.MapPost("/reward", RewardAsync).WithSummary("Say what a decision earned").RequireAuthorization(ApiAccess.Ask)
            .Accepts<RewardBody>("application/json").Produces<RewardAnswerBody>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        choices.MapGet("/", State).WithSummary("What a choice has decided, earned and learned").RequireAuthorization(ApiAccess.Manage)
            .Produces<ChoiceStateBody>().ProducesProblem(StatusCodes.Status404NotFound);
        choices.MapPost("/evaluate", EvaluateAsync).WithSummary("What another policy would have earned, by the log").RequireAuthorization(ApiAccess.Manage)
            .Accepts<ChoiceEvaluationBody>("application/json").Produces<ChoiceEvaluationReport>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> RankAsync(string name, HttpRequest request, ChoiceService service, CancellationToken cancellation)
    {
        if (service.Current.Find(name) is not { } point) return Unknown(name, service);
        var (body, problem) = await ApiBody.ReadAsync<RankBody>(request, cancellation);
        if (problem is not null) return problem;
        if (Read(body!, out var question) is { } unread) return ApiProblems.Field(unread.Field, unread.Message);
        var count = body!.Count ?? 1;
        if (ChoiceRules.Check(point, question, count, body.DecisionId) is { } wrong) return ApiProblems.Field(wrong.Field, wrong.Message);
        if (body.User is { } user && (user.Length is 0 or > UserId.MaxLength || user.Any(char.IsControl))) return ApiProblems.Field("user", $"user must have 1 to {UserId.MaxLength} characters, no control characters.");
        var record = await service.RankAsync(point, question, count, body.User, body.DecisionId, cancellation);
        if (body.DecisionId is not null && !record.Question.Actions.Select(action => action.Id).SequenceEqual(question.Actions.Select(action => action.Id)))
            return ApiProblems.Conflict($"The decision {body.DecisionId} was made among other actions; give each decision an id of its own.");
        return TypedResults.Ok(new RankAnswerBody(
            record.Id, [.. record.Chosen.Select((chosen, place) => new RankedActionBody(record.Question.Actions[chosen].Id, record.Propensities[place]))], record.Mode, record.ClosesAt));
    }

    private static async Task<IResult> RewardAsync(string name, HttpRequest request, ChoiceService service, CancellationToken cancellation)
    {
        if (service.Current.Find(name) is not { } point) return Unknown(name, service);
        var (body, problem) = await ApiBody.ReadAsync<RewardBody>(request, cancellation);
        if (problem is not null) return problem;
        if (body!.DecisionId is not { Length: > 0 and <= ChoiceRules.MaxId } id) return ApiProblems.Field("decision_id", "decision_id is missing; send the one of the answer to rank.");
        if (ChoiceRules.CheckReward(point, body.Reward) is { } wrong) return ApiProblems.Field(wrong.Field, wrong.Message);
        if (await service.RewardAsync(point, id, body.Action, body.Reward!.Value, cancellation) is not { } answer)
            return ApiProblems.Field("action", $"The decision {id} gave no place to this action; send one of its answer, or none for the first.");
        return answer.Outcome switch
        {
            RewardOutcome.Unknown => ApiProblems.NotFound($"There is no decision {id} of {name}; it was never made, or was dropped by age."),
            RewardOutcome.Late => ApiProblems.Conflict(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The reward comes too late: the decision was closed by {answer.ClosesAt:u} or settled before. It has been learned without this reward; raise window_minutes if rewards need longer.")),
            _ => TypedResults.Ok(new RewardAnswerBody(id, answer.Outcome == RewardOutcome.Recorded ? "recorded" : "already-rewarded", answer.Outcome == RewardOutcome.Recorded, answer.Value)),
        };
    }

    private static IResult State(string name, EngineServices engine)
    {
        if (engine.Choices.Current.Find(name) is not { } point) return Unknown(name, engine.Choices);
        var figures = engine.Choices.Figures(point);
        return TypedResults.Ok(new ChoiceStateBody(
            name, point.About, point.Mode, engine.ChoicePoints.Version?.Version ?? 0, figures.Decisions, figures.Waiting, figures.Skipped, figures.MeanReward,
            [.. figures.Actions.Take(MostActionsShown)], figures.Apprentice));
    }

    private static async Task<IResult> EvaluateAsync(string name, HttpRequest request, ChoiceService service, CancellationToken cancellation)
    {
        if (service.Current.Find(name) is not { } point) return Unknown(name, service);
        var (body, problem) = await ApiBody.ReadAsync<ChoiceEvaluationBody>(request, cancellation);
        if (problem is not null) return problem;
        if (body!.Baseline is not (null or "first" or "uniform")) return ApiProblems.Field("baseline", "baseline is first or uniform.");
        if (body.Baseline is not null && body.Policy is not null) return ApiProblems.Field("policy", "Send either a policy or a baseline.");
        var most = body.Decisions ?? UsuallyEvaluated;
        if (most is < 1 or > MostEvaluated) return ApiProblems.Field("decisions", $"decisions must lie between 1 and {MostEvaluated}.");
        try
        {
            // JSON is YAML too, and is read with the same checks as the document.
            var options = body.Policy is { } policy ? ChoicePointSet.ReadPolicy(policy.GetRawText(), point) : null;
            var candidate = body.Baseline switch { "first" => ChoiceCandidate.First, "uniform" => ChoiceCandidate.Uniform, _ => ChoiceCandidate.Policy };
            var judging = new OffPolicyOptions { Level = body.Level ?? 0.95, Clip = body.Clip ?? 1e12 };
            return TypedResults.Ok(Finite(service.Evaluate(point, candidate, options, most, judging, cancellation)));
        }
        catch (ConfigurationException wrong)
        {
            return ApiProblems.Field("policy", wrong.Message);
        }
        catch (ArgumentException wrong)
        {
            return ApiProblems.Field("$", wrong.Message);
        }
    }

    // JSON has no infinity: a tail of too few weights has no shape.
    private static ChoiceEvaluationReport Finite(ChoiceEvaluationReport report)
    {
        return report with { Candidate = Known(report.Candidate), Logged = Known(report.Logged) };

        static OffPolicyReport? Known(OffPolicyReport? judged) => judged is null || double.IsFinite(judged.TailShape) ? judged : judged with { TailShape = 0 };
    }

    private static FieldProblem? Read(RankBody body, out ChoiceQuestion question)
    {
        question = new ChoiceQuestion(new Dictionary<string, FeatureValue>(), []);
        if (body.Actions is null) return new FieldProblem("actions", "actions is missing; send those to choose among.");
        if (Read("context", body.Context, out var context) is { } wrong) return wrong;
        var actions = new List<ChoiceAction>(body.Actions.Count);
        foreach (var action in body.Actions)
        {
            var field = $"actions[{actions.Count}]";
            if (action?.Id is not { } id) return new FieldProblem($"{field}.id", "An action needs an id.");
            if (Read($"{field}.features", action.Features, out var features) is { } bad) return bad;
            actions.Add(new ChoiceAction(id, features));
        }

        question = new ChoiceQuestion(context, actions);
        return null;
    }

    private static FieldProblem? Read(string field, Dictionary<string, JsonElement>? given, out Dictionary<string, FeatureValue> features)
    {
        features = new Dictionary<string, FeatureValue>(given?.Count ?? 0);
        foreach (var (name, value) in given ?? [])
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Number when value.TryGetDouble(out var number) && Math.Abs(number) <= ChoiceRules.LargestNumber: features[name] = new FeatureValue((float)number, null); break;
                case JsonValueKind.True or JsonValueKind.False: features[name] = new FeatureValue(value.GetBoolean() ? 1 : 0, null); break;
                case JsonValueKind.String: features[name] = new FeatureValue(0, value.GetString()); break;
                case JsonValueKind.Null: break;
                default: return new FieldProblem(field, $"A feature must be a number from -1000000 to 1000000, a text, true or false; leave out what is not known.");
            }
        }

        return null;
    }

    private static IResult Unknown(string name, ChoiceService service) =>
        ApiProblems.NotFound($"There is no choice {(name.Length > 60 ? name[..60] : name)}; {(service.Current.Points.Count == 0 ? "none is published: PUT /api/v1/choices" : $"the choices are {string.Join(", ", service.Current.Points.Select(point => point.Name))}")}.");
}
