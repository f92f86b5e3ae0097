using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Which unobserved items <see cref="BprTrainer"/> compares an observed one with.</summary>
public enum BprSampler
{
    /// <summary>All alike.</summary>
    [JsonStringEnumMemberName("uniform")]
    Uniform,

    /// <summary>By popularity^β.</summary>
    [JsonStringEnumMemberName("popularity")]
    Popularity,

    /// <summary>The best-scored of several drawn alike: what the model now ranks wrongly.</summary>
    [JsonStringEnumMemberName("hardest")]
    Hardest,
}

/// <summary>How the learning rate of <see cref="BprTrainer"/> goes on.</summary>
public enum RateSchedule
{
    /// <summary>Falls in a straight line, to nothing after the last epoch.</summary>
    [JsonStringEnumMemberName("linear")]
    Linear,

    [JsonStringEnumMemberName("constant")]
    Constant,
}

/// <summary>Options of <see cref="BprTrainer"/>.</summary>
public sealed record BprOptions
{
    /// <summary>Numbers per user and item. 1 to 2,047, default 64.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>Passes over all interactions. 1 to 10,000, default 50.</summary>
    public int Epochs { get; init; } = 50;

    /// <summary>Of the first epoch. 1e-6 to 10, default 0.1.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Default: linear.</summary>
    public RateSchedule Schedule { get; init; } = RateSchedule.Linear;

    /// <summary>λ of users and items alike, applied at each step. 0 to 10, default 0.01.</summary>
    public double Regularization { get; init; } = 0.01;

    /// <summary>Default: hardest.</summary>
    public BprSampler Sampler { get; init; } = BprSampler.Hardest;

    /// <summary>
    /// Items drawn for each interaction. The hardest sampler keeps the best-scored of them; the others compare with all of them at once
    /// (a softmax; with 1 it is BPR as published). 1 to 1,000, default 8.
    /// </summary>
    public int Negatives { get; init; } = 8;

    /// <summary>β of the popularity sampler; ignored by the others. 0 to 2, default 0.75.</summary>
    public double PopularityExponent { get; init; } = 0.75;

    /// <summary>Whether items have a number of their own beside their factors. Default: no.</summary>
    public bool ItemBias { get; init; }

    /// <summary>Seed of the random start and of every draw. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check(BprTrainer.ModelName, this.Factors, 1, 2047);
        OptionRange.Check(BprTrainer.ModelName, this.Epochs, 1, 10_000);
        OptionRange.Check(BprTrainer.ModelName, this.LearningRate, 1e-6, 10);
        OptionRange.Check(BprTrainer.ModelName, this.Regularization, 0, 10);
        OptionRange.Check(BprTrainer.ModelName, this.Negatives, 1, 1000);
        OptionRange.Check(BprTrainer.ModelName, this.PopularityExponent, 0, 2);
        if (!Enum.IsDefined(this.Schedule)) throw new ArgumentException($"{BprTrainer.ModelName}: schedule is {this.Schedule}; allowed are linear and constant.");
        if (!Enum.IsDefined(this.Sampler)) throw new ArgumentException($"{BprTrainer.ModelName}: sampler is {this.Sampler}; allowed are uniform, popularity and hardest.");
    }
}

/// <summary>
/// Bayesian personalised ranking: gradient steps on −ln σ(x_u·y_i − x_u·y_j) for an observed item i and a drawn unobserved item j.
/// </summary>
/// <remarks>
/// Rendle, Freudenthaler, Gantner, Schmidt-Thieme: BPR: Bayesian personalized ranking from implicit feedback (UAI 2009). The hardest sampler:
/// Zhang, Chen, Wang, Yu: Optimizing top-N collaborative filtering via dynamic negative item sampling (SIGIR 2013).
/// </remarks>
public sealed class BprTrainer : ITrainer
{
    public const string ModelName = "bpr";

    private readonly BprOptions _options;

    public BprTrainer(BprOptions? options = null)
    {
        this._options = options ?? new BprOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.BprOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var settings = new SampledSettings
        {
            Model = this.Name,
            Loss = this._options.Sampler == BprSampler.Hardest ? SampledLoss.Hardest : SampledLoss.Softmax,
            Factors = this._options.Factors,
            Epochs = this._options.Epochs,
            LearningRate = (float)this._options.LearningRate,
            IsRateConstant = this._options.Schedule == RateSchedule.Constant,
            UserRegularization = (float)this._options.Regularization,
            ItemRegularization = (float)this._options.Regularization,
            Draws = this._options.Negatives,
            PopularityExponent = this._options.Sampler == BprSampler.Popularity ? (float)this._options.PopularityExponent : 0f,
            HasItemBias = this._options.ItemBias,
            Seed = this._options.Seed,
        };
        return SampledFactorisation.Fit(settings, train, context);
    }
}
