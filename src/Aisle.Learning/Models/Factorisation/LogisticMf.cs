using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="LogisticMfTrainer"/>.</summary>
public sealed record LogisticMfOptions
{
    /// <summary>Numbers per user and item. 1 to 2,047, default 64.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>Passes over all interactions. 1 to 10,000, default 50.</summary>
    public int Epochs { get; init; } = 50;

    /// <summary>Of the first epoch; it falls in a straight line to nothing. 1e-6 to 10, default 0.1.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>λ of an item, applied whenever it is observed or drawn. 0 to 10, default 0.02.</summary>
    public double Regularization { get; init; } = 0.02;

    /// <summary>λ of a user, applied once for each interaction together with its draws. 0 to 10; default 0 takes <see cref="Regularization"/>.</summary>
    public double UserRegularization { get; init; }

    /// <summary>Items drawn for each interaction, each a nought beside its one. 1 to 1,000, default 10.</summary>
    public int Negatives { get; init; } = 10;

    /// <summary>Whether items that the user touched are drawn like the others: the ones then stand beside a nought in every cell. Default: no.</summary>
    public bool DrawObserved { get; init; }

    /// <summary>β: items are drawn by popularity^β; 0 = all alike. 0 to 2, default 0.</summary>
    public double PopularityExponent { get; init; }

    /// <summary>Whether items have a number of their own beside their factors, as published. Default: yes.</summary>
    public bool ItemBias { get; init; } = true;

    /// <summary>Standard deviation of the random start. 0 to 1; default 0 takes 0.1 / √factors.</summary>
    public double StartScale { get; init; }

    /// <summary>Seed of the random start and of every draw. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check(LogisticMfTrainer.ModelName, this.Factors, 1, 2047);
        OptionRange.Check(LogisticMfTrainer.ModelName, this.Epochs, 1, 10_000);
        OptionRange.Check(LogisticMfTrainer.ModelName, this.LearningRate, 1e-6, 10);
        OptionRange.Check(LogisticMfTrainer.ModelName, this.Regularization, 0, 10);
        OptionRange.Check(LogisticMfTrainer.ModelName, this.UserRegularization, 0, 10);
        OptionRange.Check(LogisticMfTrainer.ModelName, this.StartScale, 0, 1);
        OptionRange.Check(LogisticMfTrainer.ModelName, this.Negatives, 1, 1000);
        OptionRange.Check(LogisticMfTrainer.ModelName, this.PopularityExponent, 0, 2);
    }
}

/// <summary>
/// Logistic matrix factorisation: gradient steps on −log₂(1 + w)·ln σ(x_u·y_i) for an observed item of weight w and −ln(1 − σ(x_u·y_j)) for
/// each unobserved one drawn beside it.
/// </summary>
/// <remarks>
/// Johnson: Logistic matrix factorization for implicit feedback data (NIPS workshop 2014). There all unobserved cells count and w is scaled by α; here
/// the number of items drawn sets that balance. Users have no bias: it would shift all items of a user alike.
/// </remarks>
public sealed class LogisticMfTrainer : ITrainer
{
    public const string ModelName = "logistic-mf";

    private readonly LogisticMfOptions _options;

    public LogisticMfTrainer(LogisticMfOptions? options = null)
    {
        this._options = options ?? new LogisticMfOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.LogisticMfOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var settings = new SampledSettings
        {
            Model = this.Name,
            Loss = SampledLoss.Logistic,
            Factors = this._options.Factors,
            Epochs = this._options.Epochs,
            LearningRate = (float)this._options.LearningRate,
            UserRegularization = (float)(this._options.UserRegularization > 0 ? this._options.UserRegularization : this._options.Regularization),
            ItemRegularization = (float)this._options.Regularization,
            Draws = this._options.Negatives,
            DrawsObserved = this._options.DrawObserved,
            StartScale = (float)this._options.StartScale,
            PopularityExponent = (float)this._options.PopularityExponent,
            HasItemBias = this._options.ItemBias,
            Seed = this._options.Seed,
        };
        return SampledFactorisation.Fit(settings, train, context);
    }
}
