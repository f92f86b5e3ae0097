using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>What a <see cref="FactorisationMachineTrainer"/> fits.</summary>
public enum FactorisationMachineLoss
{
    /// <summary>Which of two items a user takes up: BPR against sampled items that the user did not touch. Weights of interactions do not count.</summary>
    [JsonStringEnumMemberName("ranking")]
    Ranking,

    /// <summary>The rating, which is the weight of the interaction: squared error.</summary>
    [JsonStringEnumMemberName("rating")]
    Rating,
}

/// <summary>Options of <see cref="FactorisationMachineTrainer"/>.</summary>
public sealed record FactorisationMachineOptions
{
    /// <summary>Default: ranking.</summary>
    public FactorisationMachineLoss Loss { get; init; } = FactorisationMachineLoss.Ranking;

    /// <summary>Numbers per feature. 1 to 1,024; default 0 chooses 64 for rankings, 32 for ratings.</summary>
    public int Factors { get; init; }

    /// <summary>Passes over the interactions. 1 to 1,000, default 30.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Step of AdaGrad. 1e-5 to 10, default 0.05.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>λ: each sample lets the features that it touches decay by so much. 0 to 100; default −1 chooses 0.0005 for rankings, 0.1 for ratings.</summary>
    public double Regularization { get; init; } = -1;

    /// <summary>Items that a user did not touch, drawn for each interaction; rankings only. 1 to 64, default 4.</summary>
    public int Negatives { get; init; } = 4;

    /// <summary>Whether attributes of users and items, where the data have them, are features. Default true.</summary>
    public bool AttributeFeatures { get; init; } = true;

    /// <summary>Seed of the random start and of the samples. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal int Dimensions => this.Factors > 0 ? this.Factors : this.Loss == FactorisationMachineLoss.Ranking ? 64 : 32;

    internal float Decay => (float)(this.Regularization >= 0 ? this.Regularization : this.Loss == FactorisationMachineLoss.Ranking ? 0.0005 : 0.1);

    internal void Validate()
    {
        OptionRange.Check(FactorisationMachineTrainer.ModelName, this.Factors, 0, 1024);
        OptionRange.Check(FactorisationMachineTrainer.ModelName, this.Epochs, 1, 1000);
        OptionRange.Check(FactorisationMachineTrainer.ModelName, this.LearningRate, 1e-5, 10);
        OptionRange.Check(FactorisationMachineTrainer.ModelName, this.Regularization, -1, 100);
        OptionRange.Check(FactorisationMachineTrainer.ModelName, this.Negatives, 1, 64);
        if (!Enum.IsDefined(this.Loss)) throw new ArgumentException($"{FactorisationMachineTrainer.ModelName}: loss is {this.Loss}; allowed are ranking and rating.");
    }
}

/// <summary>
/// A factorisation machine over the user, the items that they touched, their attributes, the item and its attributes. Features of the
/// user's side meet features of the item's side, score = b_u + b_i + P_u·Q_i, where P_u and Q_i are sums of the vectors of the features
/// and b_u, b_i sums of their weights. Pairs within one side are left out: they are the same for every item, or every user. In a ranking, users are
/// described by what they touched and by their attributes alone, so that a shopper who is folded in is as good as a known one; for ratings,
/// each user is a feature as well.
/// </summary>
/// <remarks>
/// Rendle: Factorization machines (ICDM 2010). The sum per side: Chen et al.: SVDFeature: a toolkit for feature-based collaborative
/// filtering (JMLR 2012). BPR: Rendle, Freudenthaler, Gantner, Schmidt-Thieme (UAI 2009). A positive item is left out of the user's
/// history while it is learned, as in Kabbur, Ning, Karypis: FISM (KDD 2013).
/// </remarks>
public sealed class FactorisationMachineTrainer : ITrainer
{
    public const string ModelName = "factorisation-machine";

    private readonly FactorisationMachineOptions _options;

    public FactorisationMachineTrainer(FactorisationMachineOptions? options = null)
    {
        this._options = options ?? new FactorisationMachineOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.FactorisationMachineOptions);

    /// <returns>An <see cref="IRatingModel"/> where the loss is that of ratings.</returns>
    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        CheckRows(data.ItemAttributes, train.Items, "items");
        CheckRows(data.UserAttributes, train.Users, "users");
        var scale = RatingScale.Of(train);
        var descent = new FactorisationMachineDescent(data, this._options, scale, context);
        for (var epoch = 1; epoch <= this._options.Epochs; epoch++)
        {
            var loss = descent.Walk(epoch);
            context.Progress?.Report(new TrainingStep(this.Name, "epoch", epoch, this._options.Epochs, loss));
        }

        if (this._options.Loss == FactorisationMachineLoss.Ranking) return FactorisationMachineModel.Of(train, descent.UserVectors(), descent.ItemVectors(), descent.ItemWeights(), descent.HistoryVectors());
        var ridge = RatingRidge.Of(Math.Max(1e-6, this._options.Decay), Math.Max(1e-6, this._options.Decay));
        var fitted = new RatingFactors(
            scale, this._options.Dimensions, descent.UserVectors(), descent.UserWeights(), descent.ItemVectors(), descent.ItemWeights(), descent.HistoryVectors());
        return RatingFactorsModel.Of(this.Name, train, fitted, ridge);
    }

    internal static IModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, ModelName, RatingFactorsModel.LayoutVersion);
        var kind = reader.ReadInt32("the kind of model", RatingFactorsModel.Kind, FactorisationMachineModel.Kind);
        return kind == RatingFactorsModel.Kind ? RatingFactorsModel.Load(ModelName, reader) : FactorisationMachineModel.Load(reader);
    }

    private static void CheckRows(Attributes? attributes, int rows, string what)
    {
        if (attributes is not null && attributes.Rows != rows)
            throw new ArgumentException($"{ModelName}: there are attributes of {attributes.Rows} {what}, but interactions of {rows}; give each of them a row, which may be empty.");
    }
}
