using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="SparseEaseTrainer"/>.</summary>
public sealed record SparseEaseOptions
{
    /// <summary>λ, as of ease. 0 to 1e9; default 0 chooses 2.5 times the mean of the diagonal of XᵀDX.</summary>
    public double Regularization { get; init; }

    /// <summary>a: each user's row counts count^−a. 0 to 2, default 0.5.</summary>
    public double UserExponent { get; init; } = 0.5;

    /// <summary>ν: an item's ridge is λ·(weight / mean weight)^ν. 0 to 2, default 0.5.</summary>
    public double FrequencyExponent { get; init; } = 0.5;

    /// <summary>Items that may enter the equations of a group. 8 to 8,192, default 1,024.</summary>
    public int Support { get; init; } = 1024;

    /// <summary>Items whose weights are solved together; fewer are slower and more exact. 1 to 4,096, default 64.</summary>
    public int GroupSize { get; init; } = 64;

    /// <summary>Nearest items of each that it proposes for its group's equations. 1 to 10,000, default 200.</summary>
    public int Neighbours { get; init; } = 200;

    /// <summary>Weights kept per item, the largest ones. 1 to 8,192, default 300.</summary>
    public int Keep { get; init; } = 300;

    internal void Validate()
    {
        OptionRange.Check(SparseEaseTrainer.ModelName, this.Regularization, 0, 1e9);
        OptionRange.Check(SparseEaseTrainer.ModelName, this.UserExponent, 0, 2);
        OptionRange.Check(SparseEaseTrainer.ModelName, this.FrequencyExponent, 0, 2);
        OptionRange.Check(SparseEaseTrainer.ModelName, this.Support, 8, 8192);
        OptionRange.Check(SparseEaseTrainer.ModelName, this.GroupSize, 1, 4096);
        OptionRange.Check(SparseEaseTrainer.ModelName, this.Neighbours, 1, 10_000);
        OptionRange.Check(SparseEaseTrainer.ModelName, this.Keep, 1, 8192);
        if (this.GroupSize > this.Support)
            throw new ArgumentException($"{SparseEaseTrainer.ModelName}: a group of {this.GroupSize} items does not fit in a support of {this.Support}; give a smaller groupSize or a larger support.");
    }
}

/// <summary>
/// <see cref="EaseTrainer"/> for catalogues whose items × items matrix does not fit: groups of similar items are solved as small dense
/// problems over the items that are nearest to the group, each in closed form, and of the weights the largest are kept.
/// </summary>
/// <remarks>After the sparse approximation in Steck: Markov random fields for collaborative filtering (NeurIPS 2019).</remarks>
public sealed class SparseEaseTrainer : ITrainer
{
    public const string ModelName = "sparse-ease";

    private readonly SparseEaseOptions _options;

    public SparseEaseTrainer(SparseEaseOptions? options = null)
    {
        this._options = options ?? new SparseEaseOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.SparseEaseOptions);

    /// <summary>The groups depend on the data alone, and each is solved by one thread.</summary>
    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var equations = new ItemEquations(train, this._options.UserExponent, this._options.Regularization, EaseTrainer.MeanWeights, this._options.FrequencyExponent);
        var fit = new GroupFit(this.Name, equations, this._options.Neighbours, this._options.GroupSize, this._options.Support, this._options.Keep, context);
        return new ItemWeightsModel(this.Name, new SparseItemWeights(fit.Run(this.Solve)), train);
    }

    /// <summary>Column j of −P over the support, divided by −P(j, j), for every member j.</summary>
    private unsafe void Solve(ItemEquations equations, ItemGroup group, GroupGram gram, GroupWeights weights)
    {
        var size = SymmetricInverse.Padded(group.Support.Length);
        for (var i = 0; i < group.Support.Length; i++) gram.Pointer[(i * size) + i] += equations.Ridge(group.Support[i]);
        if (!SymmetricInverse.Negate(gram.Pointer, group.Support.Length, 1, _ => { }, default))
            throw new ArgumentException($"{this.Name}: the equations of some items have no stable solution with this little regularisation. Raise regularization.");
        foreach (var member in group.Members)
        {
            var own = Array.BinarySearch(group.Support, member);
            var column = weights.Begin(group.Support.Length);
            var scale = -1f / gram.Pointer[(own * size) + own];
            for (var i = 0; i < column.Length; i++) column[i] = i == own ? 0f : gram.Pointer[(Math.Max(i, own) * size) + Math.Min(i, own)] * scale;
            weights.Keep(member, group.Support);
        }
    }
}
