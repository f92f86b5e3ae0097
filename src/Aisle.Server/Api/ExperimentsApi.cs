using Aisle.Engine;
using Aisle.Engine.Experiments;
using Aisle.Learning.Experiments;

namespace Aisle.Server.Api;

/// <param name="Stopped">Why it was stopped; absent where it was not.</param>
/// <param name="Mixed">Shoppers of whom events name two variants; left out.</param>
/// <param name="SampleRatioProbability">Always valid; 0.001 or less means that shoppers are lost or counted twice, and no other figure can be trusted.</param>
internal sealed record ExperimentResultsBody(
    string Name, bool Active, string? Stopped, IReadOnlyList<VariantBody> Variants, long Mixed, double SampleRatioProbability,
    IReadOnlyList<MetricResultBody> Metrics, IReadOnlyList<GuardrailBody> Guardrails, IReadOnlyList<DayResultBody> Days, IReadOnlyList<SegmentResultBody> Segments);

internal sealed record VariantBody(string Name, string? Pipeline, double Share, long Shoppers);

internal sealed record MetricResultBody(string Metric, IReadOnlyList<TreatmentBody> Treatments);

internal sealed record DayResultBody(DateOnly Day, IReadOnlyList<TreatmentBody> Treatments);

/// <param name="Segment">new or returning.</param>
internal sealed record SegmentResultBody(string Segment, IReadOnlyList<TreatmentBody> Treatments);

internal sealed record GuardrailBody(string Metric, string Variant, double Margin, GuardrailVerdict Verdict);

/// <summary>A variant beside the control. Sequential figures stay right however often one looks; fixed ones are for a single look at the end.</summary>
/// <param name="Lift">Treatment / control − 1; its interval holds with 95 %. Absent where it is not known.</param>
/// <param name="VarianceReduction">What knowing the shoppers' past took off the variance (CUPED).</param>
internal sealed record TreatmentBody(
    string Variant, double? Control, double? Treatment, double? Difference, double? Lift, double? LiftLow, double? LiftHigh, double Probability,
    double? FixedLiftLow, double? FixedLiftHigh, double FixedProbability, double FalseDiscovery, double? VarianceReduction);

internal static class ExperimentsApi
{
    public static void MapExperiments(this IEndpointRouteBuilder api)
    {
        var experiments = api.MapGroup("/experiments").WithTags("Pipelines, rules, experiments").RequireAuthorization(ApiAccess.Manage);
        experiments.MapGet("/{name}/results", Results).WithSummary("What an experiment says so far, with intervals that may be looked at any time")
            .Produces<ExperimentResultsBody>().ProducesProblem(StatusCodes.Status404NotFound);
        experiments.MapPost("/{name}/start", StartAsync).WithSummary("Let a stopped experiment go on").Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static IResult Results(string name, EngineServices engine)
    {
        if (Find(name, engine) is not { } experiment) return Unknown(name, engine);
        var results = ExperimentResults.Of(experiment, engine.ExperimentStatistics);
        var variants = experiment.Assignment.Variants;
        return TypedResults.Ok(new ExperimentResultsBody(
            experiment.Name,
            experiment.Scope.IsActive(engine.Time.GetUtcNow()) && engine.ExperimentStops.ReasonOf(name) is null,
            engine.ExperimentStops.ReasonOf(name),
            [.. variants.Select((variant, place) => new VariantBody(variant.Name, experiment.Pipelines[place], experiment.Assignment.Shares[place], results.Units[place]))],
            results.Mixed,
            results.SampleRatio.SequentialProbability,
            [.. results.Metrics.Select(metric => new MetricResultBody(metric.Metric, Bodies(metric.Treatments)))],
            [.. results.Guardrails.Select(guardrail => new GuardrailBody(guardrail.Metric, variants[guardrail.Variant].Name, guardrail.Margin, guardrail.Verdict))],
            [.. results.Days.Select(day => new DayResultBody(day.Day, Bodies(day.Treatments)))],
            [.. results.Segments.Select(segment => new SegmentResultBody(segment.Segment, Bodies(segment.Treatments)))]));

        IReadOnlyList<TreatmentBody> Bodies(IReadOnlyList<TreatmentReport> treatments) => [.. treatments.Select((treatment, place) => Body(variants[place + 1].Name, treatment))];
    }

    private static async Task<IResult> StartAsync(string name, EngineServices engine, CancellationToken cancellation)
    {
        if (Find(name, engine) is null) return Unknown(name, engine);
        await engine.ExperimentStops.StartAgainAsync(name, cancellation);
        return TypedResults.NoContent();
    }

    private static ShopExperiment? Find(string name, EngineServices engine) => engine.Experiments.Current.Experiments.FirstOrDefault(experiment => experiment.Name == name);

    private static IResult Unknown(string name, EngineServices engine) =>
        ApiProblems.NotFound($"There is no experiment {name}; the experiments are {string.Join(", ", engine.Experiments.Current.Experiments.Select(experiment => experiment.Name))}.");

    private static TreatmentBody Body(string variant, TreatmentReport report)
    {
        var comparison = report.Comparison;
        return new TreatmentBody(
            variant, Finite(comparison.Control), Finite(comparison.Treatment), Finite(comparison.Difference),
            Finite(comparison.Lift), Finite(comparison.SequentialLift.Low), Finite(comparison.SequentialLift.High), report.SequentialHolm,
            Finite(comparison.FixedLift.Low), Finite(comparison.FixedLift.High), report.Holm, report.FalseDiscovery, Finite(comparison.VarianceReduction));
    }

    // JSON has no infinity.
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
