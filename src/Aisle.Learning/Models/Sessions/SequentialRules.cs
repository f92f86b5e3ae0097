using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>How the weight of a rule falls with the distance d of its two events.</summary>
public enum RuleWeighting
{
    /// <summary>1 / d.</summary>
    [JsonStringEnumMemberName("reciprocal")]
    Reciprocal,

    /// <summary>1 − (d − 1) / maxDistance.</summary>
    [JsonStringEnumMemberName("linear")]
    Linear,

    /// <summary>1 / d².</summary>
    [JsonStringEnumMemberName("quadratic")]
    Quadratic,

    /// <summary>1 / log₂(d + 1).</summary>
    [JsonStringEnumMemberName("logarithmic")]
    Logarithmic,

    /// <summary>1: the plain rule "whoever saw i saw j later".</summary>
    [JsonStringEnumMemberName("same")]
    Same,
}

/// <summary>Options of <see cref="SequentialRulesTrainer"/>.</summary>
public sealed record SequentialRulesOptions
{
    /// <summary>Two events that are farther apart make no rule. 1 to 1,000, default 10.</summary>
    public int MaxDistance { get; init; } = 10;

    /// <summary>Weight of a rule by distance. Default reciprocal.</summary>
    public RuleWeighting Weighting { get; init; } = RuleWeighting.Reciprocal;

    /// <summary>Items at the end of the history whose rules apply, the one d events back weighing 1 / (d + 1). 1 to 1,000, default 3; 1 is the published method.</summary>
    public int HistoryItems { get; init; } = 3;

    internal void Validate()
    {
        OptionRange.Check(SequentialRulesTrainer.ModelName, this.MaxDistance, 1, 1_000);
        OptionRange.Check(SequentialRulesTrainer.ModelName, this.HistoryItems, 1, 1_000);
        if (!Enum.IsDefined(this.Weighting)) throw new ArgumentException($"{SequentialRulesTrainer.ModelName}: there is no weighting {this.Weighting}.");
    }
}

/// <summary>
/// Rules "after i comes j", weighing the less the farther apart: R_ij = Σ over pairs of an i and a later j, d apart: 1 / d, made
/// shares of what follows i; score(j) = Σ over the last items of the history, d events back: R_ij / Σ_j R_ij / (d + 1).
/// </summary>
/// <remarks>Kamehkhosh, Jannach, Ludewig: A comparison of frequent pattern techniques and a deep learning method for session-based recommendation (RecSys 2017 workshops).</remarks>
public sealed class SequentialRulesTrainer : ITrainer
{
    public const string ModelName = "sequential-rules";

    private readonly SequentialRulesOptions _options;

    public SequentialRulesTrainer(SequentialRulesOptions? options = null)
    {
        this._options = options ?? new SequentialRulesOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.SequentialRulesOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        TrainingInput.Check(this.Name, data, context);
        var settings = new TransitionSettings(
            new PairWeights([.. Enumerable.Range(1, this._options.MaxDistance).Select(distance => (float)this.WeightAt(distance))], Backward: 0, Scale: 0),
            [.. Enumerable.Range(1, this._options.HistoryItems).Select(back => 1f / back)],
            SourcePower: 1,
            TargetPower: 0,
            SecondStep: 0,
            SecondStepItems: 1);
        return TransitionModel.Fit(this.Name, settings, TrainingInput.CheckOrder(this.Name, data), context);
    }

    public static IModel Load(Stream stream) => TransitionModel.Load(ModelName, stream);

    private double WeightAt(int distance) => this._options.Weighting switch
    {
        RuleWeighting.Reciprocal => 1.0 / distance,
        RuleWeighting.Linear => 1 - ((distance - 1.0) / this._options.MaxDistance),
        RuleWeighting.Quadratic => 1.0 / ((double)distance * distance),
        RuleWeighting.Logarithmic => 1 / Math.Log2(distance + 1),
        _ => 1,
    };
}
