using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Data;
using Aisle.Learning.Distributed;
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

    /// <summary>iALS++: exactly for one block of factors at a time, the others held.</summary>
    [JsonStringEnumMemberName("subspace")]
    Subspace,
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

    /// <summary>Steps of conjugate gradient per user or item and iteration; ignored by the other solvers. 1 to 100, default 3.</summary>
    public int ConjugateGradientSteps { get; init; } = 3;

    /// <summary>Factors that the subspace solver takes at a time, rounded up to a multiple of 32; ignored by the other solvers. 1 to 2,048, default 64.</summary>
    public int BlockSize { get; init; } = 64;

    /// <summary>Whether the model keeps what it was fitted on (12 bytes an interaction), so that it can take in new behaviour. Default: yes.</summary>
    public bool KeepInteractions { get; init; } = true;

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
        OptionRange.Check(AlsTrainer.ModelName, this.BlockSize, 1, 2048);
        if (!Enum.IsDefined(this.Solver)) throw new ArgumentException($"{AlsTrainer.ModelName}: solver is {this.Solver}; allowed are cg, cholesky and subspace.");
    }
}

/// <summary>
/// Matrix factorisation for implicit feedback by alternating least squares: minimises over x and y
/// Σ_observed w (1 − x·y)² + α Σ_all (p − x·y)² + Σ λ_u |x|² + Σ λ_i |y|², where p is 1 for observed pairs and 0 elsewhere.
/// </summary>
/// <remarks>
/// Hu, Koren, Volinsky: Collaborative filtering for implicit feedback datasets (ICDM 2008), with confidence α + w.
/// The scaling of λ follows Rendle, Krichene, Zhang, Koren: Revisiting the performance of iALS (RecSys 2022); the subspace solver is theirs too:
/// iALS++: Speeding up matrix factorization with subspace optimization (2021). Before each turn both sides are turned into the basis in which
/// the fixed side's YᵀY is diagonal, which changes no score and makes every solver's constant part a vector.
/// </remarks>
public sealed class AlsTrainer : ITrainer
{
    public const string ModelName = "als";

    /// <summary>Rows that a thread takes at a time: enough work to make taking them cheap, few enough to share popular items out.</summary>
    private const int Grain = 32;

    /// <summary>What a row costs beside its interactions, in interactions.</summary>
    private const int RowCost = 4;

    private readonly AlsOptions _options;

    public AlsTrainer(AlsOptions? options = null)
    {
        this._options = options ?? new AlsOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.AlsOptions);

    /// <summary>Each row is solved from the other side alone, so neither threads, nor order, nor a division among processes change the result.</summary>
    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var byItem = train.Transpose();
        var equations = this._options.For(train).Equations;
        var users = new FactorMatrix(train.Users, this._options.Factors);
        var items = new FactorMatrix(train.Items, this._options.Factors);
        this.Start(items, byItem);
        var kept = context.Checkpoints?.Begin(this.Name, $"{this._options}, {train.Users} users, {train.Items} items, {train.Count} interactions", context.Processes);
        var done = 0;
        kept?.TryLoad(reader => done = Load(reader, users, items));
        for (var iteration = done + 1; iteration <= this._options.Iterations; iteration++)
        {
            this.SolveRows(users, train, items, equations, context);
            this.SolveRows(items, byItem, users, equations, context);
            kept?.Save(writer => Save(writer, iteration, users, items));
            context.Progress?.Report(new TrainingStep(this.Name, "iteration", iteration, this._options.Iterations));
        }

        // The items moved last; users are solved against them once more, as a shopper is who comes later.
        var diagonal = this.SolveRows(users, train, items, equations, context);
        var parts = new FactorParts(users, items, diagonal, equations);
        return this._options.KeepInteractions ? new AlsModel(parts, train) : new FactorModel(this.Name, parts);
    }

    private static void Save(BinaryWriter writer, int iteration, FactorMatrix users, FactorMatrix items)
    {
        writer.Write(iteration);
        for (var user = 0; user < users.Rows; user++) writer.Write(MemoryMarshal.AsBytes(users.Values(user)));
        for (var item = 0; item < items.Rows; item++) writer.Write(MemoryMarshal.AsBytes(items.Values(item)));
    }

    private static int Load(BinaryReader reader, FactorMatrix users, FactorMatrix items)
    {
        var iteration = reader.ReadInt32();
        for (var user = 0; user < users.Rows; user++) reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(users.Values(user)));
        for (var item = 0; item < items.Rows; item++) reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(items.Values(item)));
        return iteration;
    }

    /// <summary>Small random factors for items with interactions, of standard deviation 0.1/√factors.</summary>
    private void Start(FactorMatrix items, Interactions byItem)
    {
        var scale = 0.1f / MathF.Sqrt(this._options.Factors);
        var random = new RandomStream(this._options.Seed);
        for (var item = 0; item < items.Rows; item++)
        {
            if (byItem.CountOf(item) == 0) continue;
            foreach (ref var value in items.Values(item)) value = scale * random.Normal();
        }
    }

    /// <summary>Solves this process's block of rows, and receives those of the others.</summary>
    /// <returns>The diagonal of the source's YᵀY.</returns>
    private unsafe AlignedFloats SolveRows(FactorMatrix target, Interactions interactions, FactorMatrix source, FactorEquations equations, FitContext context)
    {
        var diagonal = FactorBasis.Align(source, target, source.Dimensions, context.Threads, context.Cancellation);
        var constant = equations.Unobserved(diagonal.Span);
        var isByGradient = this._options.Solver == AlsSolver.ConjugateGradient;
        var blockSize = this._options.Solver == AlsSolver.Subspace ? this._options.BlockSize : int.MaxValue;
        var byGradient = new ConjugateGradient?[context.Threads];
        var exact = new NormalEquations?[context.Threads];
        var blocks = Blocks.ByCost(target.Rows, context.Processes.Size, row => interactions.CountOf(row) + RowCost);
        var from = blocks[context.Processes.Rank];
        ParallelRows.Run(
            context.Threads,
            blocks[context.Processes.Rank + 1] - from,
            Grain,
            (worker, first, end) =>
            {
                var gradient = isByGradient ? byGradient[worker] ??= new ConjugateGradient(constant, source) : null;
                var solver = isByGradient ? null : exact[worker] ??= new NormalEquations(source, constant, source.Dimensions, blockSize);
                for (var row = from + first; row < from + end; row++)
                {
                    var indices = interactions.ItemsOf(row);
                    if (indices.IsEmpty) continue;
                    var weights = interactions.WeightsOf(row);
                    var ridge = equations.Ridge(indices.Length, source.Rows);
                    var next = row + 1 < from + end ? interactions.ItemsOf(row + 1) : default;
                    gradient?.Solve(ridge, indices, weights, equations.UnobservedWeight, this._options.ConjugateGradientSteps, target.Row(row), next);
                    if (solver?.Solve(ridge, indices, weights, equations.UnobservedWeight, target.Row(row), next) == false) throw FactorEquations.TooWeak();
                }
            },
            context.Cancellation);
        context.Processes.Gather(target.All, Array.ConvertAll(blocks, row => checked(row * target.Stride)));
        return diagonal;
    }
}
