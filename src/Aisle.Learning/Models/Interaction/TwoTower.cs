using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="TwoTowerTrainer"/>.</summary>
public sealed record TwoTowerOptions : HistoryNetworkOptions
{
    public TwoTowerOptions()
    {
        this.Dropout = 0.1;
        this.Epochs = 8;
        this.BatchSize = 512;
    }

    /// <summary>Numbers per shopper and item. 1 to 1,024, default 64.</summary>
    public int Dimensions { get; init; } = 64;

    /// <summary>Width of the dense layer of each tower; 0: none, both towers are linear. 0 to 4,096, default 0.</summary>
    public int Hidden { get; init; }

    /// <summary>Items drawn for each step beside those that its shoppers took up; where there are no more, all are compared. 0 to 1,000,000, default 2,000.</summary>
    public int Negatives { get; init; } = 2000;

    /// <summary>What cosines are divided by. 0.01 to 1, default 0.1.</summary>
    public double Temperature { get; init; } = 0.1;

    /// <summary>Adds runs of three to five characters to the words of items. Default false.</summary>
    public bool Characters { get; init; }

    /// <summary>Weight of an item's attributes beside 1 for its texts. 0 to 100, default 1.</summary>
    public double AttributeWeight { get; init; } = 1;

    internal void Validate()
    {
        const string model = TwoTowerTrainer.ModelName;
        this.ValidateShared(model, longestHistory: 10_000);
        OptionRange.Check(model, this.Dimensions, 1, 1024);
        OptionRange.Check(model, this.Hidden, 0, 4096);
        OptionRange.Check(model, this.Negatives, 0, 1_000_000);
        OptionRange.Check(model, this.Temperature, 0.01, 1);
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
        TrainingInput.Check(this.Name, data, context);
        var holdOut = this._options.HoldOut(this.Name, data);
        var learned = holdOut?.Train ?? data;
        var train = learned.Interactions;
        var cutter = new TextTerms(this._options.Characters);
        var content = ItemInputs.Content(this.Name, data, cutter, this._options.MinimumItems, this._options.MostTerms, this._options.AttributeWeight, context.Cancellation);
        if (data.UserAttributes is { } told && told.Rows != train.Users)
            throw new ArgumentException($"{this.Name}: there are attributes of {told.Rows} users where there are {train.Users} users; give a row each, an empty one where nothing is known.");
        var examples = HistoryExamples.Of(learned, this._options.HistoryLength);
        var network = new TwoTowerNetwork(this._options, train, content, data.UserAttributes);
        var optimiser = new Adam(network.Parameters, context.Threads, weightDecay: this._options.WeightDecay);
        new TrainingLoop(this._options.Plan(this.Name), optimiser, examples.Count).Run(
            context, (tape, batch) => network.Loss(tape, examples, batch), holdOut is null ? null : () => holdOut.Quality(network.Finish(examples, train.Users, context.Threads), context));
        return network.Finish(holdOut is null ? examples : HistoryExamples.Of(data, this._options.HistoryLength), train.Users, context.Threads);
    }
}
