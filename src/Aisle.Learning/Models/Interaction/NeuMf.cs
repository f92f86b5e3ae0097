using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>What a <see cref="NeuMfTrainer"/> builds its scores from.</summary>
public enum NeuMfParts
{
    /// <summary>Both <see cref="Gmf"/> and <see cref="Mlp"/>, their scores added.</summary>
    [JsonStringEnumMemberName("neumf")]
    NeuMf,

    /// <summary>A weighted product of the two vectors: h · (p ∘ q).</summary>
    [JsonStringEnumMemberName("gmf")]
    Gmf,

    /// <summary>A tower of dense layers over the two vectors side by side, each half as wide as the one before.</summary>
    [JsonStringEnumMemberName("mlp")]
    Mlp,

    /// <summary>One dense layer over the two vectors side by side, then the score: the plainest of neural recommenders.</summary>
    [JsonStringEnumMemberName("dense")]
    Dense,
}

/// <summary>Options of <see cref="NeuMfTrainer"/>.</summary>
public sealed record NeuMfOptions
{
    /// <summary>What the score is made of. Default neumf.</summary>
    public NeuMfParts Parts { get; init; } = NeuMfParts.NeuMf;

    /// <summary>Numbers per shopper and item in each part. 1 to 1,024, default 64.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>Width of the first dense layer. 1 to 4,096, default 64.</summary>
    public int Hidden { get; init; } = 64;

    /// <summary>Dense layers of the tower. 1 to 8, default 3; dense has one.</summary>
    public int Layers { get; init; } = 3;

    /// <summary>Items drawn for each observed pair. 1 to 100, default 4.</summary>
    public int Negatives { get; init; } = 4;

    /// <summary>Passes over all pairs. 1 to 1,000, default 20.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Passes in which each part learns alone before both learn together (neumf only). 0 to 1,000, default 0.</summary>
    public int PretrainEpochs { get; init; }

    /// <summary>Observed pairs to a step. 1 to 65,536, default 1,024.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>Adam's rate in the first step; it falls in a straight line to nothing. 1e-6 to 1, default 0.003.</summary>
    public double LearningRate { get; init; } = 0.003;

    /// <summary>Share of itself that a weight loses with each step that moves it, over the rate. 0 to 10, default 0.3.</summary>
    public double WeightDecay { get; init; } = 0.3;

    /// <summary>Share dropped behind each dense layer. 0 to 0.9, default 0.</summary>
    public double Dropout { get; init; }

    /// <summary>Gradient steps in which a shopper unknown to the training is placed. 1 to 1,000, default 30.</summary>
    public int FoldInSteps { get; init; } = 30;

    /// <summary>Seed of the start and of every draw. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        const string model = NeuMfTrainer.ModelName;
        OptionRange.Check(model, this.Factors, 1, 1024);
        OptionRange.Check(model, this.Hidden, 1, 4096);
        OptionRange.Check(model, this.Layers, 1, 8);
        OptionRange.Check(model, this.Negatives, 1, 100);
        OptionRange.Check(model, this.Epochs, 1, 1000);
        OptionRange.Check(model, this.PretrainEpochs, 0, 1000);
        OptionRange.Check(model, this.BatchSize, 1, 65_536);
        OptionRange.Check(model, this.LearningRate, 1e-6, 1);
        OptionRange.Check(model, this.WeightDecay, 0, 10);
        OptionRange.Check(model, this.Dropout, 0, 0.9);
        OptionRange.Check(model, this.FoldInSteps, 1, 1000);
    }
}

/// <summary>
/// Neural collaborative filtering: shoppers and items are vectors, and a network says how well they fit; learned as the chance that a pair
/// was observed rather than drawn (binary cross-entropy).
/// </summary>
/// <remarks>He, Liao, Zhang, Nie, Hu, Chua: Neural collaborative filtering (WWW 2017).</remarks>
public sealed class NeuMfTrainer : ITrainer
{
    public const string ModelName = "neumf";

    private const int DrawStream = 0x4E46;

    private readonly NeuMfOptions _options;

    public NeuMfTrainer(NeuMfOptions? options = null)
    {
        this._options = options ?? new NeuMfOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.NeuMfOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var shape = new NeuMfShape(train.Users, train.Items, this._options.Parts, this._options.Factors, this._options.Hidden, this._options.Layers);
        var network = new NeuMfNetwork(shape, new ParameterSource(this._options.Seed));
        var pretrained = shape.Parts == NeuMfParts.NeuMf ? this._options.PretrainEpochs : 0;
        var steps = (2 * pretrained) + this._options.Epochs;
        var done = 0;
        for (var part = NeuMfParts.Gmf; pretrained > 0 && part <= NeuMfParts.Mlp; part++)
        {
            var alone = new NeuMfNetwork(shape with { Parts = part }, new ParameterSource(this._options.Seed));
            this.Learn(alone, train, pretrained, new EpochSteps(context, done, steps).Context);
            network.TakeOver(alone);
            done += pretrained;
        }

        this.Learn(network, train, this._options.Epochs, new EpochSteps(context, done, steps).Context);
        network.Forget(train);
        return new NeuMfModel(network, this._options.Negatives, this._options.FoldInSteps);
    }

    private void Learn(NeuMfNetwork network, Interactions train, int epochs, FitContext context)
    {
        var users = SampledItems.UsersOfPairs(train);
        var catalogue = SampledItems.Touched(train);
        var count = 1 + this._options.Negatives;
        var plan = new TrainingPlan
        {
            Model = this.Name,
            Epochs = epochs,
            BatchSize = this._options.BatchSize,
            LearningRate = this._options.LearningRate,
            Schedule = LearningSchedule.Linear,
            Seed = this._options.Seed,
        };
        var optimiser = new Adam(network.Parameters, context.Threads, weightDecay: this._options.WeightDecay);
        new TrainingLoop(plan, optimiser, users.Length).Run(context, (tape, batch) =>
        {
            var items = new int[batch.Length * count];
            var labels = new float[items.Length];
            for (var i = 0; i < batch.Length; i++)
            {
                var random = new RandomStream(this._options.Seed ^ DrawStream, unchecked((int)tape.Step), i);
                SampledItems.Fill(train.AllItems[batch[i]], train.ItemsOf(users[batch[i]]), catalogue, ref random, items.AsSpan(i * count, count), labels.AsSpan(i * count, count));
            }

            return tape.BinaryCrossEntropy(network.Scores(tape, Array.ConvertAll(batch, pair => users[pair]), items, count, (float)this._options.Dropout), labels);
        });
    }
}

/// <summary>Reports the epochs of a training that is one of several as steps of the whole.</summary>
internal sealed class EpochSteps(FitContext context, int done, int steps) : IProgress<TrainingStep>
{
    public FitContext Context => context with { Progress = this };

    public void Report(TrainingStep value) => context.Progress?.Report(value with { Step = done + value.Step, Steps = steps });
}
