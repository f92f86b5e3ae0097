using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="FeatureAugmentedTrainer"/>.</summary>
public sealed record FeatureAugmentedOptions
{
    /// <summary>The model that is fitted on users and features together. Default: item neighbours.</summary>
    public HybridMember Model { get; init; } = new(ItemNeighboursTrainer.ModelName);

    /// <summary>α: weight of the features' rows beside that of the users'. 0.001 to 1,000, default 0.5.</summary>
    public double FeatureWeight { get; init; } = 0.5;

    /// <summary>Features that fewer items have are left out. 1 to 1,000, default 2.</summary>
    public int MinimumItems { get; init; } = 2;

    /// <summary>Features that more items have are left out: they say little and cost much. 2 to 10,000,000, default 5,000.</summary>
    public int MaximumItems { get; init; } = 5000;

    /// <summary>Weight of the attributes beside 1 for the texts. 0 to 100, default 1.</summary>
    public double AttributeWeight { get; init; } = 1;

    /// <summary>Seed of a model that has one and was given none. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        const string model = FeatureAugmentedTrainer.ModelName;
        OptionRange.Check(model, this.FeatureWeight, 0.001, 1000);
        OptionRange.Check(model, this.MinimumItems, 1, 1000);
        OptionRange.Check(model, this.MaximumItems, 2, 10_000_000);
        OptionRange.Check(model, this.AttributeWeight, 0, 100);
    }
}

/// <summary>
/// A collaborative model that sees what items are: each word and each attribute value becomes one more row of the users × items matrix, a
/// "user" who touched all items that have it, α strong. Any model that relates items by the rows that they share takes part in this: SLIM
/// becomes cSLIM, EASE collective EASE, a factorisation a collective one with shared item factors.
/// </summary>
/// <remarks>
/// Ning, Karypis: Sparse linear methods with side information for top-N recommendations (RecSys 2012), cSLIM; Jeunen, Van Balen, Goethals:
/// Closed-form models for collaborative filtering with side-information (RecSys 2020), CEASE; Singh, Gordon: Relational learning via collective
/// matrix factorization (KDD 2008).
/// </remarks>
public sealed class FeatureAugmentedTrainer : ITrainer
{
    public const string ModelName = "feature-augmented";

    private readonly FeatureAugmentedOptions _options;
    private readonly ITrainer _member;

    public FeatureAugmentedTrainer(FeatureAugmentedOptions? options = null)
    {
        this._options = options ?? new FeatureAugmentedOptions();
        this._options.Validate();
        this._member = this._options.Model.CreateTrainer(ModelName, this._options.Seed, Refused);
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.FeatureAugmentedOptions);

    internal static string[] Refused => [ModelName, EnsembleTrainer.ModelName, SwitchingTrainer.ModelName];

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var features = ContentFeatures.Of(
            this.Name, data, new TextTerms(characters: false), this._options.MinimumItems, int.MaxValue, this._options.AttributeWeight, context.Cancellation);
        var steps = new MemberSteps(this.Name, context, 1);
        var model = this._member.Fit(new Dataset(this.Stacked(train, features.Transpose())), steps.For(this._member));
        steps.Finish();
        return new FeatureAugmentedModel(model, train.Users);
    }

    /// <summary>The users' rows, then a row per feature.</summary>
    private Interactions Stacked(Interactions train, Interactions byFeature)
    {
        var starts = new List<long>(train.Users + byFeature.Users + 1);
        List<int> columns = [.. train.AllItems];
        List<float> weights = [.. train.AllWeights];
        starts.AddRange(train.RowStarts);
        for (var feature = 0; feature < byFeature.Users; feature++)
        {
            var count = byFeature.CountOf(feature);
            if (count < this._options.MinimumItems || count > this._options.MaximumItems) continue;
            columns.AddRange(byFeature.ItemsOf(feature));
            foreach (var weight in byFeature.WeightsOf(feature)) weights.Add((float)(weight * this._options.FeatureWeight));
            starts.Add(columns.Count);
        }

        return Interactions.FromSortedRows(train.Items, [.. starts], [.. columns], [.. weights]);
    }
}

/// <summary>The model within, without the rows that are no users.</summary>
public sealed class FeatureAugmentedModel : ScoringModel
{
    private const int LayoutVersion = 1;

    private readonly IModel _model;

    internal FeatureAugmentedModel(IModel model, int users)
    {
        this._model = model;
        this.Users = users;
    }

    public override string Name => FeatureAugmentedTrainer.ModelName;

    public override int Users { get; }

    public override int Items => this._model.Items;

    private protected override bool ReadsRows => true;

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores) => this._model.ScoreUsers(users, scores);

    private protected override void Score(History history, Span<float> scores) => this._model.ScoreHistory(history, scores);

    private protected override void ScoreLikeness(int item, Span<float> scores) => this._model.ScoreSimilar(item, scores);

    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions) => this._model.Explain(history, items, contributions);

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this._model.Users);
        writer.Write(this.Items);
        HybridMember.Save(this._model, writer, stream);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static FeatureAugmentedModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, FeatureAugmentedTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var rows = reader.ReadRows("the number of rows");
        if (rows < users) throw reader.Broken($"it has {users} users but only {rows} rows");
        var items = reader.ReadRows("the number of items");
        return new FeatureAugmentedModel(HybridMember.Load(reader, stream, rows, items, FeatureAugmentedTrainer.Refused), users);
    }
}
