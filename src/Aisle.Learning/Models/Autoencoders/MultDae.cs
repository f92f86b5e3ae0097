using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="MultDaeTrainer"/>.</summary>
public sealed record MultDaeOptions
{
    /// <summary>Size of the encoder's hidden layer; 0 for none. 0 to 4,096, default 0.</summary>
    public int Hidden { get; init; }

    /// <summary>Numbers of the code that stands for a shopper. 1 to 4,096, default 200.</summary>
    public int Factors { get; init; } = 200;

    /// <summary>Size of the decoder's hidden layer, which the cost of training grows with; 0 for none. 0 to 4,096, default 0.</summary>
    public int DecoderHidden { get; init; }

    /// <summary>Passes over the shoppers. 1 to 10,000, default 20.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Shoppers to a step. 0 to 100,000; default 0 chooses a sixtieth of the shoppers, at least 50 and at most 500.</summary>
    public int BatchSize { get; init; }

    /// <summary>Above 0, at most 1; default 0.003.</summary>
    public double LearningRate { get; init; } = 0.003;

    /// <summary>How the learning rate goes on over the steps. Default linear.</summary>
    public LearningSchedule Schedule { get; init; } = LearningSchedule.Linear;

    /// <summary>Share of a history's interactions that the encoder is not shown, drawn anew each time. 0 to 0.95, default 0.5.</summary>
    public double Dropout { get; init; } = 0.5;

    /// <summary>Weight decay, apart from the gradient (AdamW). 0 to 1, default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Weights of interactions are raised to this power; 0: all count alike. 0 to 1, default 0.</summary>
    public double WeightExponent { get; init; }

    /// <summary>Epochs without a better validation after which training stops; a part of some histories is then held out. 0 for all epochs. 0 to 1,000, default 0.</summary>
    public int Patience { get; init; }

    /// <summary>Seed of the start, of the order and of the noise. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check(MultDaeTrainer.ModelName, this.Hidden, 0, AutoencoderShape.Largest);
        OptionRange.Check(MultDaeTrainer.ModelName, this.Factors, 1, AutoencoderShape.Largest);
        OptionRange.Check(MultDaeTrainer.ModelName, this.DecoderHidden, 0, AutoencoderShape.Largest);
        OptionRange.Check(MultDaeTrainer.ModelName, this.Epochs, 1, 10_000);
        OptionRange.Check(MultDaeTrainer.ModelName, this.BatchSize, 0, 100_000);
        OptionRange.Check(MultDaeTrainer.ModelName, this.LearningRate, 1e-9, 1);
        OptionRange.Check(MultDaeTrainer.ModelName, this.Dropout, 0, 0.95);
        OptionRange.Check(MultDaeTrainer.ModelName, this.WeightDecay, 0, 1);
        OptionRange.Check(MultDaeTrainer.ModelName, this.WeightExponent, 0, 1);
        OptionRange.Check(MultDaeTrainer.ModelName, this.Patience, 0, 1000);
    }
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
        var plan = new TrainingPlan
        {
            Model = this.Name,
            Epochs = options.Epochs,
            BatchSize = AutoencoderTraining.BatchOf(options.BatchSize, data.Interactions),
            LearningRate = options.LearningRate,
            Schedule = options.Schedule,
            Patience = options.Patience,
            Seed = options.Seed,
        };
        var training = new AutoencoderTraining(data, context, plan, options.WeightExponent);
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
