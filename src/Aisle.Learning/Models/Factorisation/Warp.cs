using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="WarpTrainer"/>.</summary>
public sealed record WarpOptions
{
    /// <summary>Numbers per user and item. 1 to 2,047, default 64.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>Passes over all interactions. 1 to 10,000, default 50.</summary>
    public int Epochs { get; init; } = 50;

    /// <summary>Of the first epoch; it falls in a straight line to nothing. 1e-6 to 10, default 0.1.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>λ of users and items alike, applied at each step. 0 to 10, default 0.01.</summary>
    public double Regularization { get; init; } = 0.01;

    /// <summary>Items drawn at most for each interaction in search of one that ranks too near. 1 to 10,000, default 30.</summary>
    public int Trials { get; init; } = 30;

    /// <summary>Whether items have a number of their own beside their factors. Default: no.</summary>
    public bool ItemBias { get; init; }

    /// <summary>Seed of the random start and of every draw. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check(WarpTrainer.ModelName, this.Factors, 1, 2047);
        OptionRange.Check(WarpTrainer.ModelName, this.Epochs, 1, 10_000);
        OptionRange.Check(WarpTrainer.ModelName, this.LearningRate, 1e-6, 10);
        OptionRange.Check(WarpTrainer.ModelName, this.Regularization, 0, 10);
        OptionRange.Check(WarpTrainer.ModelName, this.Trials, 1, 10_000);
    }
}

/// <summary>
/// Weighted approximate-rank pairwise loss: for an observed item, unobserved ones are drawn until one scores within a margin of 1; how many draws that
/// took estimates the item's rank r, and the step is weighted by log(1 + r), here as a share of that of the last rank.
/// </summary>
/// <remarks>Weston, Bengio, Usunier: WSABIE: Scaling up to large vocabulary image annotation (IJCAI 2011); log(1 + r) stands for its sum of 1/i up to r.</remarks>
public sealed class WarpTrainer : ITrainer
{
    public const string ModelName = "warp";

    private readonly WarpOptions _options;

    public WarpTrainer(WarpOptions? options = null)
    {
        this._options = options ?? new WarpOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.WarpOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var settings = new SampledSettings
        {
            Model = this.Name,
            Loss = SampledLoss.RankWeighted,
            Factors = this._options.Factors,
            Epochs = this._options.Epochs,
            LearningRate = (float)this._options.LearningRate,
            UserRegularization = (float)this._options.Regularization,
            ItemRegularization = (float)this._options.Regularization,
            Draws = this._options.Trials,
            HasItemBias = this._options.ItemBias,
            Seed = this._options.Seed,
        };
        return SampledFactorisation.Fit(settings, train, context);
    }
}
