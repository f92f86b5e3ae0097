using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="TwoTowerTrainer"/>.</summary>
public sealed record TwoTowerOptions
{
    /// <summary>Numbers per shopper and item. 1 to 1,024, default 64.</summary>
    public int Dimensions { get; init; } = 64;

    /// <summary>Width of the dense layer of each tower; 0: none, both towers are linear. 0 to 4,096, default 0.</summary>
    public int Hidden { get; init; }

    /// <summary>Most events of a history that are read. 1 to 10,000, default 50.</summary>
    public int HistoryLength { get; init; } = 50;

    /// <summary>Items drawn for each step beside those that its shoppers took up; where there are no more, all are compared. 0 to 1,000,000, default 2,000.</summary>
    public int Negatives { get; init; } = 2000;

    /// <summary>What cosines are divided by. 0.01 to 1, default 0.1.</summary>
    public double Temperature { get; init; } = 0.1;

    /// <summary>Chance that an item that is told of is known in a step by its content alone. 0 to 1, default 0.2.</summary>
    public double IdDropout { get; init; } = 0.2;

    /// <summary>Share dropped of what goes into the user tower. 0 to 0.9, default 0.1.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Passes over all examples. 1 to 1,000, default 8.</summary>
    public int Epochs { get; init; } = 8;

    /// <summary>Examples to a step. 1 to 65,536, default 512.</summary>
    public int BatchSize { get; init; } = 512;

    /// <summary>Adam's rate in the first step; it falls in a straight line to nothing. 1e-6 to 1, default 0.003.</summary>
    public double LearningRate { get; init; } = 0.003;

    /// <summary>Share of itself that a weight loses with each step that moves it, over the rate. 0 to 10, default 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Adds runs of three to five characters to the words of items. Default false.</summary>
    public bool Characters { get; init; }

    /// <summary>Terms that stand in fewer items are left out. 1 to 1,000, default 2.</summary>
    public int MinimumItems { get; init; } = 2;

    /// <summary>Most terms kept, the rarest leaving first. 100 to 10,000,000, default 50,000.</summary>
    public int MostTerms { get; init; } = 50_000;

    /// <summary>Weight of an item's attributes beside 1 for its texts. 0 to 100, default 1.</summary>
    public double AttributeWeight { get; init; } = 1;

    /// <summary>Seed of the start and of every draw. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        const string model = TwoTowerTrainer.ModelName;
        OptionRange.Check(model, this.Dimensions, 1, 1024);
        OptionRange.Check(model, this.Hidden, 0, 4096);
        OptionRange.Check(model, this.HistoryLength, 1, 10_000);
        OptionRange.Check(model, this.Negatives, 0, 1_000_000);
        OptionRange.Check(model, this.Temperature, 0.01, 1);
        OptionRange.Check(model, this.IdDropout, 0, 1);
        OptionRange.Check(model, this.Dropout, 0, 0.9);
        OptionRange.Check(model, this.Epochs, 1, 1000);
        OptionRange.Check(model, this.BatchSize, 1, 65_536);
        OptionRange.Check(model, this.LearningRate, 1e-6, 1);
        OptionRange.Check(model, this.WeightDecay, 0, 10);
        OptionRange.Check(model, this.MinimumItems, 1, 1000);
        OptionRange.Check(model, this.MostTerms, 100, 10_000_000);
        OptionRange.Check(model, this.AttributeWeight, 0, 100);
    }
}

/// <summary>
/// Two networks meet in one space: the item tower reads an item's number and content, the user tower what a shopper did and is. Learned by a
/// softmax over the items of a step and some drawn ones, corrected for the chance with which each stands there. A product that nobody touched
/// is placed by its content.
/// </summary>
/// <remarks>
/// Yi et al.: Sampling-bias-corrected neural modeling for large corpus item recommendations (RecSys 2019); Yang et al.: Mixed negative sampling
/// for learning two-tower neural networks in recommendations (WWW 2020); Covington, Adams, Sargin: Deep neural networks for YouTube
/// recommendations (RecSys 2016); Volkovs, Yu, Poutanen: DropoutNet (NeurIPS 2017).
/// </remarks>
public sealed class TwoTowerTrainer : ITrainer
{
    public const string ModelName = "two-tower";

    private readonly TwoTowerOptions _options;

    public TwoTowerTrainer(TwoTowerOptions? options = null)
    {
        this._options = options ?? new TwoTowerOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.TwoTowerOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var cutter = new TextTerms(this._options.Characters);
        var content = ItemInputs.Content(this.Name, data, cutter, this._options.MinimumItems, this._options.MostTerms, this._options.AttributeWeight, context.Cancellation);
        if (data.UserAttributes is { } told && told.Rows != train.Users)
            throw new ArgumentException($"{this.Name}: there are attributes of {told.Rows} users where there are {train.Users} users; give a row each, an empty one where nothing is known.");
        var examples = HistoryExamples.Of(data, this._options.HistoryLength);
        var network = new TwoTowerNetwork(this._options, train, content, data.UserAttributes);
        var plan = new TrainingPlan
        {
            Model = this.Name,
            Epochs = this._options.Epochs,
            BatchSize = this._options.BatchSize,
            LearningRate = this._options.LearningRate,
            Schedule = LearningSchedule.Linear,
            Seed = this._options.Seed,
        };
        var optimiser = new Adam(network.Parameters, context.Threads, weightDecay: this._options.WeightDecay);
        new TrainingLoop(plan, optimiser, examples.Count).Run(context, (tape, batch) => network.Loss(tape, examples, batch));
        return network.Finish(examples, train.Users, context.Threads);
    }
}
