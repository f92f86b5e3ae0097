using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>What <see cref="SasRecTrainer"/> makes small.</summary>
public enum SequenceLoss
{
    /// <summary>Cross-entropy of the next item among the whole catalogue.</summary>
    [JsonStringEnumMemberName("softmax")]
    Softmax,

    /// <summary>Cross-entropy of the next item among it and drawn items.</summary>
    [JsonStringEnumMemberName("sampled-softmax")]
    SampledSoftmax,

    /// <summary>Binary cross-entropy of the next item and of drawn items: with one draw, the loss of the paper.</summary>
    [JsonStringEnumMemberName("bce")]
    BinaryCrossEntropy,

    /// <summary>Binary cross-entropy in which the next item's probability is calibrated for the draws (Petrov, Macdonald 2023).</summary>
    [JsonStringEnumMemberName("gbce")]
    GeneralisedBinaryCrossEntropy,
}

/// <summary>Options of <see cref="SasRecTrainer"/>.</summary>
public sealed record SasRecOptions
{
    /// <summary>Numbers per item and event. 4 to 1,024, default 64; a multiple of the heads.</summary>
    public int Dimensions { get; init; } = 64;

    /// <summary>Transformer blocks. 1 to 24, default 2.</summary>
    public int Blocks { get; init; } = 2;

    /// <summary>Attention heads of each block. 1 to 32, default 1.</summary>
    public int Heads { get; init; } = 1;

    /// <summary>Events that are read, the last ones. 2 to 1,024, default 50.</summary>
    public int Length { get; init; } = 50;

    /// <summary>Share of numbers dropped in training. 0 to 0.9, default 0.2.</summary>
    public double DropRate { get; init; } = 0.2;

    /// <summary>Default: softmax.</summary>
    public SequenceLoss Loss { get; init; } = SequenceLoss.Softmax;

    /// <summary>Items drawn for each event, all alike; softmax draws none. 1 to 4,096, default 256.</summary>
    public int Negatives { get; init; } = 256;

    /// <summary>t of the generalised binary cross-entropy: 0 is the plain one, 1 calibrates fully. 0 to 1, default 0.75.</summary>
    public double Calibration { get; init; } = 0.75;

    /// <summary>Passes over all sequences at most. 1 to 10,000, default 20.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>
    /// Epochs without a better validation after which training stops; the best weights are kept. Validation is the last event of up to
    /// 5,000 sequences, which is then not trained on. 0 trains all epochs on everything. 0 to 10,000, default 0.
    /// </summary>
    public int Patience { get; init; }

    /// <summary>Sequences to a step. 1 to 65,536, default 128.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Of Adam. 1e-6 to 1, default 0.001.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>λ of AdamW. 0 to 1, default 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Share of their average that each step keeps when weights are averaged over steps; 0: no average. 0 to 0.9999, default 0.</summary>
    public double AverageDecay { get; init; }

    /// <summary>Seed of the random start, the draws and what is dropped. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check(SasRecTrainer.ModelName, this.Dimensions, 4, 1024);
        OptionRange.Check(SasRecTrainer.ModelName, this.Blocks, 1, 24);
        OptionRange.Check(SasRecTrainer.ModelName, this.Heads, 1, 32);
        OptionRange.Check(SasRecTrainer.ModelName, this.Length, 2, 1024);
        OptionRange.Check(SasRecTrainer.ModelName, this.DropRate, 0, 0.9);
        OptionRange.Check(SasRecTrainer.ModelName, this.Negatives, 1, 4096);
        OptionRange.Check(SasRecTrainer.ModelName, this.Calibration, 0, 1);
        OptionRange.Check(SasRecTrainer.ModelName, this.Epochs, 1, 10_000);
        OptionRange.Check(SasRecTrainer.ModelName, this.Patience, 0, 10_000);
        OptionRange.Check(SasRecTrainer.ModelName, this.BatchSize, 1, 65_536);
        OptionRange.Check(SasRecTrainer.ModelName, this.LearningRate, 1e-6, 1);
        OptionRange.Check(SasRecTrainer.ModelName, this.WeightDecay, 0, 1);
        OptionRange.Check(SasRecTrainer.ModelName, this.AverageDecay, 0, 0.9999);
        if (!Enum.IsDefined(this.Loss)) throw new ArgumentException($"{SasRecTrainer.ModelName}: loss is {this.Loss}; allowed are softmax, sampled-softmax, bce and gbce.");
        if (this.Dimensions % this.Heads != 0) throw new ArgumentException($"{SasRecTrainer.ModelName}: dimensions is {this.Dimensions}; it must be a multiple of heads, which is {this.Heads}.");
    }
}

/// <summary>
/// Self-attentive sequential recommendation: a causal transformer reads a shopper's items and predicts, at each, the next one.
/// </summary>
/// <remarks>
/// Kang, McAuley: Self-attentive sequential recommendation (ICDM 2018), with the blocks and losses that later work found better:
/// Klenitskiy, Vasilev (RecSys 2023), Petrov, Macdonald: gSASRec (RecSys 2023).
/// </remarks>
public sealed class SasRecTrainer : ITrainer
{
    public const string ModelName = "sasrec";

    private readonly SasRecOptions _options;

    public SasRecTrainer(SasRecOptions? options = null)
    {
        this._options = options ?? new SasRecOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.SasRecOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        TrainingInput.Check(this.Name, data, context);
        var sequences = TrainingInput.CheckOrder(this.Name, data);
        var encoder = new SequenceEncoder(SequenceShape.Of(this._options, sequences.Items), this._options.Seed);
        var held = this._options.Patience > 0 ? HeldOutEvents.Draw(sequences, this._options.Seed) : HeldOutEvents.None;
        var windows = SequenceWindows.Of(sequences, this._options.Length, held);
        if (windows.Count == 0) throw new ArgumentException($"{this.Name}: there is nothing to learn from: no sequence has two events{(held.Count > 0 ? " beside the one held out for validation; set patience to 0" : "")}.");
        var plan = new TrainingPlan
        {
            Model = this.Name,
            Epochs = this._options.Epochs,
            BatchSize = this._options.BatchSize,
            LearningRate = this._options.LearningRate,
            Patience = this._options.Patience,
            AverageDecay = this._options.AverageDecay,
            Seed = this._options.Seed,
        };
        var optimiser = new Adam([.. encoder.Parameters], context.Threads, secondDecay: 0.98, weightDecay: this._options.WeightDecay);
        var loss = new NextItemLoss(this._options, encoder, sequences.Items);
        var loop = new TrainingLoop(plan, optimiser, windows.Count);
        loop.Run(context, (tape, examples) => loss.Of(tape, windows.Batch(examples)), held.Count > 0 ? () => held.Quality(encoder, sequences, context) : null, rowsOf: windows.RowsOf);
        return SasRecModel.Of(encoder, sequences);
    }
}
