using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="MultVaeTrainer"/>.</summary>
public sealed record MultVaeOptions : MultinomialOptions
{
    public MultVaeOptions() => this.Hidden = 600;

    /// <summary>β: weight of the divergence from the prior, once it has risen. 0 to 10, default 0.2.</summary>
    public double KlWeight { get; init; } = 0.2;

    /// <summary>Share of the training over which β rises from 0. 0 to 1, default 0.5.</summary>
    public double Annealing { get; init; } = 0.5;

    internal void Validate()
    {
        this.ValidateMultinomial(MultVaeTrainer.ModelName);
        OptionRange.Check(MultVaeTrainer.ModelName, this.KlWeight, 0, 10);
        OptionRange.Check(MultVaeTrainer.ModelName, this.Annealing, 0, 1);
    }
}

/// <summary>
/// Variational autoencoder of histories with multinomial likelihood: maximises E_q [Σ_i x_ui ln softmax(f(z_u))_i] − β · KL(q(z_u | x_u) ‖ N(0, 1)),
/// where q is a normal told by the encoder from the history, of which a part is dropped.
/// </summary>
/// <remarks>Liang, Krishnan, Hoffman, Jebara: Variational autoencoders for collaborative filtering (WWW 2018).</remarks>
public sealed class MultVaeTrainer : ITrainer
{
    public const string ModelName = "mult-vae";

    private readonly MultVaeOptions _options;

    public MultVaeTrainer(MultVaeOptions? options = null)
    {
        this._options = options ?? new MultVaeOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.MultVaeOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var items = TrainingInput.Check(this.Name, data, context).Items;
        var options = this._options;
        var shape = new AutoencoderShape(items, options.Hidden, options.Factors, options.DecoderHidden);
        AutoencoderTraining.CheckMemory(this.Name, shape, MultinomialNetwork.NumbersPerItem(shape, isVariational: true), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var training = new AutoencoderTraining(data, context, options.PlanOf(this.Name, data.Interactions), options.WeightExponent);
        var network = new MultinomialNetwork(shape, isVariational: true, AutoencoderNetwork.Drawn(options.Seed));
        var annealed = Math.Max(1, options.Annealing * training.Steps * options.Epochs);
        return training.Run(network, new Adam(network.Parameters, context.Threads, weightDecay: options.WeightDecay), (tape, histories) =>
        {
            var (mean, logVariance) = network.Distribution(tape, histories.Normalised().Dropped((float)options.Dropout, tape.NextKey()));
            var rows = network.Decode(tape, tape.Reparameterise(mean, logVariance));
            var likelihood = tape.CatalogueMultinomial(rows, network.Output, histories, network.OutputBias);
            var weight = options.KlWeight * Math.Min(1, tape.Step / annealed);
            return tape.Add(likelihood, tape.DivergenceFromNormal(mean, logVariance), (float)weight);
        });
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static AutoencoderModel Load(Stream stream) =>
        AutoencoderModel.Load(ModelName, stream, (shape, make) => new MultinomialNetwork(shape, isVariational: true, make));
}
