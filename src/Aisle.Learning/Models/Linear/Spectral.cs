using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="SpectralTrainer"/>.</summary>
public sealed record SpectralOptions
{
    /// <summary>Singular vectors that the ideal low-pass filter lets through. 1 to 2,048, default 256.</summary>
    public int Factors { get; init; } = 256;

    /// <summary>β: weight of the ideal low-pass filter beside the linear one. 0 to 10, default 0.3.</summary>
    public double LowPassWeight { get; init; } = 0.3;

    /// <summary>a: a user of n interactions counts n^−2a. 0 to 1, default 0.35; 0.5 is GF-CF.</summary>
    public double UserExponent { get; init; } = 0.35;

    /// <summary>b: an item's entries count n^−b. 0 to 1, default and GF-CF 0.5.</summary>
    public double ItemExponent { get; init; } = 0.5;

    /// <summary>T: how far the smoothed signal y is sharpened again, by dy/dt = −L y up to t = T. 0 to 10, default 0 (GF-CF); BSPM has 2.5 on gowalla.</summary>
    public double Sharpening { get; init; }

    /// <summary>Runge–Kutta steps of the sharpening, each of length T / steps. 1 to 20, default 1.</summary>
    public int SharpeningSteps { get; init; } = 1;

    /// <summary>Rounds of subspace iteration for the singular vectors. 1 to 100, default 6.</summary>
    public int Rounds { get; init; } = 6;

    /// <summary>Seed of the random start. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>A Runge–Kutta step of the fourth order shrinks every frequency up to this length.</summary>
    private const double StableStep = 2.785;

    internal void Validate()
    {
        OptionRange.Check(SpectralTrainer.ModelName, this.Factors, 1, 2048);
        OptionRange.Check(SpectralTrainer.ModelName, this.LowPassWeight, 0, 10);
        OptionRange.Check(SpectralTrainer.ModelName, this.UserExponent, 0, 1);
        OptionRange.Check(SpectralTrainer.ModelName, this.ItemExponent, 0, 1);
        OptionRange.Check(SpectralTrainer.ModelName, this.Sharpening, 0, 10);
        OptionRange.Check(SpectralTrainer.ModelName, this.SharpeningSteps, 1, 20);
        OptionRange.Check(SpectralTrainer.ModelName, this.Rounds, 1, 100);
        if (this.Sharpening > StableStep * this.SharpeningSteps)
            throw new ArgumentException($"{SpectralTrainer.ModelName}: sharpening {this.Sharpening} in {this.SharpeningSteps} steps overshoots; give at least {Math.Ceiling(this.Sharpening / StableStep)} sharpeningSteps.");
    }
}

/// <summary>
/// A graph filter over the items: with R̃ = D_u^−a R D_i^−b, scaled to largest singular value 1, and L = R̃ᵀR̃, a shopper's signal r is
/// smoothed by the linear and the ideal low-pass filter, y₀ = L r + β D_i^b V Vᵀ D_i^−b r, V holding L's largest eigenvectors; that is
/// GF-CF. With T &gt; 0, y₀ is sharpened as BSPM does (early merge): e^{−T L} y₀, by Runge–Kutta steps of the fourth order.
/// </summary>
/// <remarks>
/// Shen, Wu, Zhang, Shan, Zhang, Letaief, Li: How powerful is graph convolution for recommendation? (CIKM 2021). Choi, Hong, Park, Cho:
/// Blurring-sharpening process models for collaborative filtering (SIGIR 2023).
/// </remarks>
public sealed class SpectralTrainer : ITrainer
{
    public const string ModelName = "spectral";

    private readonly SpectralOptions _options;

    public SpectralTrainer(SpectralOptions? options = null)
    {
        this._options = options ?? new SpectralOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.SpectralOptions);

    /// <summary>Products are formed row by row and summed in a fixed order, whatever the thread count.</summary>
    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var graph = new SpectralGraph(train, (float)this._options.UserExponent, (float)this._options.ItemExponent);
        var found = TopSingularVectors.Compute(
            graph.ByUser,
            graph.ByItem,
            Math.Min(this._options.Factors, train.Items),
            this._options.Rounds,
            this._options.Seed,
            context.Threads,
            round => context.Progress?.Report(new TrainingStep(this.Name, "round", round, this._options.Rounds)),
            context.Cancellation);

        var gains = Array.ConvertAll(found.Squares, square => square > 0 ? (float)this._options.LowPassWeight : 0f);
        return new SpectralModel(train, graph, found.Vectors, gains, 1f / found.Squares[0], new Sharpening((float)this._options.Sharpening, this._options.SharpeningSteps));
    }
}

/// <summary>How far a signal is sharpened, and in how many steps.</summary>
internal readonly record struct Sharpening(float Time, int Steps);

/// <summary>R̃ from both sides.</summary>
internal sealed class SpectralGraph
{
    public SpectralGraph(Interactions train, float userExponent, float itemExponent)
    {
        this.UserExponent = userExponent;
        this.ItemExponent = itemExponent;
        this.ItemTotals = new double[train.Items];
        for (var user = 0; user < train.Users; user++)
        {
            for (var i = 0; i < train.CountOf(user); i++) this.ItemTotals[train.ItemsOf(user)[i]] += train.WeightsOf(user)[i];
        }

        var weights = new float[train.Count];
        for (int user = 0, at = 0; user < train.Users; user++)
        {
            var total = 0.0;
            foreach (var weight in train.WeightsOf(user)) total += weight;
            for (var i = 0; i < train.CountOf(user); i++, at++)
                weights[at] = (float)(train.WeightsOf(user)[i] * Math.Pow(total, -userExponent) * Math.Pow(this.ItemTotals[train.ItemsOf(user)[i]], -itemExponent));
        }

        this.ByUser = train.WithWeights(weights);
        this.ByItem = this.ByUser.Transpose();
    }

    public float UserExponent { get; }

    public float ItemExponent { get; }

    /// <summary>Summed weights per item.</summary>
    public double[] ItemTotals { get; }

    public Interactions ByUser { get; }

    public Interactions ByItem { get; }
}
