using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="RecVaeTrainer"/>.</summary>
public sealed record RecVaeOptions : AutoencoderOptions
{
    /// <summary>Five layers learn a history by heart where one does not: more of it is dropped than by the others.</summary>
    public RecVaeOptions() => this.Dropout = 0.7;

    /// <summary>Size of the encoder's five hidden layers. 1 to 4,096, default 600.</summary>
    public int Hidden { get; init; } = 600;

    /// <summary>Rounds, each of <see cref="EncoderPasses"/> passes over the shoppers that teach the encoder and one that teaches the decoder. 1 to 10,000, default 10.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Passes for the encoder in a round, after which the prior's earlier encoder is the one of now. 1 to 100, default 3.</summary>
    public int EncoderPasses { get; init; } = 3;

    /// <summary>Above 0, at most 1; default 0.002.</summary>
    public double LearningRate { get; init; } = 0.002;

    /// <summary>γ: the divergence of a shopper weighs γ times what they did in all. 0 to 10, default 0.01.</summary>
    public double Gamma { get; init; } = 0.01;

    /// <summary>Share of the standard normal in the prior. 0.001 to 0.998, default 0.15.</summary>
    public double StandardShare { get; init; } = 0.15;

    /// <summary>Share of the wide normal in the prior; the earlier encoder has the rest. 0.001 to 0.998, default 0.1.</summary>
    public double WideShare { get; init; } = 0.1;

    internal TrainingPlan PlanOf(Interactions train) =>
        this.Plan(RecVaeTrainer.ModelName, this.Epochs * (this.EncoderPasses + 1), this.LearningRate, train) with { ValidateEvery = this.EncoderPasses + 1 };

    internal void Validate()
    {
        this.ValidateShared(RecVaeTrainer.ModelName);
        OptionRange.Check(RecVaeTrainer.ModelName, this.Hidden, 1, AutoencoderShape.Largest);
        OptionRange.Check(RecVaeTrainer.ModelName, this.Epochs, 1, 10_000);
        OptionRange.Check(RecVaeTrainer.ModelName, this.EncoderPasses, 1, 100);
        OptionRange.Check(RecVaeTrainer.ModelName, this.LearningRate, 1e-9, 1);
        OptionRange.Check(RecVaeTrainer.ModelName, this.Gamma, 0, 10);
        OptionRange.Check(RecVaeTrainer.ModelName, this.StandardShare, 0.001, 0.998);
        OptionRange.Check(RecVaeTrainer.ModelName, this.WideShare, 0.001, 0.998);
        if (this.StandardShare + this.WideShare > 0.999)
            throw new ArgumentException($"{RecVaeTrainer.ModelName}: standardShare and wideShare are {this.StandardShare} and {this.WideShare}; together at most 0.999 are allowed, so that the earlier encoder has a share.");
    }
}

/// <summary>
/// A variational autoencoder with multinomial likelihood whose prior is partly what the encoder said earlier of the same shopper, whose β is
/// γ times the length of the history, and whose encoder and decoder are taught in turns: the encoder with a part of the history dropped, the
/// decoder with all of it.
/// </summary>
/// <remarks>Shenbin, Alekseev, Tutubalina, Malykh, Nikolenko: RecVAE: a new variational autoencoder for top-N recommendations with implicit feedback (WSDM 2020).</remarks>
public sealed class RecVaeTrainer : ITrainer
{
    public const string ModelName = "recvae";

    private readonly RecVaeOptions _options;

    public RecVaeTrainer(RecVaeOptions? options = null)
    {
        this._options = options ?? new RecVaeOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.RecVaeOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var items = TrainingInput.Check(this.Name, data, context).Items;
        var options = this._options;
        var shape = new AutoencoderShape(items, options.Hidden, options.Factors, DecoderHidden: 0);
        AutoencoderTraining.CheckMemory(this.Name, shape, RecVaeNetwork.NumbersPerItem(shape), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var round = options.EncoderPasses + 1;
        var training = new AutoencoderTraining(data, context, options.PlanOf(data.Interactions), options.WeightExponent);
        var network = new RecVaeNetwork(shape, AutoencoderNetwork.Drawn(options.Seed));
        var earlier = (RecVaeNetwork)network.Copy();
        var alternation = new Alternation(network, earlier, options, context.Threads);
        return training.Run(
            network,
            new Adam(network.Parameters, context.Threads),
            (tape, histories) => alternation.IsDecoderPass ? alternation.DecoderLoss(tape, histories) : alternation.EncoderLoss(tape, histories),
            passes =>
            {
                alternation.IsDecoderPass = passes % round == options.EncoderPasses;
                if (alternation.IsDecoderPass) network.CopyEncoderTo(earlier);
            });
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static AutoencoderModel Load(Stream stream) =>
        AutoencoderModel.Load(ModelName, stream, (shape, make) => new RecVaeNetwork(shape, make));

    /// <summary>The two losses, of which each teaches one half of the network.</summary>
    private sealed class Alternation(RecVaeNetwork network, RecVaeNetwork earlier, RecVaeOptions options, int threads)
    {
        private readonly CompositePrior _prior = new((float)options.StandardShare, (float)(1 - options.StandardShare - options.WideShare), (float)options.WideShare);

        /// <summary>For what nothing is learned from.</summary>
        private readonly Tape _still = new(threads, isTraining: false);

        public bool IsDecoderPass { get; set; }

        public Tensor EncoderLoss(Tape tape, WeightedBags histories)
        {
            this._still.Begin(tape.Step);
            var inputs = histories.Normalised();
            var before = earlier.Distribution(this._still, inputs);
            var (mean, logVariance) = network.Distribution(tape, inputs.Dropped((float)options.Dropout, tape.NextKey()));
            var code = tape.Reparameterise(mean, logVariance);
            var likelihood = tape.CatalogueMultinomial(code, network.Output.Fixed(), histories, network.OutputBias.Fixed());
            var weights = new float[histories.Count];
            for (var i = 0; i < weights.Length; i++)
            {
                foreach (var weight in histories.WeightsOf(i)) weights[i] += (float)options.Gamma * weight;
            }

            return tape.Add(likelihood, tape.DivergenceFromComposite(code, mean, logVariance, before.Mean, before.LogVariance, this._prior, weights));
        }

        public Tensor DecoderLoss(Tape tape, WeightedBags histories)
        {
            this._still.Begin(tape.Step);
            var (mean, logVariance) = network.Distribution(this._still, histories.Normalised());
            return tape.CatalogueMultinomial(tape.Reparameterise(mean, logVariance), network.Output, histories, network.OutputBias);
        }
    }
}
