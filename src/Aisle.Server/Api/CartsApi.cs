using System.ComponentModel;
using Aisle.Engine.Carts;
using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Learning.Evaluation;
using Microsoft.AspNetCore.Mvc;

namespace Aisle.Server.Api;

/// <summary>A question about a cart, as callers write it.</summary>
internal sealed record CartBody
{
    [Description("The shopper. Needed unless lines are sent; only with it the probability is told.")]
    public string? User { get; init; }

    [Description("What lies in the cart, at most 100 lines. Leave it out for what the shopper's cart events say.")]
    public IReadOnlyList<CartLineBody>? Lines { get; init; }

    [Description("Value from which delivery is free, in the shop's currency; default: the shop's terms (/delivery).")]
    public double? FreeDeliveryFrom { get; init; }

    [Description("Length of each list of further products, 1 to 50; default 10.")]
    public int? Count { get; init; }

    [Description("The lists' placements begin so; default cart, which gives cart/goes-with and cart/free-delivery.")]
    public string? Placement { get; init; }

    [Description("Language of titles, reasons and levers: en (default) or zh.")]
    public string? Language { get; init; }

    public CartQuestion ToQuestion() => new()
    {
        User = string.IsNullOrEmpty(this.User) ? null : new UserId(this.User),
        Lines = this.Lines is null ? null : [.. this.Lines.Select(line => (new ItemId(line?.Item ?? ""), line?.Quantity ?? 1))],
        FreeDeliveryFrom = this.FreeDeliveryFrom,
        Count = this.Count ?? RecommendationRequest.DefaultCount,
        Placement = this.Placement ?? CartQuestion.DefaultPlacement,
    };
}

internal sealed record CartLineBody
{
    public string? Item { get; init; }

    [Description("Pieces, at least 1; default 1.")]
    public int? Quantity { get; init; }
}

/// <param name="Value">Of what can be bought now.</param>
/// <param name="FreeDeliveryGap">What is missing for free delivery; absent where nothing is.</param>
/// <param name="GoesWith">What completes the cart; absent for an empty one.</param>
/// <param name="FreeDelivery">What fills the gap; absent without one.</param>
/// <param name="Abandonment">Absent where it cannot be said; abandonment_unknown says why.</param>
internal sealed record CartAnswerBody(
    IReadOnlyList<OrderedLineBody> Lines, double Value, double? FreeDeliveryGap, RecommendationListBody? GoesWith, RecommendationListBody? FreeDelivery,
    AbandonmentBody? Abandonment, string? AbandonmentUnknown, IReadOnlyList<LeverBody> Levers);

/// <param name="Score">What the shopper cares about, in [0, 1]; the lines stand in its order, what cannot be bought after all else.</param>
/// <param name="Parts">The parts of the score that are known, each in [0, 1].</param>
internal sealed record OrderedLineBody(
    string Item, string Title, int Quantity, double? Price, double Score, CartLineState State, int? Left, CartLineReason Reason, string Text, IReadOnlyDictionary<string, double> Parts);

/// <param name="Probability">That nothing of the cart is bought within window_hours of its last change.</param>
/// <param name="Usual">Share of the shop's carts that are left.</param>
/// <param name="IsOver">Whether the window is over already: the cart was left.</param>
/// <param name="CalibrationError">How far such probabilities were off, on average, on carts that the model had not seen.</param>
internal sealed record AbandonmentBody(
    double Probability, double Usual, double WindowHours, double MinutesSince, bool IsOver, int ModelVersion, double CalibrationError, IReadOnlyList<FactorBody> Factors);

/// <param name="LogOdds">What it adds to the log-odds of being left, beside the mean cart: an association in the past, no effect.</param>
internal sealed record FactorBody(string Name, double LogOdds, string Text);

/// <param name="LogOdds">What its cause adds to the log-odds of being left; absent where the model does not see the cause. No promise of what the lever gains.</param>
internal sealed record LeverBody(CartLeverKind Kind, IReadOnlyList<string>? Items, double? LogOdds, string Text);

/// <summary>How to train the model of abandonment.</summary>
internal sealed record CartTrainingBody
{
    [Description("A cart is left when nothing of it was bought for so many hours after its last change; 1 to 336, default 24.")]
    public double? WindowHours { get; init; }

    [Description("Carts whose end is known that there must be at least, to learn from and to judge by; 50 to 1,000,000, default 200.")]
    public int? LeastCarts { get; init; }
}

internal sealed record CartModelBody(
    int? Version, double WindowHours, int Carts, int Moments, double LeftShare, DateTimeOffset JudgedFrom, int JudgedCarts, CalibrationBody Calibration, double GainLow, double GainHigh,
    IReadOnlyDictionary<string, double> Weights, string Verdict)
{
    public static CartModelBody Of(CartModelReport report) => new(
        report.Version, report.WindowHours, report.Carts, report.Moments, report.LeftShare, report.JudgedFrom, report.JudgedCarts, CalibrationBody.Of(report.Judgement), report.GainLow,
        report.GainHigh, report.Weights, report.Verdict);
}

/// <summary>How far probabilities can be trusted, on carts later than those that were learned from.</summary>
internal sealed record CalibrationBody(
    int Rows, double LogLoss, double BaseLogLoss, double Brier, double BaseBrier, double? Auc, double Error, IReadOnlyList<CalibrationBin> Bins)
{
    public static CalibrationBody Of(Calibration found) => new(
        found.Rows, found.LogLoss, found.BaseLogLoss, found.Brier, found.BaseBrier, double.IsNaN(found.Auc) ? null : found.Auc, found.Error, found.Bins);
}

internal static class CartsApi
{
    private const int MaxBody = 256 << 10;

    public static void MapCarts(this IEndpointRouteBuilder api)
    {
        var carts = api.MapGroup("/carts").WithTags("Carts").WithMetadata(new RequestSizeLimitAttribute(MaxBody));
        carts.MapPost("/assess", AssessAsync).WithSummary("A cart's lines in the shopper's order, what completes it, what makes delivery free, how likely it is left and what might help")
            .RequireAuthorization(ApiAccess.Ask).Accepts<CartBody>("application/json").Produces<CartAnswerBody>().ProducesValidationProblem();
        carts.MapGet("/model", Model).WithSummary("The published model of abandonment, with how far its probabilities can be trusted")
            .RequireAuthorization(ApiAccess.Manage).Produces<CartModelBody>().ProducesProblem(StatusCodes.Status404NotFound);
        carts.MapPost("/model/train", TrainAsync).WithSummary("Train the model of abandonment from the shop's events; publishes it if it beats the share of carts that is left")
            .RequireAuthorization(ApiAccess.Manage).Accepts<CartTrainingBody>("application/json").Produces<CartModelBody>().ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> AssessAsync(HttpRequest request, CartService carts, RecommendationAnswers answers, CancellationToken cancellation)
    {
        var (body, problem) = await ApiBody.ReadAsync<CartBody>(request, cancellation);
        if (problem is not null) return problem;
        var question = body!.ToQuestion();
        if (carts.Check(question) is { } wrong) return ApiProblems.Field(wrong.Field, wrong.Message);
        var language = body.Language ?? "en";
        var found = carts.Assess(question);
        return TypedResults.Ok(new CartAnswerBody(
            [.. found.Lines.Select(line => Line(line, language))],
            found.Value,
            found.FreeDeliveryGap,
            found.GoesWith is { } more ? answers.ToBody(more, language) : null,
            found.FreeDelivery is { } filling ? answers.ToBody(filling, language) : null,
            found.Prospect is { } prospect ? Abandonment(prospect, language) : null,
            found.Unknown?.Words(language),
            [.. found.Levers.Select(lever => new LeverBody(
                lever.Kind, lever.Items.Count > 0 ? [.. lever.Items.Select(item => item.Value)] : null, Rounded(lever.LogOdds), lever.Words(language)))]));
    }

    private static OrderedLineBody Line(OrderedLine line, string language) => new(
        line.Line.Item.Id.Value, line.Line.Item.TextIn(language).Title, line.Line.Quantity, line.Line.Item.Price, Math.Round(line.Score, 4), line.State, line.Few, line.Reason, line.Sentence(language),
        line.Parts.ToDictionary(part => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(part.Key.ToString()), part => Math.Round(part.Value, 4)));

    private static AbandonmentBody Abandonment(CartProspect prospect, string language) => new(
        Math.Round(prospect.Probability, 4), Math.Round(prospect.Usual, 4), prospect.Model.WindowHours, Math.Round(prospect.MinutesSince, 1), prospect.IsOver, prospect.Model.Version,
        Math.Round(prospect.Model.Report.Judgement.Error, 4), [.. prospect.Factors.Select(factor => new FactorBody(factor.Name, Math.Round(factor.LogOdds, 4), factor.Words(language)))]);

    private static IResult Model(CartModelRegistry models) =>
        models.Serving is { } model
            ? TypedResults.Ok(CartModelBody.Of(model.Report))
            : ApiProblems.NotFound("No model of abandonment is published yet. It is trained after each training run, or at once with POST /api/v1/carts/model/train.");

    private static async Task<IResult> TrainAsync(HttpRequest request, CartModelTraining training, CancellationToken cancellation)
    {
        var options = new CartModelOptions();
        if (request.ContentLength is > 0 || request.HasJsonContentType())
        {
            var (body, problem) = await ApiBody.ReadAsync<CartTrainingBody>(request, cancellation);
            if (problem is not null) return problem;
            options = options with { WindowHours = body!.WindowHours ?? options.WindowHours, LeastCarts = body.LeastCarts ?? options.LeastCarts };
        }

        try
        {
            options.Check();
        }
        catch (ArgumentException wrong)
        {
            return ApiProblems.Field(wrong.Message.StartsWith("window", StringComparison.Ordinal) ? "window_hours" : "least_carts", wrong.Message);
        }

        try
        {
            return TypedResults.Ok(CartModelBody.Of(await training.RunAsync(options, cancellation)));
        }
        catch (InvalidOperationException tooLittle)
        {
            return ApiProblems.Conflict(tooLittle.Message);
        }
    }

    private static double? Rounded(double? value) => value is { } known ? Math.Round(known, 4) : null;
}
