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

    /// <summary>T: how far the smoothed signal is sharpened again: each frequency x is damped by (1 − T x / steps)^steps. 0 to 10, default 0 (GF-CF).</summary>
    public double Sharpening { get; init; }

    /// <summary>Euler steps of the sharpening. 1 to 100, default 4.</summary>
    public int SharpeningSteps { get; init; } = 4;

    /// <summary>Rounds of subspace iteration for the singular vectors. 1 to 100, default 6.</summary>
    public int Rounds { get; init; } = 6;

    /// <summary>Seed of the random start. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check(SpectralTrainer.ModelName, this.Factors, 1, 2048);
        OptionRange.Check(SpectralTrainer.ModelName, this.LowPassWeight, 0, 10);
        OptionRange.Check(SpectralTrainer.ModelName, this.UserExponent, 0, 1);
        OptionRange.Check(SpectralTrainer.ModelName, this.ItemExponent, 0, 1);
        OptionRange.Check(SpectralTrainer.ModelName, this.Sharpening, 0, 10);
        OptionRange.Check(SpectralTrainer.ModelName, this.SharpeningSteps, 1, 100);
        OptionRange.Check(SpectralTrainer.ModelName, this.Rounds, 1, 100);
        if (this.Sharpening > this.SharpeningSteps)
            throw new ArgumentException($"{SpectralTrainer.ModelName}: sharpening {this.Sharpening} in {this.SharpeningSteps} steps overshoots; give at least as many sharpeningSteps as sharpening.");
    }
}

/// <summary>
/// A graph filter over the items: with R̃ = D_u^−a R D_i^−b, scaled to largest singular value 1, and L = R̃ᵀR̃ with eigenvalues x, the signal
/// of a shopper is passed through h(x) = (x + β [x among the largest]) · (1 − T x / s)^s. T = 0 is GF-CF, linear and ideal low-pass filter
/// together; T &gt; 0 sharpens the result as BSPM does. On the largest eigenvalues h is exact; on the rest, where the sharpening is weak and
/// nearly constant, it is taken as linear with the slope that h has at their upper end. So a score costs one sparse product and the factors.
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

        // Eigenvalues from here on are those of L scaled to a largest one of 1.
        var largest = found.Squares[0];
        var tail = this.Sharpened(found.Squares[^1] / largest);
        var gains = Array.ConvertAll(found.Squares, square =>
        {
            var x = square / largest;
            return x > 0 ? (float)(((x + this._options.LowPassWeight) * this.Sharpened(x)) - (tail * x)) : 0f;
        });
        return new SpectralModel(train, graph, found.Vectors, gains, (float)(tail / largest));
    }

    private double Sharpened(double x) => Math.Pow(1 - (this._options.Sharpening * x / this._options.SharpeningSteps), this._options.SharpeningSteps);
}

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

        this.ByUser = Interactions.FromSortedRows(train.Items, train.RowStarts.ToArray(), train.AllItems.ToArray(), weights);
        this.ByItem = this.ByUser.Transpose();
    }

    public float UserExponent { get; }

    public float ItemExponent { get; }

    /// <summary>Summed weights per item.</summary>
    public double[] ItemTotals { get; }

    public Interactions ByUser { get; }

    public Interactions ByItem { get; }
}
