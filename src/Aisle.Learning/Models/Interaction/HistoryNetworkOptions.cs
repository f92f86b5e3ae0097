using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>Options that the networks have in common which read a history beside an item: din, two-tower, click-model.</summary>
public abstract record HistoryNetworkOptions
{
    private const int HoldOutUsers = 500;

    private const double HoldOutShare = 0.1;

    /// <summary>Most events of a history that are read. 1 to 1,000, of two-tower 10,000; default 50.</summary>
    public int HistoryLength { get; init; } = 50;

    /// <summary>Chance that an item that is told of is known in a step by its content alone. 0 to 1, default 0.2, of click-model 0.1.</summary>
    public double IdDropout { get; init; } = 0.2;

    /// <summary>Share dropped behind dense layers; of two-tower, of what goes into the user tower. 0 to 0.9, default 0, of two-tower 0.1.</summary>
    public double Dropout { get; init; }

    /// <summary>Passes over all examples. 1 to 1,000, default 10, of two-tower 8, of click-model 5.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>
    /// Epochs after which training stops if a hold-out got no better: a tenth of what 500 users did, the latest where the order is known, which is then not
    /// learned from. 0 trains all epochs on everything. 0 to 1,000, default 0.
    /// </summary>
    public int Patience { get; init; }

    /// <summary>Examples to a step. 1 to 65,536, default 128, of two-tower 512, of click-model 256.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>The optimiser's rate in the first step; it falls in a straight line to nothing. 1e-6 to 1, default 0.003.</summary>
    public double LearningRate { get; init; } = 0.003;

    /// <summary>Share of itself that a weight loses with each step that moves it, over the rate. 0 to 10, default 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Terms of the texts that stand in fewer items are left out. 1 to 1,000, default 2.</summary>
    public int MinimumItems { get; init; } = 2;

    /// <summary>Most terms kept, the rarest leaving first. 100 to 10,000,000, default 50,000, of click-model 20,000.</summary>
    public int MostTerms { get; init; } = 50_000;

    /// <summary>Seed of the start and of every draw. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>What is held out to know when to stop; null where all epochs are trained on everything.</summary>
    internal InnerHoldOut? HoldOut(string model, Dataset data) =>
        this.Patience == 0 ? null : InnerHoldOut.Of(model, data, HoldOutUsers, HoldOutShare, HoldOutChoice.Auto, this.Seed);

    internal TrainingPlan Plan(string model) => new()
    {
        Model = model,
        Epochs = this.Epochs,
        BatchSize = this.BatchSize,
        LearningRate = this.LearningRate,
        Schedule = LearningSchedule.Linear,
        Patience = this.Patience,
        Seed = this.Seed,
    };

    private protected void ValidateShared(string model, int longestHistory = 1000)
    {
        OptionRange.Check(model, this.HistoryLength, 1, longestHistory);
        OptionRange.Check(model, this.IdDropout, 0, 1);
        OptionRange.Check(model, this.Dropout, 0, 0.9);
        OptionRange.Check(model, this.Epochs, 1, 1000);
        OptionRange.Check(model, this.Patience, 0, 1000);
        OptionRange.Check(model, this.BatchSize, 1, 65_536);
        OptionRange.Check(model, this.LearningRate, 1e-6, 1);
        OptionRange.Check(model, this.WeightDecay, 0, 10);
        OptionRange.Check(model, this.MinimumItems, 1, 1000);
        OptionRange.Check(model, this.MostTerms, 100, 10_000_000);
    }
}
