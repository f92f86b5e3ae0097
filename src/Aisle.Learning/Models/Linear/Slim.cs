using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="SlimTrainer"/>.</summary>
public sealed record SlimOptions
{
    /// <summary>λ₂: strength of the squared penalty. 0 to 1e9; default 0 chooses 2.5 times the mean of the diagonal of XᵀDX.</summary>
    public double Regularization { get; init; }

    /// <summary>λ₁: strength of the absolute penalty, in parts of an item's own entry on that diagonal; more leaves fewer weights. 0 to 1, default 0.005.</summary>
    public double Sparsity { get; init; } = 0.005;

    /// <summary>a: each user's row counts count^−a; 0 is SLIM as published. 0 to 2, default 0.5.</summary>
    public double UserExponent { get; init; } = 0.5;

    /// <summary>ν: an item's squared penalty is λ₂·(weight / mean weight)^ν; 0 is SLIM as published. 0 to 2, default 0.5.</summary>
    public double FrequencyExponent { get; init; } = 0.5;

    /// <summary>Items that may enter the equations of a group. 8 to 8,192, default 1,024.</summary>
    public int Support { get; init; } = 1024;

    /// <summary>Items that share a matrix; the descent is each item's own. 1 to 4,096, default 64.</summary>
    public int GroupSize { get; init; } = 64;

    /// <summary>Nearest items of each that it proposes for its group's equations. 1 to 10,000, default 200.</summary>
    public int Neighbours { get; init; } = 200;

    /// <summary>Rounds of coordinate descent at most. 1 to 10,000, default 50.</summary>
    public int Rounds { get; init; } = 50;

    /// <summary>Descent ends when no weight moved further in a round. 1e-7 to 1, default 0.0005.</summary>
    public double Tolerance { get; init; } = 0.0005;

    internal void Validate()
    {
        OptionRange.Check(SlimTrainer.ModelName, this.Regularization, 0, 1e9);
        OptionRange.Check(SlimTrainer.ModelName, this.Sparsity, 0, 1);
        OptionRange.Check(SlimTrainer.ModelName, this.UserExponent, 0, 2);
        OptionRange.Check(SlimTrainer.ModelName, this.FrequencyExponent, 0, 2);
        OptionRange.Check(SlimTrainer.ModelName, this.Support, 8, 8192);
        OptionRange.Check(SlimTrainer.ModelName, this.GroupSize, 1, 4096);
        OptionRange.Check(SlimTrainer.ModelName, this.Neighbours, 1, 10_000);
        OptionRange.Check(SlimTrainer.ModelName, this.Rounds, 1, 10_000);
        OptionRange.Check(SlimTrainer.ModelName, this.Tolerance, 1e-7, 1);
        if (this.GroupSize > this.Support)
            throw new ArgumentException($"{SlimTrainer.ModelName}: a group of {this.GroupSize} items does not fit in a support of {this.Support}; give a smaller groupSize or a larger support.");
    }
}

/// <summary>
/// Sparse linear item weights, none below zero: for every item j, b minimises ½ |D^½ (x_j − X b)|² + ½ Σ λ₂ᵢ bᵢ² + λ₁ |b|₁ with b ≥ 0 and
/// b_j = 0, by coordinate descent on the Gram matrix (covariance updates), over the items that are nearest to j's group.
/// </summary>
/// <remarks>
/// Ning, Karypis: SLIM, sparse linear methods for top-N recommender systems (ICDM 2011; with feature selection, fsSLIM). Friedman, Hastie,
/// Tibshirani: Regularization paths for generalized linear models via coordinate descent (JSS 2010).
/// </remarks>
public sealed class SlimTrainer : ITrainer
{
    public const string ModelName = "slim";

    private readonly SlimOptions _options;

    public SlimTrainer(SlimOptions? options = null)
    {
        this._options = options ?? new SlimOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.SlimOptions);

    /// <summary>The groups depend on the data alone, and each is solved by one thread.</summary>
    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var equations = new ItemEquations(train, this._options.UserExponent, this._options.Regularization, EaseTrainer.MeanWeights, this._options.FrequencyExponent);
        var fit = new GroupFit(this.Name, equations, this._options.Neighbours, this._options.GroupSize, this._options.Support, this._options.Support, context);
        return new ItemWeightsModel(this.Name, new SparseItemWeights(fit.Run(this.Solve)), train);
    }

    private unsafe void Solve(ItemEquations equations, ItemGroup group, GroupGram gram, GroupWeights weights)
    {
        var length = group.Support.Length;
        var size = SymmetricInverse.Padded(length);
        Gram.MirrorLower(gram.Pointer, length, size);
        var residual = new float[length];
        var scales = new float[length];
        for (var i = 0; i < length; i++) scales[i] = 1f / (gram.Pointer[(i * size) + i] + equations.Ridge(group.Support[i]));
        foreach (var member in group.Members)
        {
            var own = Array.BinarySearch(group.Support, member);
            var column = weights.Begin(length);
            column.Clear();
            new ReadOnlySpan<float>(gram.Pointer + (own * size), length).CopyTo(residual);
            NonNegativeDescent.Run(gram.Pointer, size, own, scales, (float)(this._options.Sparsity * equations.Diagonal[member]), residual, column, this._options.Rounds, (float)this._options.Tolerance);
            weights.Keep(member, group.Support);
        }
    }
}
