using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="EaseTrainer"/>.</summary>
public sealed record EaseOptions
{
    /// <summary>λ: strength of regularisation. 0 to 1e9; default 0 chooses 2.5 times the mean of the diagonal of XᵀDX.</summary>
    public double Regularization { get; init; }

    /// <summary>a: each user's row counts count^−a. 0 is classical EASE; higher lets busy users speak less for the pairs that they make. 0 to 2, default 0.5.</summary>
    public double UserExponent { get; init; } = 0.5;

    /// <summary>ν: an item's ridge is λ·(weight / mean weight)^ν; 0 is classical EASE, higher holds back popular items. 0 to 2, default 0.5.</summary>
    public double FrequencyExponent { get; init; } = 0.5;

    /// <summary>Weights kept per item for serving, the largest ones; 0 keeps all, in items² × 4 bytes. 0 to 10,000, default 0.</summary>
    public int Keep { get; init; }

    internal void Validate()
    {
        OptionRange.Check(EaseTrainer.ModelName, this.Regularization, 0, 1e9);
        OptionRange.Check(EaseTrainer.ModelName, this.UserExponent, 0, 2);
        OptionRange.Check(EaseTrainer.ModelName, this.FrequencyExponent, 0, 2);
        OptionRange.Check(EaseTrainer.ModelName, this.Keep, 0, 10_000);
    }
}

/// <summary>
/// The linear item model with the least squared error, in closed form: B minimises |D^½ (X − XB)|² + Σ λ_i |B_i|² with a zero diagonal, which
/// is B = I − P / diag(P) with P = (XᵀDX + Λ)⁻¹. Classical EASE has D = I and Λ = λI; here D = diag(count^−a) over users and λ_i grows with an
/// item's weight as ν says.
/// </summary>
/// <remarks>
/// Steck: Embarrassingly shallow autoencoders for sparse data (WWW 2019). Weighting rows and columns by frequency: Park, Yoon, Choi, Lee: Toward a
/// better understanding of linear autoencoders, data-adaptive normalization (SIGIR 2024).
/// </remarks>
public sealed class EaseTrainer : ITrainer
{
    public const string ModelName = "ease";

    private const int Grain = 16;

    /// <summary>λ in mean item weights where it is left to the trainer.</summary>
    internal const double MeanWeights = 2.5;

    private readonly EaseOptions _options;

    public EaseTrainer(EaseOptions? options = null)
    {
        this._options = options ?? new EaseOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.EaseOptions);

    /// <summary>Bytes that fitting so many items needs beside the data.</summary>
    internal static long MemoryNeeded(int items) =>
        sizeof(float) * (((long)SymmetricInverse.Padded(items) * SymmetricInverse.Padded(items)) + SymmetricInverse.ScratchLength(items));

    /// <summary>Each number is computed by one thread in a fixed order.</summary>
    public unsafe IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        CheckMemory(train.Items, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var size = SymmetricInverse.Padded(train.Items);
        var steps = 1 + SymmetricInverse.Blocks(train.Items) + 1;
        void Report(int step) => context.Progress?.Report(new TrainingStep(this.Name, "block", step, steps));

        var matrix = new AlignedFloats((long)size * size);
        this.FillTriangle(matrix, size, train, context);
        Report(1);
        if (!SymmetricInverse.Negate(matrix.Pointer, train.Items, context.Threads, block => Report(1 + block), context.Cancellation))
            throw new ArgumentException($"{this.Name}: the equations have no stable solution with this little regularisation ({this._options.Regularization}). Raise regularization.");
        var weights = this.Weights(matrix, size, train.Items, context);
        Report(steps);
        return new ItemWeightsModel(this.Name, weights, train);
    }

    internal static void CheckMemory(int items, long available)
    {
        const string Advice = "Use sparse-ease, slim or spectral, whose memory grows with the data, or leave out the rarest items.";
        if (items > DenseItemWeights.MostItems)
            throw new ArgumentException($"{ModelName}: {items} items are too many for one dense matrix; at most {DenseItemWeights.MostItems} are possible. {Advice}");
        var needed = MemoryNeeded(items);
        if (needed <= available) return;
        throw new ArgumentException(
            $"{ModelName}: weights between all of {items} items need {needed / (1 << 20)} MB, but {available / (1 << 20)} MB are available. {Advice}");
    }

    /// <summary>The lower triangle of XᵀDX + Λ, with the identity beyond the last item.</summary>
    private unsafe void FillTriangle(AlignedFloats matrix, int size, Interactions train, FitContext context)
    {
        var equations = new ItemEquations(train, this._options.UserExponent, this._options.Regularization, MeanWeights, this._options.FrequencyExponent);
        ParallelRows.Run(
            context.Threads,
            train.Items,
            Grain,
            (_, first, end) =>
            {
                for (var item = first; item < end; item++)
                {
                    var row = matrix.Pointer + ((nint)item * size);
                    var users = equations.ByItem.ItemsOf(item);
                    var weights = equations.ByItem.WeightsOf(item);
                    for (var u = 0; u < users.Length; u++)
                    {
                        var share = weights[u] * equations.UserWeights[users[u]];
                        var others = train.ItemsOf(users[u]);
                        var otherWeights = train.WeightsOf(users[u]);
                        for (var i = 0; i < others.Length && others[i] <= item; i++) row[others[i]] += share * otherWeights[i];
                    }
                }
            },
            context.Cancellation);

        for (var item = 0; item < train.Items; item++) matrix.Pointer[((nint)item * size) + item] += equations.Ridge(item);
        for (var i = train.Items; i < size; i++) matrix.Pointer[((nint)i * size) + i] = 1f;
    }

    /// <summary>B(i, j) = −P(i, j) / P(j, j), from the lower triangle of −P.</summary>
    private unsafe IItemWeights Weights(AlignedFloats matrix, int size, int items, FitContext context)
    {
        var scales = new float[size];
        for (var i = 0; i < size; i++) scales[i] = -1f / matrix.Pointer[((nint)i * size) + i];
        if (this._options.Keep == 0)
        {
            SymmetricInverse.MirrorScaled(matrix.Pointer, items, scales, context.Threads, context.Cancellation);
            return DenseItemWeights.Over(matrix, items, size);
        }

        // The weights that lead to an item stand in its own row, before they are scaled; the kept ones are turned round afterwards.
        SymmetricInverse.MirrorScaled(matrix.Pointer, items, null, context.Threads, context.Cancellation);
        var all = Enumerable.Range(0, items).ToArray();
        var sizes = new float[context.Threads][];
        return new SparseItemWeights(ItemWeightsBuilder.Build(items, this._options.Keep, context, (worker, item) =>
        {
            var row = new ReadOnlySpan<float>(matrix.Pointer + ((nint)item * size), items);
            var room = sizes[worker] ??= new float[items];
            for (var i = 0; i < items; i++) room[i] = row[i] * scales[item];
            room[item] = 0f;
            return (all, room);
        }).Transpose());
    }
}
