using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="MultDaeTrainer"/>.</summary>
public sealed record MultDaeOptions : MultinomialOptions
{
    public MultDaeOptions() => this.WeightDecay = 0.01;

    internal void Validate() => this.ValidateMultinomial(MultDaeTrainer.ModelName);
}

/// <summary>
/// Denoising autoencoder of histories with multinomial likelihood: from a history of which a part is dropped it learns to say the whole,
/// maximising Σ_i x_ui ln softmax(f(g(x_u)))_i.
/// </summary>
/// <remarks>Liang, Krishnan, Hoffman, Jebara: Variational autoencoders for collaborative filtering (WWW 2018).</remarks>
public sealed class MultDaeTrainer : ITrainer
{
    public const string ModelName = "mult-dae";

    private readonly MultDaeOptions _options;

    public MultDaeTrainer(MultDaeOptions? options = null)
    {
        this._options = options ?? new MultDaeOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.MultDaeOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var items = TrainingInput.Check(this.Name, data, context).Items;
        var options = this._options;
        var shape = new AutoencoderShape(items, options.Hidden, options.Factors, options.DecoderHidden);
        AutoencoderTraining.CheckMemory(this.Name, shape, MultinomialNetwork.NumbersPerItem(shape, isVariational: false), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var training = new AutoencoderTraining(data, context, options.PlanOf(this.Name, data.Interactions), options.WeightExponent);
        var network = new MultinomialNetwork(shape, isVariational: false, AutoencoderNetwork.Drawn(options.Seed));
        return training.Run(network, new Adam(network.Parameters, context.Threads, weightDecay: options.WeightDecay), (tape, histories) =>
        {
            var code = network.Code(tape, histories.Normalised().Dropped((float)options.Dropout, tape.NextKey()));
            return tape.CatalogueMultinomial(network.Decode(tape, code), network.Output, histories, network.OutputBias);
        });
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static AutoencoderModel Load(Stream stream) =>
        AutoencoderModel.Load(ModelName, stream, (shape, make) => new MultinomialNetwork(shape, isVariational: false, make));
}
