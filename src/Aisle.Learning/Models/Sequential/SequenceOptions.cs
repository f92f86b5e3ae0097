using System.Text.Json.Serialization;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>What a model of sequences makes small.</summary>
public enum SequenceLoss
{
    /// <summary>Cross-entropy of the next item among the whole catalogue.</summary>
    [JsonStringEnumMemberName("softmax")]
    Softmax,

    /// <summary>Cross-entropy of the next item among it and drawn items.</summary>
    [JsonStringEnumMemberName("sampled-softmax")]
    SampledSoftmax,

    /// <summary>Cross-entropy of the next item among what any event of the step wants and items drawn for all of them: for large catalogues.</summary>
    [JsonStringEnumMemberName("shared-softmax")]
    SharedSoftmax,

    /// <summary>Binary cross-entropy of the next item and of drawn items: with one draw, the loss of SASRec's paper.</summary>
    [JsonStringEnumMemberName("bce")]
    BinaryCrossEntropy,

    /// <summary>Binary cross-entropy in which the next item's probability is calibrated for the draws (Petrov, Macdonald 2023).</summary>
    [JsonStringEnumMemberName("gbce")]
    GeneralisedBinaryCrossEntropy,

    /// <summary>Pairwise ranking above drawn items, each weighed by how high it scores (Hidasi, Karatzoglou 2018).</summary>
    [JsonStringEnumMemberName("bpr-max")]
    LargestPairwise,
}

/// <summary>Options that all neural models of sequences have in common.</summary>
public abstract record SequenceOptions
{
    /// <summary>Numbers per item and event. 4 to 1,024, default 64.</summary>
    public int Dimensions { get; init; } = 64;

    /// <summary>Share of numbers dropped in training. 0 to 0.9, default 0.2.</summary>
    public double DropRate { get; init; } = 0.2;

    /// <summary>Default: softmax.</summary>
    public SequenceLoss Loss { get; init; } = SequenceLoss.Softmax;

    /// <summary>Scores are cosines divided by this; 0: products. 0, or 0.01 to 1; default 0.07, of caser 0.</summary>
    public double Temperature { get; init; } = 0.07;

    /// <summary>Items drawn for each event, or for a step by shared-softmax; softmax draws none. 1 to 4,096, shared to 1,000,000, default 256.</summary>
    public int Negatives { get; init; } = 256;

    /// <summary>Items are drawn by popularity to this power; 0: all alike. 0 to 1, default 0.</summary>
    public double DrawExponent { get; init; }

    /// <summary>
    /// Whether sampled softmax takes ln(negatives · chance of the draw) from the score of what was drawn, so that in the mean it learns what the softmax over the
    /// whole catalogue does (Blanc, Rendle 2018). Default false.
    /// </summary>
    public bool CorrectDraws { get; init; }

    /// <summary>t of the generalised binary cross-entropy: 0 is the plain one, 1 calibrates fully. 0 to 1, default 0.75.</summary>
    public double Calibration { get; init; } = 0.75;

    /// <summary>λ of bpr-max: keeps the scores of drawn items near 0. 0 to 10, default 1.</summary>
    public double ScorePenalty { get; init; } = 1;

    /// <summary>Passes over all sequences at most. 1 to 10,000, default 20.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>
    /// Epochs without a better validation after which training stops; the best weights are kept. Validation is the last event of up to
    /// 5,000 sequences, which is then not trained on. 0 trains all epochs on everything. 0 to 10,000, default 0.
    /// </summary>
    public int Patience { get; init; }

    /// <summary>Sequences to a step. 1 to 65,536, default 128.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Default: adam.</summary>
    public OptimiserKind Optimiser { get; init; } = OptimiserKind.Adam;

    /// <summary>Of the optimiser. 1e-6 to 1, default 0.001.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>How the learning rate goes on over the steps of all epochs. Default linear.</summary>
    public LearningSchedule Schedule { get; init; } = LearningSchedule.Linear;

    /// <summary>λ of the decay of weights, apart from their gradients. 0 to 1, default 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Share of their average that each step keeps when weights are averaged over steps; 0: no average. 0 to 0.9999, default 0.</summary>
    public double AverageDecay { get; init; }

    /// <summary>Seed of the random start, the draws and what is dropped. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal ItemScoring Scoring => new((float)this.Temperature);

    private protected void ValidateShared(string model)
    {
        OptionRange.Check(model, this.Dimensions, 4, 1024);
        OptionRange.Check(model, this.DropRate, 0, 0.9);
        if (this.Temperature != 0) OptionRange.Check(model, this.Temperature, 0.01, 1);
        OptionRange.Check(model, this.Negatives, 1, this.Loss == SequenceLoss.SharedSoftmax ? 1_000_000 : 4096);
        OptionRange.Check(model, this.DrawExponent, 0, 1);
        OptionRange.Check(model, this.Calibration, 0, 1);
        OptionRange.Check(model, this.ScorePenalty, 0, 10);
        OptionRange.Check(model, this.Epochs, 1, 10_000);
        OptionRange.Check(model, this.Patience, 0, 10_000);
        OptionRange.Check(model, this.BatchSize, 1, 65_536);
        OptionRange.Check(model, this.LearningRate, 1e-6, 1);
        OptionRange.Check(model, this.WeightDecay, 0, 1);
        OptionRange.Check(model, this.AverageDecay, 0, 0.9999);
        Optimisers.Check(model, this.Optimiser);
        if (!Enum.IsDefined(this.Loss)) throw new ArgumentException($"{model}: loss is {this.Loss}; allowed are softmax, sampled-softmax, shared-softmax, bce, gbce and bpr-max.");
    }
}
