using Aisle.Engine.Configuration;
using Aisle.Learning.Experiments;

namespace Aisle.Engine.Experiments;

/// <summary>What an experiment measures of each shopper.</summary>
public enum ExperimentMetric
{
    /// <summary>Clicks on the experiment's lists for an impression of theirs.</summary>
    ClickThrough,

    /// <summary>Whether the shopper put anything into the cart.</summary>
    AddToCart,

    /// <summary>Whether the shopper bought anything.</summary>
    Conversion,

    /// <summary>Orders of a shopper.</summary>
    Orders,

    /// <summary>What a shopper spent, in the shop's currency; the dearest thousandth of shoppers counts as that thousandth's edge.</summary>
    Revenue,

    /// <summary>Revenue for an order.</summary>
    OrderValue,

    /// <summary>Sum of the values of the shopper's custom events of a name.</summary>
    Custom,
}

/// <param name="Name">The metric's word; of custom events with their name, e.g. <c>custom:sign-up</c>.</param>
/// <param name="Event">Of <see cref="ExperimentMetric.Custom"/>: the name of the events.</param>
public sealed record MeasuredMetric(string Name, ExperimentMetric Metric, string? Event = null);

/// <summary>A metric that must not fall by more than a margin.</summary>
/// <param name="Margin">Relative, 0 to below 1.</param>
public sealed record Guardrail(MeasuredMetric Metric, double Margin);

/// <summary>One experiment of the shop: who sees what, and what is measured. Immutable.</summary>
public sealed record ShopExperiment
{
    public required Experiment Assignment { get; init; }

    /// <summary>What it asks, for people.</summary>
    public string? About { get; init; }

    /// <summary>The pipeline of each variant; null for what the shop shows anyway.</summary>
    public required IReadOnlyList<string?> Pipelines { get; init; }

    /// <summary>The requests that it changes.</summary>
    public RequestScope Scope { get; init; } = RequestScope.Everything;

    /// <summary>The first decides.</summary>
    public required IReadOnlyList<MeasuredMetric> Metrics { get; init; }

    public IReadOnlyList<Guardrail> Guardrails { get; init; } = [];

    public string Name => this.Assignment.Name;

    /// <summary>Stands for the name in the ids of lists.</summary>
    public uint Hash => this.Assignment.Mark;
}
