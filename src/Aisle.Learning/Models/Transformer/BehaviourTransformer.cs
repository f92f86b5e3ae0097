using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="BehaviourTransformerTrainer"/>.</summary>
public sealed record BehaviourTransformerOptions
{
    /// <summary>Numbers per event. 4 to 2,048, default 64; a multiple of the heads.</summary>
    public int Dimensions { get; init; } = 64;

    /// <summary>Transformer blocks. 1 to 48, default 2.</summary>
    public int Blocks { get; init; } = 2;

    /// <summary>Attention heads of each block. 1 to 64, default 2.</summary>
    public int Heads { get; init; } = 2;

    /// <summary>Events that are read, the last ones. 2 to 4,096, default 200.</summary>
    public int Length { get; init; } = 200;

    /// <summary>Share of numbers dropped in training. 0 to 0.9, default 0.2.</summary>
    public double DropRate { get; init; } = 0.2;

    /// <summary>Share of items whose own embedding is left out of a step, so that their content learns to stand for them. 0 to 0.9, default 0.1; ignored without content.</summary>
    public double ItemDropRate { get; init; } = 0.1;

    /// <summary>Items drawn for a step, among which and all that its events want the next item is told apart; 0: among the whole catalogue. 0 to 1,000,000, default 0.</summary>
    public int Negatives { get; init; }

    /// <summary>Items are drawn by popularity to this power; 0: all alike. 0 to 1, default 0.</summary>
    public double DrawExponent { get; init; }

    /// <summary>Scores are cosines divided by this; 0: products. 0, or 0.01 to 1, default 0.</summary>
    public double Temperature { get; init; }

    /// <summary>Terms and attribute values of fewer items are left out. 1 to 1,000, default 2.</summary>
    public int MinimumItems { get; init; } = 2;

    /// <summary>Most terms of the texts. 1 to 10,000,000, default 30,000.</summary>
    public int MaximumTerms { get; init; } = 30_000;

    /// <summary>Weight of the prediction of what kind the next event is, beside 1 for what item. 0 to 10, default 0.2; ignored where kinds are unknown.</summary>
    public double KindWeight { get; init; } = 0.2;

    /// <summary>
    /// What is predicted: 0, the default, the next event; more: one of so many next items that the shopper had not touched before, drawn anew at each event
    /// and in each step. For lists that leave out what was seen and should be right for weeks. 0 to 10,000.
    /// </summary>
    public int Ahead { get; init; }

    /// <summary>Passes over all sequences at most. 1 to 10,000, default 20.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>As for sasrec: epochs without a better validation on held-out last events after which training stops; 0 trains all epochs on everything. 0 to 10,000, default 0.</summary>
    public int Patience { get; init; }

    /// <summary>
    /// Sequences to a step. 1 to 65,536; 0, the default: so many that a step sees about a thousand events, from 8 to 128. Long rows in steps of 128 are too
    /// few steps to learn from.
    /// </summary>
    public int BatchSize { get; init; }

    /// <summary>Of AdamW. 1e-6 to 1, default 0.001.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>How the learning rate goes on over the steps of all epochs. Default constant.</summary>
    public LearningSchedule Schedule { get; init; }

    /// <summary>λ of AdamW. 0 to 1, default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Seed of the random start and what is dropped. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        const string Model = BehaviourTransformerTrainer.ModelName;
        OptionRange.Check(Model, this.Dimensions, 4, 2048);
        OptionRange.Check(Model, this.Blocks, 1, 48);
        OptionRange.Check(Model, this.Heads, 1, 64);
        OptionRange.Check(Model, this.Length, 2, 4096);
        OptionRange.Check(Model, this.DropRate, 0, 0.9);
        OptionRange.Check(Model, this.ItemDropRate, 0, 0.9);
        OptionRange.Check(Model, this.Negatives, 0, 1_000_000);
        OptionRange.Check(Model, this.DrawExponent, 0, 1);
        if (this.Temperature != 0) OptionRange.Check(Model, this.Temperature, 0.01, 1);
        OptionRange.Check(Model, this.MinimumItems, 1, 1000);
        OptionRange.Check(Model, this.MaximumTerms, 1, 10_000_000);
        OptionRange.Check(Model, this.KindWeight, 0, 10);
        OptionRange.Check(Model, this.Ahead, 0, 10_000);
        OptionRange.Check(Model, this.Epochs, 1, 10_000);
        OptionRange.Check(Model, this.Patience, 0, 10_000);
        OptionRange.Check(Model, this.BatchSize, 0, 65_536);
        OptionRange.Check(Model, this.LearningRate, 1e-6, 1);
        OptionRange.Check(Model, this.WeightDecay, 0, 1);
        if (this.Dimensions % this.Heads != 0) throw new ArgumentException($"{Model}: dimensions is {this.Dimensions}; it must be a multiple of heads, which is {this.Heads}.");
    }
}

/// <summary>
/// The large behaviour model: a causal transformer over everything a shopper did, of whatever kind. An event is read as its item's embedding
/// and content, its kind and the time since the one before; the model predicts the item and the kind of the next event.
/// </summary>
/// <remarks>
/// The causal transformer of Kang, McAuley (ICDM 2018); content beside embeddings at input and output as in Hou et al.: UniSRec (KDD 2022);
/// events of all kinds in one row as in Zhai et al.: Actions speak louder than words (ICML 2024); learned biases by distance after Shaw et al. (NAACL 2018).
/// </remarks>
public sealed class BehaviourTransformerTrainer : ITrainer
{
    public const string ModelName = "behaviour-transformer";

    private const int EventsPerStep = 1024;

    /// <summary>Of a title and a few sentences.</summary>
    private const int TermsPerItem = 30;

    private readonly BehaviourTransformerOptions _options;

    public BehaviourTransformerTrainer(BehaviourTransformerOptions? options = null)
    {
        this._options = options ?? new BehaviourTransformerOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.BehaviourTransformerOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        TrainingInput.Check(this.Name, data, context);
        var events = TrainingInput.CheckOrder(this.Name, data);
        var features = this.FeaturesOf(data, context);
        var shape = new BehaviourShape(
            events.Items, features?.Items ?? 0, events.HasKinds ? BehaviourBatch.KindsIn(events) : 0, this._options.Dimensions, this._options.Blocks, this._options.Heads, this._options.Length, new ItemScoring((float)this._options.Temperature));
        var encoder = new BehaviourEncoder(shape, features, (float)this._options.DropRate, (float)this._options.ItemDropRate, this._options.Seed);
        var held = this._options.Patience > 0 ? HeldOutEvents.Draw(events, this._options.Seed) : HeldOutEvents.None;
        var windows = SequenceWindows.Of(events, this._options.Length, held);
        if (windows.Count == 0) throw new ArgumentException($"{this.Name}: there is nothing to learn from: no sequence has two events{(held.Count > 0 ? " beside the one held out for validation; set patience to 0" : "")}.");

        var plan = new TrainingPlan
        {
            Model = this.Name,
            Epochs = this._options.Epochs,
            BatchSize = this._options.BatchSize > 0 ? this._options.BatchSize : BatchFor(windows.MeanLength),
            LearningRate = this._options.LearningRate,
            Schedule = this._options.Schedule,
            Patience = this._options.Patience,
            LargestNorm = 5,
            Seed = this._options.Seed,
        };
        var shared = this._options.Negatives == 0 ? null : new SharedDraws(events.CountItems(), this._options.Negatives, this._options.DrawExponent, this._options.Seed);
        var ahead = this._options.Ahead == 0 ? null : new NextNewItems(windows, held, this._options.Ahead, this._options.Seed);
        var loop = new TrainingLoop(plan, new Adam([.. encoder.Parameters], context.Threads, secondDecay: 0.98, weightDecay: this._options.WeightDecay), windows.Count);
        loop.Run(
            context,
            (tape, examples) => encoder.Loss(tape, ahead is null ? BehaviourBatch.Of(windows, examples) : ahead.Of(examples, tape.Step), shared, (float)this._options.KindWeight),
            held.Count > 0 ? () => held.Quality(BehaviourTransformerModel.Of(encoder, events), events, context) : null,
            rowsOf: windows.RowsOf,
            answersOf: ahead is null ? null : ahead.AnswersOf);
        return BehaviourTransformerModel.Of(encoder, events);
    }

    /// <summary>
    /// About how many floating-point operations a fit takes: for each event, forward and twice as much backward, its products with all items and the blocks'
    /// with their weights and with the events that attention sees; for each step the sums of the items' content, whose terms are taken as
    /// <see cref="TermsPerItem"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The order of the data is unknown.</exception>
    public double OperationsOf(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var events = TrainingInput.CheckOrder(this.Name, data);
        var windows = SequenceWindows.Of(events, this._options.Length, HeldOutEvents.None);
        double rows = windows.MeanLength * windows.Count, width = this._options.Dimensions;
        var batch = this._options.BatchSize > 0 ? this._options.BatchSize : BatchFor(windows.MeanLength);
        var each = (2 * width * events.Items) + (this._options.Blocks * ((24 * width * width) + (2 * width * windows.MeanLength)));
        var content = data.ItemTexts is null && data.ItemAttributes is null ? 0 : 2 * width * TermsPerItem * events.Items * Math.Ceiling((double)windows.Count / batch);
        return 3 * this._options.Epochs * ((rows * each) + content);
    }

    private static int BatchFor(double meanLength) => (int)Math.Clamp(EventsPerStep / Math.Max(1, meanLength), 8, 128);

    /// <summary>Terms of the texts and values of the attributes; null where the catalogue tells nothing.</summary>
    private Interactions? FeaturesOf(Dataset data, FitContext context)
    {
        if (data.ItemTexts is null && data.ItemAttributes is null) return null;
        return ContentFeatures.Of(this.Name, data, new TextTerms(characters: false), this._options.MinimumItems, this._options.MaximumTerms, attributeWeight: 1, context.Cancellation);
    }
}
