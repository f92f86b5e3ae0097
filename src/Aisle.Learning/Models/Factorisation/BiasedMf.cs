using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>How <see cref="BiasedMfTrainer"/> minimises.</summary>
public enum BiasedMfSolver
{
    /// <summary>Stochastic gradient descent.</summary>
    [JsonStringEnumMemberName("sgd")]
    GradientDescent,

    /// <summary>Alternating least squares: each user and item exactly, in turn.</summary>
    [JsonStringEnumMemberName("als")]
    AlternatingLeastSquares,
}

/// <summary>Options of <see cref="BiasedMfTrainer"/>. Ratings are brought to a standard deviation of 1 first, so the scale of the ratings does not matter.</summary>
public sealed record BiasedMfOptions
{
    /// <summary>Numbers per user and item, beside their biases. 1 to 1,024, default 64.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>Default: gradient descent.</summary>
    public BiasedMfSolver Solver { get; init; } = BiasedMfSolver.GradientDescent;

    /// <summary>Passes over the ratings. 1 to 1,000; default 0 chooses 60 with gradient descent, 15 with least squares.</summary>
    public int Iterations { get; init; }

    /// <summary>λ: strength of regularisation of the factors, once for every rating of the user or item. 1e-6 to 100, default 0.1.</summary>
    public double Regularization { get; init; } = 0.1;

    /// <summary>λ_b: the same for the biases. 1e-6 to 100, default 0.05.</summary>
    public double BiasRegularization { get; init; } = 0.05;

    /// <summary>Step of gradient descent at the first pass. 1e-5 to 1, default 0.02.</summary>
    public double LearningRate { get; init; } = 0.02;

    /// <summary>What the step is multiplied by after each pass. 0.1 to 1, default 0.97.</summary>
    public double LearningRateDecay { get; init; } = 0.97;

    /// <summary>Seed of the random start. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal int Passes => this.Iterations > 0 ? this.Iterations : this.Solver == BiasedMfSolver.GradientDescent ? 60 : 15;

    internal void Validate()
    {
        OptionRange.Check(BiasedMfTrainer.ModelName, this.Factors, 1, 1024);
        OptionRange.Check(BiasedMfTrainer.ModelName, this.Iterations, 0, 1000);
        OptionRange.Check(BiasedMfTrainer.ModelName, this.Regularization, 1e-6, 100);
        OptionRange.Check(BiasedMfTrainer.ModelName, this.BiasRegularization, 1e-6, 100);
        OptionRange.Check(BiasedMfTrainer.ModelName, this.LearningRate, 1e-5, 1);
        OptionRange.Check(BiasedMfTrainer.ModelName, this.LearningRateDecay, 0.1, 1);
        if (!Enum.IsDefined(this.Solver)) throw new ArgumentException($"{BiasedMfTrainer.ModelName}: solver is {this.Solver}; allowed are sgd and als.");
    }
}

/// <summary>
/// Matrix factorisation with biases for explicit ratings: minimises Σ (r − μ − b_u − b_i − p_u·q_i)² + λ (|p_u|² + |q_i|²) + λ_b (b_u² + b_i²)
/// over the ratings.
/// </summary>
/// <remarks>
/// Koren, Bell, Volinsky: Matrix factorization techniques for recommender systems (Computer 2009). Least squares with λ times the number
/// of ratings: Zhou, Wilkinson, Schreiber, Pan: Large-scale parallel collaborative filtering for the Netflix prize (AAIM 2008).
/// </remarks>
public sealed class BiasedMfTrainer : ITrainer
{
    public const string ModelName = "biased-mf";

    /// <summary>Rows that a thread takes at a time.</summary>
    private const int Grain = 32;

    private readonly BiasedMfOptions _options;

    public BiasedMfTrainer(BiasedMfOptions? options = null)
    {
        this._options = options ?? new BiasedMfOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.BiasedMfOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var ridge = RatingRidge.Of(this._options.Regularization, this._options.BiasRegularization);
        var fitted = this._options.Solver == BiasedMfSolver.AlternatingLeastSquares ? this.Alternate(train, ridge, context) : RatingDescent.Fit(
            train,
            new RatingDescentSettings(
                this.Name, this._options.Factors, this._options.Passes, (float)this._options.LearningRate, (float)this._options.LearningRateDecay, ridge.Factors, ridge.Biases, false, this._options.Seed),
            context);
        return RatingFactorsModel.Of(this.Name, train, fitted, ridge);
    }

    internal static RatingFactorsModel Load(Stream stream) => RatingFactorsModel.Load(ModelName, stream);

    /// <summary>Each row is solved from the other side alone, so neither threads nor order change the result.</summary>
    private RatingFactors Alternate(Interactions train, RatingRidge ridge, FitContext context)
    {
        var byItem = train.Transpose();
        var scale = RatingScale.Of(train);
        var users = new FactorMatrix(train.Users, this._options.Factors + 1);
        var items = new FactorMatrix(train.Items, this._options.Factors + 1);
        var userBiases = new float[train.Users];
        var itemBiases = new float[train.Items];
        var random = new RandomStream(this._options.Seed);
        for (var item = 0; item < train.Items; item++)
        {
            foreach (ref var value in items.Values(item)) value = 0.1f / MathF.Sqrt(this._options.Factors) * random.Normal();
            items.Values(item)[^1] = ridge.Constant;
        }

        for (var iteration = 1; iteration <= this._options.Passes; iteration++)
        {
            SolveRows(train, scale, ridge, items, itemBiases, users, userBiases, context);
            SolveRows(byItem, scale, ridge, users, userBiases, items, itemBiases, context);
            context.Progress?.Report(new TrainingStep(this.Name, "iteration", iteration, this._options.Passes));
        }

        // The items moved last; users are solved against them once more, as a shopper is who comes later.
        SolveRows(train, scale, ridge, items, itemBiases, users, userBiases, context);
        foreach (var item in Enumerable.Range(0, train.Items).Where(item => byItem.CountOf(item) == 0)) items.Values(item).Clear();
        return new RatingFactors(scale, this._options.Factors, users, userBiases, items, itemBiases, null);
    }

    /// <summary>Solves factors and bias of each row; afterwards the last number of a row is κ again, ready for solving the other side.</summary>
    private static unsafe void SolveRows(
        Interactions rows, RatingScale scale, RatingRidge ridge, FactorMatrix source, float[] sourceBiases, FactorMatrix target, float[] targetBiases, FitContext context)
    {
        var scratches = new AlignedFloats?[context.Threads];
        ParallelRows.Run(
            context.Threads,
            rows.Users,
            Grain,
            (worker, first, end) =>
            {
                var scratch = scratches[worker] ??= new AlignedFloats(RidgeRegression.ScratchLength(source.Stride));
                for (var row = first; row < end; row++)
                {
                    var indices = rows.ItemsOf(row);
                    if (indices.IsEmpty) continue;
                    var targets = rows.WeightsOf(row).ToArray();
                    for (var i = 0; i < targets.Length; i++) targets[i] = scale.Shrink(targets[i]) - sourceBiases[indices[i]];
                    if (!RidgeRegression.Solve(ridge.For(targets.Length), source, indices, targets, target.Row(row), scratch.Pointer))
                        throw RatingFactorsModel.TooWeak(ModelName);
                    targetBiases[row] = target.Values(row)[^1] * ridge.Constant;
                    target.Values(row)[^1] = ridge.Constant;
                }
            },
            context.Cancellation);
    }
}
