using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="ItemTransitionTrainer"/>.</summary>
public sealed record ItemTransitionOptions
{
    /// <summary>Two events that are d apart in a sequence count e^(−(d − 1) / distanceDecay). 0.1 to 1,000, default 2.</summary>
    public double DistanceDecay { get; init; } = 2;

    /// <summary>Weight of a pair against the order of time, beside 1 along it. 0 to 10, default 0.6.</summary>
    public double BackwardWeight { get; init; } = 0.6;

    /// <summary>A pair counts e^(−age / (recency · span)), span being the time that the data cover (sequences, where there are no times). 0 turns it off; 0 to 1,000,000, default 1.</summary>
    public double Recency { get; init; } = 1;

    /// <summary>The history's item that lies d events back counts e^(−d / historyDecay). 0.01 to 1,000,000, default 2.</summary>
    public double HistoryDecay { get; init; } = 2;

    /// <summary>Transitions are divided by (their sum over the item they come from)^sourcePower: 1 makes shares of them. 0 to 2, default 0.5.</summary>
    public double SourcePower { get; init; } = 0.5;

    /// <summary>Transitions are divided by (occurrences of the item they lead to)^targetPower: against the pull of the popular. 0 to 2, default 0.3.</summary>
    public double TargetPower { get; init; } = 0.3;

    /// <summary>Weight of what is reached through another item, beside 1 for what is reached directly. 0 to 100, default 4.</summary>
    public double SecondStep { get; init; } = 4;

    /// <summary>Items reached directly, the best, from which the second step goes on. 1 to 10,000, default 100.</summary>
    public int SecondStepItems { get; init; } = 100;

    internal void Validate()
    {
        OptionRange.Check(ItemTransitionTrainer.ModelName, this.DistanceDecay, 0.1, 1_000);
        OptionRange.Check(ItemTransitionTrainer.ModelName, this.BackwardWeight, 0, 10);
        OptionRange.Check(ItemTransitionTrainer.ModelName, this.Recency, 0, 1_000_000);
        OptionRange.Check(ItemTransitionTrainer.ModelName, this.HistoryDecay, 0.01, 1_000_000);
        OptionRange.Check(ItemTransitionTrainer.ModelName, this.SourcePower, 0, 2);
        OptionRange.Check(ItemTransitionTrainer.ModelName, this.TargetPower, 0, 2);
        OptionRange.Check(ItemTransitionTrainer.ModelName, this.SecondStep, 0, 100);
        OptionRange.Check(ItemTransitionTrainer.ModelName, this.SecondStepItems, 1, 10_000);
    }
}

/// <summary>
/// What follows what, near and recently, in both directions: C_ij = Σ over pairs of an i and a j that are d apart in a sequence:
/// side · e^(−(d − 1) / distanceDecay) · e^(−age / (recency · span)). With T_ij = C_ij / (Σ_j C_ij)^sourcePower / n_j^targetPower
/// and P the same with rows that add up to 1, a history h scores s + secondStep · sᵀP, where s_j = Σ_i e^(−back(i) / historyDecay) · T_ij;
/// the second step goes on from the best of s only.
/// </summary>
/// <remarks>
/// The sparse relative of an item-based random walk: Cooper et al., Random walks in recommender systems (WWW 2014). The decays by
/// distance, direction and age are those of session models, for instance Choi et al., Session-aware linear item-item models (WWW 2021).
/// </remarks>
public sealed class ItemTransitionTrainer : ITrainer
{
    public const string ModelName = "item-transition";

    /// <summary>Pairs whose distance weighs less than this are not counted, which bounds time and memory.</summary>
    private const double Negligible = 0.01;

    private readonly ItemTransitionOptions _options;

    public ItemTransitionTrainer(ItemTransitionOptions? options = null)
    {
        this._options = options ?? new ItemTransitionOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.ItemTransitionOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        TrainingInput.Check(this.Name, data, context);
        var sequences = TrainingInput.CheckOrder(this.Name, data);
        var settings = new TransitionSettings(
            new PairWeights(
                Decay(this._options.DistanceDecay, Negligible),
                (float)this._options.BackwardWeight,
                this._options.Recency * TransitionCounts.Span(sequences)),
            Decay(this._options.HistoryDecay, 1e-4),
            (float)this._options.SourcePower,
            (float)this._options.TargetPower,
            (float)this._options.SecondStep,
            this._options.SecondStepItems);
        return TransitionModel.Fit(this.Name, settings, sequences, context);
    }

    public static IModel Load(Stream stream) => TransitionModel.Load(ModelName, stream);

    /// <summary>e^(−d / scale) for d = 0, 1, … down to what is negligible.</summary>
    private static float[] Decay(double scale, double negligible)
    {
        var values = new float[(int)Math.Min(TransitionSettings.LongestReach, Math.Ceiling(scale * -Math.Log(negligible)))];
        for (var d = 0; d < values.Length; d++) values[d] = (float)Math.Exp(-d / scale);
        return values;
    }
}
