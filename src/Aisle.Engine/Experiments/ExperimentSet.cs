using Aisle.Engine.Configuration;
using Aisle.Learning.Experiments;

namespace Aisle.Engine.Experiments;

/// <summary>The experiments of a shop. Immutable.</summary>
public sealed class ExperimentSet
{
    public const string ConfigurationKind = "experiments";

    private const int MaxExperiments = 50;
    private const int MaxVariants = 10;
    private const int MaxMetrics = 10;
    private const int MaxName = 60;
    private const string CustomPrefix = "custom:";

    private static readonly Dictionary<string, ExperimentMetric> Metrics = new()
    {
        ["click-through"] = ExperimentMetric.ClickThrough, ["add-to-cart"] = ExperimentMetric.AddToCart, ["conversion"] = ExperimentMetric.Conversion,
        ["orders"] = ExperimentMetric.Orders, ["revenue"] = ExperimentMetric.Revenue, ["order-value"] = ExperimentMetric.OrderValue,
    };

    private ExperimentSet(IReadOnlyList<ShopExperiment> experiments) => this.Experiments = experiments;

    public IReadOnlyList<ShopExperiment> Experiments { get; }

    /// <param name="document">YAML with <c>experiments</c>; null for none.</param>
    /// <param name="isPipeline">Whether there is a pipeline of a name.</param>
    /// <exception cref="ConfigurationException">The document cannot be taken; the message says what is wrong, where, and what is allowed.</exception>
    public static ExperimentSet Parse(string? document, Func<string, bool> isPipeline)
    {
        if (document is null || ConfigurationNode.Parse(document).Map("experiments")["experiments"] is not { } all) return new ExperimentSet([]);
        var entries = all.AnyMap().Entries.ToList();
        if (entries.Count > MaxExperiments) throw all.Wrong($"There are {entries.Count} experiments; at most {MaxExperiments} are allowed. Take out those that are over.");
        var experiments = entries.Select(entry => Read(entry.Name, entry.Value, isPipeline)).ToList();
        var twins = experiments.GroupBy(experiment => experiment.Hash).FirstOrDefault(group => group.Count() > 1);
        if (twins is not null) throw all.Wrong($"The experiments {string.Join(" and ", twins.Select(twin => twin.Name))} cannot be told apart in the ids of lists; rename one.");
        try
        {
            Experiment.CheckExclusive(experiments.Where(experiment => experiment.Scope.Enabled).Select(experiment => experiment.Assignment));
        }
        catch (ArgumentException overlap)
        {
            throw all.Wrong(overlap.Message, inner: overlap);
        }

        return new ExperimentSet(experiments);
    }

    private static ShopExperiment Read(string name, ConfigurationNode node, Func<string, bool> isPipeline)
    {
        if (name.Length > MaxName) throw node.Wrong($"The name of an experiment must have at most {MaxName} characters.", atKey: name);
        var map = node.Map(["about", "variants", "layer", .. RequestScope.Settings, "metrics", "guardrails"]);
        var variants = map.Required("variants").AnyMap().Entries.ToList();
        if (variants.Count > MaxVariants) throw map.Required("variants").Wrong($"{node.Path}.variants has {variants.Count} entries; at most {MaxVariants} are allowed.");
        var settings = variants.Select(variant => (variant.Name, Map: variant.Value.Map("weight", "pipeline"))).ToList();
        var metrics = map["metrics"] is { } listed ? listed.List(MaxMetrics).Select(ReadMetric).ToList() : [new MeasuredMetric("conversion", ExperimentMetric.Conversion), new MeasuredMetric("revenue", ExperimentMetric.Revenue)];
        if (metrics.Count == 0) throw map.Required("metrics").Wrong($"{node.Path}.metrics is empty; the first metric decides.");
        return new ShopExperiment
        {
            Assignment = Assignment(name, node, [.. settings.Select(variant => new Variant(variant.Name, variant.Map["weight"]?.Number(0, 1000) ?? 1))], map["layer"]),
            About = map["about"]?.Text(500),
            Pipelines = [.. settings.Select(variant => PipelineOf(variant.Map, isPipeline))],
            Scope = RequestScope.Read(map),
            Metrics = metrics,
            Guardrails = [.. (map["guardrails"]?.List(MaxMetrics) ?? []).Select(ReadGuardrail)],
        };
    }

    private static string? PipelineOf(ConfigurationMap variant, Func<string, bool> isPipeline)
    {
        if (variant["pipeline"] is not { } node) return null;
        var name = node.Text(128);
        return isPipeline(name) ? name : throw node.Wrong($"{node.Path}: there is no pipeline {name}; publish it under pipelines first.");
    }

    private static Experiment Assignment(string name, ConfigurationNode node, IReadOnlyList<Variant> variants, ConfigurationNode? layer)
    {
        var stretch = layer?.Map("name", "from", "to");
        try
        {
            return new Experiment(name, variants, stretch is null ? null : new LayerStretch(
                stretch.Required("name").Text(MaxName), stretch["from"]?.Number(0, 1) ?? 0, stretch["to"]?.Number(0, 1) ?? 1));
        }
        catch (ArgumentException wrong)
        {
            throw node.Wrong(wrong.Message, inner: wrong);
        }
    }

    private static MeasuredMetric ReadMetric(ConfigurationNode node)
    {
        var word = node.Text(MaxName);
        return word.StartsWith(CustomPrefix, StringComparison.Ordinal) && word.Length > CustomPrefix.Length
            ? new MeasuredMetric(word, ExperimentMetric.Custom, word[CustomPrefix.Length..])
            : new MeasuredMetric(word, node.OneOf(Metrics, "metric"));
    }

    private static Guardrail ReadGuardrail(ConfigurationNode node)
    {
        var map = node.Map("metric", "margin");
        return new Guardrail(ReadMetric(map.Required("metric")), map["margin"]?.Number(0, 0.99) ?? 0);
    }
}
