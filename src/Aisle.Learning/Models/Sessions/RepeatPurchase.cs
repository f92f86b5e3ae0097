using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="RepeatPurchaseTrainer"/>.</summary>
public sealed record RepeatPurchaseOptions
{
    /// <summary>How many customers of an item the overall share of repeat customers is worth beside its own. 0.01 to 1,000,000, default 10.</summary>
    public double ItemShrinkage { get; init; } = 10;

    /// <summary>How many repeats, or intervals, of a shopper's own the item's are worth beside them. 0.01 to 1,000,000, default 2.</summary>
    public double UserShrinkage { get; init; } = 2;

    /// <summary>How many intervals of an item those of all items are worth beside them. 0.01 to 1,000,000, default 5.</summary>
    public double IntervalShrinkage { get; init; } = 5;

    /// <summary>Events of an item that are less than this many days apart are one purchase. Ignored where there are no times. 0.001 to 1,000, default 0.5.</summary>
    public double SamePurchaseDays { get; init; } = 0.5;

    internal void Validate()
    {
        OptionRange.Check(RepeatPurchaseTrainer.ModelName, this.ItemShrinkage, 0.01, 1_000_000);
        OptionRange.Check(RepeatPurchaseTrainer.ModelName, this.UserShrinkage, 0.01, 1_000_000);
        OptionRange.Check(RepeatPurchaseTrainer.ModelName, this.IntervalShrinkage, 0.01, 1_000_000);
        OptionRange.Check(RepeatPurchaseTrainer.ModelName, this.SamePurchaseDays, 0.001, 1_000);
    }
}

/// <summary>
/// What a shopper is due to buy again: only what they bought already is scored. An item that they bought k times, last t ago, scores the
/// rate at which it is bought again just now, given that it has not been since: p · f(t) / (1 − p · F(t)). p is the
/// probability of buying again: the item's share of repeat customers, shrunk to that of all items and raised by the shopper's own k − 1
/// repeats. f and F are a log-normal density and distribution of the time between purchases, its mean that of the item (shrunk to all)
/// and of the shopper's own intervals. Where times are unknown the score is p.
/// </summary>
/// <remarks>
/// Bhagat, Muralidharan, Lobzhanidze, Vishwanath: Buy it again: modeling repeat purchase recommendations (KDD 2018): the repeat customer
/// probability and the log-normal times between purchases are theirs, the shrinkage and the conditioning on what has not happened yet are not.
/// </remarks>
public sealed class RepeatPurchaseTrainer : ITrainer
{
    public const string ModelName = "repeat-purchase";

    private readonly RepeatPurchaseOptions _options;

    public RepeatPurchaseTrainer(RepeatPurchaseOptions? options = null)
    {
        this._options = options ?? new RepeatPurchaseOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.RepeatPurchaseOptions);

    /// <summary>Without times, time is counted in events of the shopper.</summary>
    public IModel Fit(Dataset data, FitContext context)
    {
        TrainingInput.Check(this.Name, data, context);
        var model = new RepeatPurchaseModel(this._options, TrainingInput.CheckOrder(this.Name, data));
        context.Progress?.Report(new TrainingStep(this.Name, "intervals", 1, 1));
        return model;
    }
}
