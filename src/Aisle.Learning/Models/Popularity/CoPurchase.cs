using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>What a rule "who has A takes c" is worth. P is a share of all baskets.</summary>
public enum RuleMeasure
{
    /// <summary>P(c | A): how often it comes true.</summary>
    [JsonStringEnumMemberName("confidence")]
    Confidence,

    /// <summary>P(c | A) / P(c): how much more often than without A.</summary>
    [JsonStringEnumMemberName("lift")]
    Lift,

    /// <summary>P(A and c) − P(A) P(c): the share of baskets that the rule adds to chance. Neither best sellers nor coincidences lead.</summary>
    [JsonStringEnumMemberName("leverage")]
    Leverage,

    /// <summary>(1 − P(c)) / (1 − P(c | A)): how much more often it would fail if A and c had nothing to do with each other.</summary>
    [JsonStringEnumMemberName("conviction")]
    Conviction,
}

/// <summary>Options of <see cref="CoPurchaseTrainer"/>.</summary>
public sealed record CoPurchaseOptions
{
    /// <summary>Share of baskets in which all items of a rule must stand together. 0 to 1, default 0.0002.</summary>
    public double MinSupport { get; init; } = 0.0002;

    /// <summary>Number of baskets in which they must, however few baskets there are. 1 to 1,000,000, default 4.</summary>
    public int MinCount { get; init; } = 4;

    /// <summary>Least confidence of a rule. 0 to 1, default 0.02.</summary>
    public double MinConfidence { get; init; } = 0.02;

    /// <summary>Least lift of a rule: below 1 its items avoid each other. 0 to 1,000,000, default 1.</summary>
    public double MinLift { get; init; } = 1;

    /// <summary>Most items of a rule, the one that it leads to included. 2 to 10, default 2.</summary>
    public int MaxItems { get; init; } = 2;

    /// <summary>Default: leverage.</summary>
    public RuleMeasure Measure { get; init; } = RuleMeasure.Leverage;

    internal void Validate()
    {
        OptionRange.Check(CoPurchaseTrainer.ModelName, this.MinSupport, 0, 1);
        OptionRange.Check(CoPurchaseTrainer.ModelName, this.MinCount, 1, 1_000_000);
        OptionRange.Check(CoPurchaseTrainer.ModelName, this.MinConfidence, 0, 1);
        OptionRange.Check(CoPurchaseTrainer.ModelName, this.MinLift, 0, 1_000_000);
        OptionRange.Check(CoPurchaseTrainer.ModelName, this.MaxItems, 2, 10);
        if (!Enum.IsDefined(this.Measure)) throw new ArgumentException($"{CoPurchaseTrainer.ModelName}: measure is {this.Measure}; allowed are confidence, lift, leverage and conviction.");
    }
}

/// <summary>
/// Rules "who has these items takes that one too", mined from baskets: each row of the interactions is one basket (an order, or all that a
/// shopper ever took), whatever its weights. A candidate is scored by the sum of the rules that lead to it from a shopper's items.
/// </summary>
/// <remarks>Agrawal, Imieliński, Swami: Mining association rules between sets of items in large databases (SIGMOD 1993). Brin, Motwani, Ullman, Tsur: Dynamic itemset counting (SIGMOD 1997), for lift and conviction.</remarks>
public sealed class CoPurchaseTrainer : ITrainer
{
    public const string ModelName = "co-purchase";

    private readonly CoPurchaseOptions _options;

    public CoPurchaseTrainer(CoPurchaseOptions? options = null)
    {
        this._options = options ?? new CoPurchaseOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.CoPurchaseOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        return new CoPurchaseModel(train, this.Mine(train, context), this._options);
    }

    internal CoPurchaseRules Mine(Interactions baskets, FitContext context) => Mine(baskets, this._options, context);

    internal static CoPurchaseRules Mine(Interactions baskets, CoPurchaseOptions options, FitContext context)
    {
        // Baskets without an item are users who did nothing, not shoppers who took nothing.
        var filled = Enumerable.Range(0, baskets.Users).Count(basket => baskets.CountOf(basket) > 0);
        var least = Math.Max(options.MinCount, (int)Math.Ceiling((options.MinSupport * filled) - 1e-9));
        var sets = FrequentItemsets.Mine(ModelName, baskets, least, options.MaxItems, context);
        return CoPurchaseRules.From(sets, filled, baskets.Items, options.MinConfidence, options.MinLift);
    }
}
