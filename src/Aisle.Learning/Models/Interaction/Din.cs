using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>What a network that scores an item beside drawn ones is learned by.</summary>
public enum DrawnLoss
{
    /// <summary>Binary cross-entropy: each score alone says whether the item was taken up. As published.</summary>
    [JsonStringEnumMemberName("logistic")]
    Logistic,

    /// <summary>Cross-entropy over the item and those drawn beside it.</summary>
    [JsonStringEnumMemberName("softmax")]
    Softmax,
}

/// <summary>Options of <see cref="DinTrainer"/>.</summary>
public sealed record DinOptions : HistoryNetworkOptions
{
    /// <summary>Numbers per item. 1 to 512, default 32.</summary>
    public int Dimensions { get; init; } = 32;

    /// <summary>Width of the network that says how much an event matters to an item. 1 to 512, default 16.</summary>
    public int AttentionHidden { get; init; } = 16;

    /// <summary>Width of the dense layer that makes the score. 1 to 4,096, default 32.</summary>
    public int Hidden { get; init; } = 32;

    /// <summary>What is learned by. Default softmax.</summary>
    public DrawnLoss Loss { get; init; } = DrawnLoss.Softmax;

    /// <summary>Items drawn for each example. 1 to 1,000, default 10.</summary>
    public int Negatives { get; init; } = 10;

    /// <summary>Weight of an item's attributes beside 1 for its texts. 0 to 100, default 1.</summary>
    public double AttributeWeight { get; init; } = 1;

    internal void Validate()
    {
        const string model = DinTrainer.ModelName;
        this.ValidateShared(model);
        OptionRange.Check(model, this.Dimensions, 1, 512);
        OptionRange.Check(model, this.AttentionHidden, 1, 512);
        OptionRange.Check(model, this.Hidden, 1, 4096);
        OptionRange.Check(model, this.Negatives, 1, 1000);
        OptionRange.Check(model, this.AttributeWeight, 0, 100);
    }
}

/// <summary>Deep interest network: what a shopper did is read anew for every item, each event weighing as much as it matters to that item.</summary>
/// <remarks>Zhou et al.: Deep interest network for click-through rate prediction (KDD 2018).</remarks>
public sealed class DinTrainer : ITrainer
{
    public const string ModelName = "din";

    private const int DrawStream = 0x4449;

    private readonly DinOptions _options;

    public DinTrainer(DinOptions? options = null)
    {
        this._options = options ?? new DinOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.DinOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        TrainingInput.Check(this.Name, data, context);
        var holdOut = this._options.HoldOut(this.Name, data);
        var learned = holdOut?.Train ?? data;
        var train = learned.Interactions;
        var content = ItemInputs.Content(this.Name, data, new TextTerms(characters: false), this._options.MinimumItems, this._options.MostTerms, this._options.AttributeWeight, context.Cancellation);
        var examples = HistoryExamples.Of(learned, this._options.HistoryLength);
        var source = new ParameterSource(this._options.Seed);
        var network = new DinNetwork(source, new DinShape(train.Items, this._options.Dimensions, this._options.AttentionHidden, this._options.Hidden, this._options.HistoryLength));
        var inputs = new ItemInputs(source, train, content, this._options.Dimensions, this._options.IdDropout);
        var optimiser = new Adam(source.Made, context.Threads, weightDecay: this._options.WeightDecay);
        new TrainingLoop(this._options.Plan(this.Name), optimiser, examples.Count).Run(
            context, (tape, batch) => this.Loss(tape, network, inputs, examples, train, batch), holdOut is null ? null : () => holdOut.Quality(Model(examples), context));
        return Model(holdOut is null ? examples : HistoryExamples.Of(data, this._options.HistoryLength));

        DinModel Model(HistoryExamples told)
        {
            var recent = Enumerable.Range(0, train.Users).Select(user => told.HistoryOf(user).ToArray()).ToArray();
            return new DinModel(network, told.IsOrdered, inputs.WriteDown(new Tape(context.Threads, isTraining: false)), inputs.Known(), Sequences.From(train.Items, recent));
        }
    }

    private Tensor Loss(Tape tape, DinNetwork network, ItemInputs inputs, HistoryExamples examples, Interactions train, int[] batch)
    {
        var count = 1 + this._options.Negatives;
        var candidates = new int[batch.Length * count];
        var labels = new float[candidates.Length];
        var starts = new int[batch.Length + 1];
        List<int> history = [], distinct = [];
        for (var i = 0; i < batch.Length; i++)
        {
            var random = new RandomStream(this._options.Seed ^ DrawStream, unchecked((int)tape.Step), i + 1);
            examples.AddHistory(batch[i], ref random, history);
            starts[i + 1] = history.Count;
            SampledItems.Fill(
                examples.TargetOf(batch[i]), train.ItemsOf(examples.UserOf(batch[i])), inputs.Touched, ref random, candidates.AsSpan(i * count, count), labels.AsSpan(i * count, count));
        }

        var drops = new RandomStream(this._options.Seed ^ DrawStream, unchecked((int)tape.Step));
        var values = history.Select(item => inputs.Place(item, distinct)).ToArray();
        for (var i = 0; i < candidates.Length; i++) candidates[i] = inputs.Place(candidates[i], distinct);
        inputs.Clear(distinct);
        var items = inputs.Apply(tape, [.. distinct], ref drops);
        var scores = tape.Reshape(network.Scores(tape, items, starts, values, examples.IsOrdered, candidates, count, (float)this._options.Dropout), batch.Length, count);
        return this._options.Loss == DrawnLoss.Logistic ? tape.BinaryCrossEntropy(scores, labels) : tape.FirstOfRow(scores);
    }
}
