using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="SvdPlusPlusTrainer"/>. Ratings are brought to a standard deviation of 1 first, so the scale of the ratings does not matter.</summary>
public sealed record SvdPlusPlusOptions
{
    /// <summary>Numbers per user and item, beside their biases. 1 to 1,024, default 64.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>Passes over the ratings. 1 to 1,000, default 60.</summary>
    public int Epochs { get; init; } = 60;

    /// <summary>λ: strength of regularisation of the factors, once for every rating of the user or item. 1e-6 to 100, default 0.09.</summary>
    public double Regularization { get; init; } = 0.09;

    /// <summary>λ_b: the same for the biases. 1e-6 to 100, default 0.05.</summary>
    public double BiasRegularization { get; init; } = 0.05;

    /// <summary>Step at the first pass. 1e-5 to 1, default 0.015.</summary>
    public double LearningRate { get; init; } = 0.015;

    /// <summary>What the step is multiplied by after each pass. 0.1 to 1, default 0.97.</summary>
    public double LearningRateDecay { get; init; } = 0.97;

    /// <summary>Seed of the random start. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check(SvdPlusPlusTrainer.ModelName, this.Factors, 1, 1024);
        OptionRange.Check(SvdPlusPlusTrainer.ModelName, this.Epochs, 1, 1000);
        OptionRange.Check(SvdPlusPlusTrainer.ModelName, this.Regularization, 1e-6, 100);
        OptionRange.Check(SvdPlusPlusTrainer.ModelName, this.BiasRegularization, 1e-6, 100);
        OptionRange.Check(SvdPlusPlusTrainer.ModelName, this.LearningRate, 1e-5, 1);
        OptionRange.Check(SvdPlusPlusTrainer.ModelName, this.LearningRateDecay, 0.1, 1);
    }
}

/// <summary>
/// SVD++: matrix factorisation with biases in which what a user chose to rate says something of them as well, whatever the ratings:
/// r = μ + b_u + b_i + q_i·(p_u + |N(u)|^-½ Σ_{j ∈ N(u)} y_j), by stochastic gradient descent.
/// </summary>
/// <remarks>Koren: Factorization meets the neighborhood: a multifaceted collaborative filtering model (KDD 2008).</remarks>
public sealed class SvdPlusPlusTrainer : ITrainer
{
    public const string ModelName = "svdpp";

    private readonly SvdPlusPlusOptions _options;

    public SvdPlusPlusTrainer(SvdPlusPlusOptions? options = null)
    {
        this._options = options ?? new SvdPlusPlusOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.SvdPlusPlusOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var ridge = RatingRidge.Of(this._options.Regularization, this._options.BiasRegularization);
        var settings = new RatingDescentSettings(
            this.Name,
            this._options.Factors,
            this._options.Epochs,
            (float)this._options.LearningRate,
            (float)this._options.LearningRateDecay,
            ridge.Factors,
            ridge.Biases,
            true,
            this._options.Seed);
        return RatingFactorsModel.Of(this.Name, train, RatingDescent.Fit(train, settings, context), ridge);
    }

    internal static RatingFactorsModel Load(Stream stream) => RatingFactorsModel.Load(ModelName, stream);
}
