using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>How <see cref="AlsTrainer"/> solves for one user or item.</summary>
public enum AlsSolver
{
    /// <summary>A few steps of conjugate gradient from the last iteration's solution. As good in the end, and the faster the more factors.</summary>
    [JsonStringEnumMemberName("cg")]
    ConjugateGradient,

    /// <summary>Exactly, by Cholesky factorisation.</summary>
    [JsonStringEnumMemberName("cholesky")]
    Cholesky,
}

/// <summary>Options of <see cref="AlsTrainer"/>.</summary>
public sealed record AlsOptions
{
    /// <summary>Numbers per user and item. 1 to 2,048, default 64.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>Times that all users and then all items are solved. 1 to 1,000, default 15.</summary>
    public int Iterations { get; init; } = 15;

    /// <summary>
    /// α: weight of each of the users × items cells in which nothing happened, beside the observed weight of 1. 0 to 10.
    /// Default 0 chooses 400 / items, at most 0.5.
    /// </summary>
    public double UnobservedWeight { get; init; }

    /// <summary>λ: strength of regularisation, scaled as <see cref="FrequencyExponent"/> says. 1e-8 to 1,000, default 0.01.</summary>
    public double Regularization { get; init; } = 0.01;

    /// <summary>ν: a user with n interactions is regularised by λ·(n + α·items)^ν, an item likewise. 0 = all alike, 1 = by frequency. 0 to 2, default 1.</summary>
    public double FrequencyExponent { get; init; } = 1;

    /// <summary>Default: conjugate gradient.</summary>
    public AlsSolver Solver { get; init; } = AlsSolver.ConjugateGradient;

    /// <summary>Steps of conjugate gradient per user or item and iteration; ignored by Cholesky. 1 to 100, default 3.</summary>
    public int ConjugateGradientSteps { get; init; } = 3;

    /// <summary>Seed of the random start. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>These options with nothing left to the trainer.</summary>
    internal AlsOptions For(Interactions train) =>
        this.UnobservedWeight > 0 ? this : this with { UnobservedWeight = FactorEquations.UsualUnobservedWeight(train.Items) };

    internal FactorEquations Equations => new((float)this.UnobservedWeight, (float)this.Regularization, (float)this.FrequencyExponent);

    internal void Validate()
    {
        OptionRange.Check(AlsTrainer.ModelName, this.Factors, 1, 2048);
        OptionRange.Check(AlsTrainer.ModelName, this.Iterations, 1, 1000);
        OptionRange.Check(AlsTrainer.ModelName, this.UnobservedWeight, 0, 10);
        OptionRange.Check(AlsTrainer.ModelName, this.Regularization, 1e-8, 1000);
        OptionRange.Check(AlsTrainer.ModelName, this.FrequencyExponent, 0, 2);
        OptionRange.Check(AlsTrainer.ModelName, this.ConjugateGradientSteps, 1, 100);
        if (!Enum.IsDefined(this.Solver)) throw new ArgumentException($"{AlsTrainer.ModelName}: solver is {this.Solver}; allowed are cg and cholesky.");
    }
}

/// <summary>
/// Matrix factorisation for implicit feedback by alternating least squares: minimises over x and y
/// Σ_observed w (1 − x·y)² + α Σ_all (p − x·y)² + Σ λ_u |x|² + Σ λ_i |y|², where p is 1 for observed pairs and 0 elsewhere.
/// </summary>
/// <remarks>
/// Hu, Koren, Volinsky: Collaborative filtering for implicit feedback datasets (ICDM 2008), with confidence α + w.
/// The scaling of λ follows Rendle, Krichene, Zhang, Koren: Revisiting the performance of iALS (RecSys 2022).
/// </remarks>
public sealed class AlsTrainer : ITrainer
{
    public const string ModelName = "als";

    /// <summary>Rows that a thread takes at a time: enough work to make taking them cheap, few enough to share popular items out.</summary>
    private const int Grain = 32;

    private readonly AlsOptions _options;

    public AlsTrainer(AlsOptions? options = null)
    {
        this._options = options ?? new AlsOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.AlsOptions);

    /// <summary>Each row is solved from the other side alone, so neither threads nor order change the result.</summary>
    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var byItem = train.Transpose();
        var equations = this._options.For(train).Equations;
        var users = new FactorMatrix(train.Users, this._options.Factors);
        var items = new FactorMatrix(train.Items, this._options.Factors);
        this.Start(items, byItem);
        for (var iteration = 1; iteration <= this._options.Iterations; iteration++)
        {
            this.SolveRows(users, train, items, equations, context);
            this.SolveRows(items, byItem, users, equations, context);
            context.Progress?.Report(new TrainingStep(this.Name, "iteration", iteration, this._options.Iterations));
        }

        // The items moved last; users are solved against them once more, as a shopper is who comes later.
        this.SolveRows(users, train, items, equations, context);
        return new FactorModel(this.Name, users, items, equations);
    }

    /// <summary>
    /// Small random factors for items with interactions: each number is the sum of four uniform 16-bit ones, near enough to a
    /// normal with standard deviation 0.1/√factors, and the same for the same seed.
    /// </summary>
    private void Start(FactorMatrix items, Interactions byItem)
    {
        var scale = (float)(0.1 / Math.Sqrt(this._options.Factors) / (65_536 * Math.Sqrt(4.0 / 12)));
        var state = (ulong)(uint)this._options.Seed << 32;
        for (var item = 0; item < items.Rows; item++)
        {
            var values = items.Values(item);
            if (byItem.CountOf(item) == 0) continue;
            foreach (ref var value in values)
            {
                // SplitMix64 (Steele, Lea, Flood 2014).
                state += 0x9E3779B97F4A7C15;
                var bits = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
                bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
                bits ^= bits >> 31;
                var sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48);
                value = (sum - (2 * 65_535)) * scale;
            }
        }
    }

    private unsafe void SolveRows(FactorMatrix target, Interactions interactions, FactorMatrix source, FactorEquations equations, FitContext context)
    {
        var gram = equations.GramOf(source, context.Threads, context.Cancellation);
        var unobserved = equations.UnobservedWeight;
        var isCholesky = this._options.Solver == AlsSolver.Cholesky;
        var solvers = new ConjugateGradient?[context.Threads];
        var scratches = new AlignedFloats?[context.Threads];
        ParallelRows.Run(
            context.Threads,
            target.Rows,
            Grain,
            (worker, first, end) =>
            {
                var solver = isCholesky ? null : solvers[worker] ??= new ConjugateGradient(gram, source);
                var scratch = isCholesky ? scratches[worker] ??= new AlignedFloats(NormalEquations.ScratchLength(target.Stride)) : null;
                for (var row = first; row < end; row++)
                {
                    var indices = interactions.ItemsOf(row);
                    var weights = interactions.WeightsOf(row);
                    if (indices.IsEmpty) continue;
                    var ridge = equations.Ridge(indices.Length, source.Rows);
                    solver?.Solve(
                        ridge, indices, weights, unobserved, this._options.ConjugateGradientSteps, target.Row(row), row + 1 < end ? interactions.ItemsOf(row + 1) : default);
                    if (scratch is not null && !NormalEquations.Solve(gram.Pointer, ridge, source, indices, weights, unobserved, target.Row(row), scratch.Pointer))
                        throw FactorEquations.TooWeak();
                }
            },
            context.Cancellation);
        GC.KeepAlive(gram);
    }
}
