using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="TruncatedSvdTrainer"/>.</summary>
public sealed record TruncatedSvdOptions
{
    /// <summary>Singular vectors that are kept; at most as many as there are items. 1 to 1,024, default 128.</summary>
    public int Factors { get; init; } = 128;

    /// <summary>Multiplications with the matrix and its transpose by which the singular vectors are found. 1 to 100, default 6.</summary>
    public int Rounds { get; init; } = 6;

    /// <summary>Weights of an item touched by n users are divided by n to this power first, and scores multiplied by it again, so that bestsellers do not take all directions. 0 to 1, default 0.3.</summary>
    public double PopularityExponent { get; init; } = 0.3;

    /// <summary>Seed of the random start. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check(TruncatedSvdTrainer.ModelName, this.Factors, 1, 1024);
        OptionRange.Check(TruncatedSvdTrainer.ModelName, this.Rounds, 1, 100);
        OptionRange.Check(TruncatedSvdTrainer.ModelName, this.PopularityExponent, 0, 1);
    }
}

/// <summary>
/// PureSVD: projects a user's row of weights, zeros where nothing happened, on the largest singular vectors Q of the matrix of all users,
/// whose columns are scaled by S: scores = r_u S Q Qᵀ S⁻¹. Nothing is learned of a user beyond their row, so a shopper who is folded in is served like a known one.
/// </summary>
/// <remarks>
/// Cremonesi, Koren, Turrin: Performance of recommender algorithms on top-N recommendation tasks (RecSys 2010). The scaling of items:
/// Nikolakopoulos, Kalantzis, Gallopoulos, Garofalakis: EigenRec (Knowledge and Information Systems 2019).
/// </remarks>
public sealed class TruncatedSvdTrainer : ITrainer
{
    public const string ModelName = "truncated-svd";

    private readonly TruncatedSvdOptions _options;

    public TruncatedSvdTrainer(TruncatedSvdOptions? options = null)
    {
        this._options = options ?? new TruncatedSvdOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.TruncatedSvdOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var scales = new float[train.Items];
        foreach (var item in train.AllItems) scales[item]++;
        foreach (ref var scale in scales.AsSpan()) scale = scale > 0f ? MathF.Pow(scale, -(float)this._options.PopularityExponent) : 0f;
        var weights = train.AllWeights.ToArray();
        for (var i = 0; i < weights.Length; i++) weights[i] *= scales[train.AllItems[i]];
        var scaled = train.WithWeights(weights);
        var found = TopSingularVectors.Compute(
            scaled,
            scaled.Transpose(),
            this._options.Factors,
            this._options.Rounds,
            this._options.Seed,
            context.Threads,
            round => context.Progress?.Report(new TrainingStep(this.Name, "round", round, this._options.Rounds)),
            context.Cancellation);
        var users = new FactorMatrix(train.Users, found.Vectors.Dimensions);
        SparseProduct.Multiply(scaled, found.Vectors, users, context.Threads, context.Cancellation);
        return new TruncatedSvdModel(users, found.Vectors, scales);
    }
}
