using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="ContentEmbeddingsTrainer"/>.</summary>
public sealed record ContentEmbeddingsOptions
{
    /// <summary>Numbers per item and shopper. 1 to 2,048, default 128.</summary>
    public int Factors { get; init; } = 128;

    /// <summary>Iterations of the factorisation whose item factors are the targets. 1 to 1,000, default 15.</summary>
    public int Iterations { get; init; } = 15;

    /// <summary>λ of the map from features to factors; features of an item have length 1. 1e-6 to 1e6, default 1.</summary>
    public double Ridge { get; init; } = 1;

    /// <summary>k: with k interactions, an item's own factors and those told by its content weigh the same. 0 to 10,000, default 10.</summary>
    public double Blend { get; init; } = 10;

    /// <summary>Adds runs of three to five characters to the words. Default false.</summary>
    public bool Characters { get; init; }

    /// <summary>Terms that stand in fewer items are left out. 1 to 1,000, default 2.</summary>
    public int MinimumItems { get; init; } = 2;

    /// <summary>Most terms kept, the rarest leaving first. 100 to 10,000,000, default 200,000.</summary>
    public int MostTerms { get; init; } = 200_000;

    /// <summary>Weight of the attributes beside 1 for the texts. 0 to 100, default 1.</summary>
    public double AttributeWeight { get; init; } = 1;

    /// <summary>Most steps of conjugate gradient for the map. 1 to 1,000, default 40.</summary>
    public int MapSteps { get; init; } = 40;

    /// <summary>Seed of the factorisation. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        const string model = ContentEmbeddingsTrainer.ModelName;
        OptionRange.Check(model, this.Factors, 1, 2048);
        OptionRange.Check(model, this.Iterations, 1, 1000);
        OptionRange.Check(model, this.Ridge, 1e-6, 1e6);
        OptionRange.Check(model, this.Blend, 0, 10_000);
        OptionRange.Check(model, this.MinimumItems, 1, 1000);
        OptionRange.Check(model, this.MostTerms, 100, 10_000_000);
        OptionRange.Check(model, this.AttributeWeight, 0, 100);
        OptionRange.Check(model, this.MapSteps, 1, 1000);
    }
}

/// <summary>
/// Embeddings of item texts and attributes learned on the shop's own behaviour: items are factorised by who touched them (als), a ridge
/// regression learns to tell an item's factors from its words and attributes, and an item's vector is a blend of both by how much is known of it:
/// (n·y + k·ŷ) / (n + k). A product that nobody touched yet lies where those that are told of alike are taken up together.
/// </summary>
/// <remarks>
/// Gantner, Drumond, Freudenthaler, Rendle, Schmidt-Thieme: Learning attribute-to-feature mappings for cold-start recommendations (ICDM 2010);
/// the blend as in Agarwal, Chen: Regression-based latent factor models (KDD 2009), in closed form.
/// </remarks>
public sealed class ContentEmbeddingsTrainer : ITrainer
{
    public const string ModelName = "content-embeddings";

    private readonly ContentEmbeddingsOptions _options;

    public ContentEmbeddingsTrainer(ContentEmbeddingsOptions? options = null)
    {
        this._options = options ?? new ContentEmbeddingsOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.ContentEmbeddingsOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var features = ContentFeatures.Of(
            this.Name, data, new TextTerms(this._options.Characters), this._options.MinimumItems, this._options.MostTerms, this._options.AttributeWeight, context.Cancellation);
        var steps = new FactorSteps(context, this._options.Iterations + 1);
        var als = new AlsTrainer(new AlsOptions { Factors = this._options.Factors, Iterations = this._options.Iterations, Seed = this._options.Seed, KeepInteractions = false });
        var behaviour = ((FactorModel)als.Fit(data, context with { Progress = steps })).Parts;

        var counts = new int[train.Items];
        foreach (var item in train.AllItems) counts[item]++;
        var told = this.Told(features, behaviour.Items, counts, context);
        var items = this.Blended(behaviour.Items, told, features, counts);
        var parts = Placed(train, items, behaviour.FoldIn, context);
        context.Progress?.Report(new TrainingStep(this.Name, "content", this._options.Iterations + 1, this._options.Iterations + 1));
        return new FactorModel(this.Name, parts);
    }

    public static IModel Load(Stream stream) => FactorModel.Load(ModelName, stream);

    /// <summary>Factors of every item as its features tell them. An item counts in the regression as much as its own factors can be relied on: n / (n + k).</summary>
    private FactorMatrix Told(Interactions features, FactorMatrix factors, int[] counts, FitContext context)
    {
        var trust = Array.ConvertAll(counts, count => count == 0 ? 0f : (float)(count / (count + this._options.Blend)));
        var mean = new float[factors.Stride];
        for (var item = 0; item < factors.Rows; item++) Vectors.AddScaled(trust[item] / trust.Sum(), factors.PaddedValues(item), mean);
        var targets = new FactorMatrix(factors.Rows, factors.Dimensions);
        for (var item = 0; item < factors.Rows; item++)
        {
            if (counts[item] == 0) continue;
            factors.PaddedValues(item).CopyTo(targets.PaddedValues(item));
            Vectors.AddScaled(-1f, mean, targets.PaddedValues(item));
        }

        var told = RidgeMap.Predict(features, targets, trust, this._options.Ridge, this._options.MapSteps, context);
        for (var item = 0; item < told.Rows; item++) Vectors.AddScaled(1f, mean, told.PaddedValues(item));
        return told;
    }

    /// <summary>
    /// A regression shrinks what it tells; it is brought to the length that the factors of rarely touched items have, so that a new item
    /// stands where a rarely touched one does. An item without features keeps what behaviour says.
    /// </summary>
    private FactorMatrix Blended(FactorMatrix factors, FactorMatrix told, Interactions features, int[] counts)
    {
        var rare = counts.Where(count => count > 0).Order().ToArray() is var known ? known[known.Length / 4] : 0;
        double own = 0, said = 0;
        for (var item = 0; item < factors.Rows; item++)
        {
            if (counts[item] == 0 || counts[item] > rare || features.CountOf(item) == 0) continue;
            own += Math.Sqrt(Vectors.Dot(factors.Values(item), factors.Values(item)));
            said += Math.Sqrt(Vectors.Dot(told.Values(item), told.Values(item)));
        }

        var scale = said > 0 ? own / said : 1;
        var blended = new FactorMatrix(factors.Rows, factors.Dimensions);
        for (var item = 0; item < factors.Rows; item++)
        {
            var isTold = features.CountOf(item) > 0;
            var share = !isTold ? 0 : counts[item] == 0 ? 1 : this._options.Blend / (counts[item] + this._options.Blend);
            Vectors.AddScaled((float)(1 - share), factors.PaddedValues(item), blended.PaddedValues(item));
            if (isTold) Vectors.AddScaled((float)(share * scale), told.PaddedValues(item), blended.PaddedValues(item));
        }

        return blended;
    }

    /// <summary>Places every shopper against the blended items, as one is who comes later.</summary>
    private static unsafe FactorParts Placed(Interactions train, FactorMatrix items, FactorEquations foldIn, FitContext context)
    {
        var users = new FactorMatrix(train.Users, items.Dimensions);
        var diagonal = FactorBasis.Align(items, users, items.Dimensions, context.Threads, context.Cancellation);
        var constant = foldIn.Unobserved(diagonal.Span);
        var solvers = new NormalEquations?[context.Threads];
        ParallelRows.Run(context.Threads, train.Users, 32, (worker, first, end) =>
        {
            var solver = solvers[worker] ??= new NormalEquations(items, constant, items.Dimensions);
            for (var user = first; user < end; user++)
            {
                if (train.CountOf(user) > 0) foldIn.Solve(solver, items.Rows, train.ItemsOf(user), train.WeightsOf(user), users.Row(user), users.Stride);
            }
        }, context.Cancellation);
        GC.KeepAlive(users);
        return new FactorParts(users, items, diagonal, foldIn);
    }

    /// <summary>Reports the factorisation's steps as this model's own.</summary>
    private sealed class FactorSteps(FitContext context, int steps) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => context.Progress?.Report(new TrainingStep(ModelName, value.Stage, value.Step, steps));
    }
}
