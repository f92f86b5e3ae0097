using Aisle.Engine.Configuration;
using Aisle.Engine.Experiments;
using Aisle.Engine.Recommending.Pipelines;

namespace Aisle.Engine.Recommending;

/// <summary>Says which pipeline answers a request: the placement's, else the scenario's, and another one where an experiment gives the shopper that.</summary>
public sealed class PipelineRouting(PublishedConfiguration<PipelineSet> pipelines, PublishedConfiguration<ExperimentSet> experiments, ExperimentStops stops, TimeProvider time)
{
    public PipelineSet Current => pipelines.Current;

    /// <summary>Of the shop's pipelines; null where it has published none.</summary>
    public int? Version => pipelines.Version?.Version;

    /// <summary>A pipeline that there is not, or what it needs; null if nothing is wrong.</summary>
    internal static FieldProblem? Check(RecommendationRequest request, PipelineSet set)
    {
        if (Find(request, set) is { } pipeline) return pipeline.MissingFrom(request);
        return new FieldProblem("scenario", request.Scenario is { } scenario
            ? set.Explain(scenario)
            : $"scenario is missing, and there is no pipeline for the placement{(request.Placement is { } name ? $" {name}" : "")}. scenario must be one of {string.Join(", ", set.Pipelines.Select(known => known.Name))}.");
    }

    /// <summary>The placement's pipeline where the shop gave it one, else the scenario's.</summary>
    internal static Pipeline? Find(RecommendationRequest request, PipelineSet set) =>
        set.PlacementOf(request.Placement) is { } placement ? set.Find(new Scenario(placement.Pipeline)) : request.Scenario is { } scenario ? set.Find(scenario) : null;

    /// <summary>The pipeline after the experiments that the shopper is in; the variants are told even where they change nothing.</summary>
    internal (Pipeline Pipeline, IReadOnlyList<(uint Experiment, int Variant)> Variants) Tried(Pipeline pipeline, RecommendationRequest request)
    {
        if (request.User is not { } user || experiments.Current.Experiments.Count == 0) return (pipeline, []);
        var now = time.GetUtcNow();
        var served = pipeline;
        var variants = new List<(uint, int)>();
        foreach (var experiment in experiments.Current.Experiments)
        {
            if (variants.Count == Events.RecommendationId.MostExperiments) break;
            if (!experiment.Scope.IsActive(now) || !experiment.Scope.Covers(pipeline.Name, request.Placement) || stops.ReasonOf(experiment.Name) is not null) continue;
            if (experiment.Assignment.VariantOf(user.Value) is not { } variant) continue;
            variants.Add((experiment.Hash, variant));
            // One that asks for more than the request brings cannot take its place.
            if (experiment.Pipelines[variant] is { } name && this.Current.Find(new Scenario(name)) is { } other && other.MissingFrom(request) is null) served = other;
        }

        return (served, variants);
    }
}
