using System.Text.Json.Serialization.Metadata;

namespace Aisle.Learning.Models;

/// <summary>The families of models that this program knows: the one list by which names become trainers and saved numbers become models.</summary>
public static class Trainers
{
    private static readonly TrainerFamily[] Popularity =
    [
        Family(PopularityTrainer.ModelName, TrainerOptionsJson.Default.PopularityOptions, options => new PopularityTrainer(options), PopularityModel.Load),
        Family(CoPurchaseTrainer.ModelName, TrainerOptionsJson.Default.CoPurchaseOptions, options => new CoPurchaseTrainer(options), CoPurchaseModel.Load),
        Family(TrendingTrainer.ModelName, TrainerOptionsJson.Default.TrendingOptions, options => new TrendingTrainer(options), TrendingModel.Load),
        Family(SegmentPopularityTrainer.ModelName, TrainerOptionsJson.Default.SegmentPopularityOptions, options => new SegmentPopularityTrainer(options), SegmentPopularityModel.Load),
    ];

    private static readonly TrainerFamily[] Neighbours =
    [
        Family(ItemNeighboursTrainer.ModelName, TrainerOptionsJson.Default.ItemNeighboursOptions, options => new ItemNeighboursTrainer(options), ItemNeighboursModel.Load),
        Family(UserNeighboursTrainer.ModelName, TrainerOptionsJson.Default.UserNeighboursOptions, options => new UserNeighboursTrainer(options), UserNeighboursModel.Load),
    ];

    private static readonly TrainerFamily[] Linear =
    [
        Family(Rp3BetaTrainer.ModelName, TrainerOptionsJson.Default.Rp3BetaOptions, options => new Rp3BetaTrainer(options), stream => ItemWeightsModel.Load(Rp3BetaTrainer.ModelName, stream)),
        Family(SpectralTrainer.ModelName, TrainerOptionsJson.Default.SpectralOptions, options => new SpectralTrainer(options), SpectralModel.Load),
        Family(EaseTrainer.ModelName, TrainerOptionsJson.Default.EaseOptions, options => new EaseTrainer(options), stream => ItemWeightsModel.Load(EaseTrainer.ModelName, stream)),
        Family(SlimTrainer.ModelName, TrainerOptionsJson.Default.SlimOptions, options => new SlimTrainer(options), stream => ItemWeightsModel.Load(SlimTrainer.ModelName, stream)),
        Family(SparseEaseTrainer.ModelName, TrainerOptionsJson.Default.SparseEaseOptions, options => new SparseEaseTrainer(options), stream => ItemWeightsModel.Load(SparseEaseTrainer.ModelName, stream)),
    ];

    private static readonly TrainerFamily[] Factorisation =
    [
        Family(AlsTrainer.ModelName, TrainerOptionsJson.Default.AlsOptions, options => new AlsTrainer(options), AlsModel.Load),
        Family(BiasedMfTrainer.ModelName, TrainerOptionsJson.Default.BiasedMfOptions, options => new BiasedMfTrainer(options), BiasedMfTrainer.Load),
        Family(SvdPlusPlusTrainer.ModelName, TrainerOptionsJson.Default.SvdPlusPlusOptions, options => new SvdPlusPlusTrainer(options), SvdPlusPlusTrainer.Load),
        Family(FactorisationMachineTrainer.ModelName, TrainerOptionsJson.Default.FactorisationMachineOptions, options => new FactorisationMachineTrainer(options), FactorisationMachineTrainer.Load),
        Family(TruncatedSvdTrainer.ModelName, TrainerOptionsJson.Default.TruncatedSvdOptions, options => new TruncatedSvdTrainer(options), TruncatedSvdModel.Load),
        Family(BprTrainer.ModelName, TrainerOptionsJson.Default.BprOptions, options => new BprTrainer(options), stream => FactorModel.Load(BprTrainer.ModelName, stream)),
        Family(WarpTrainer.ModelName, TrainerOptionsJson.Default.WarpOptions, options => new WarpTrainer(options), stream => FactorModel.Load(WarpTrainer.ModelName, stream)),
        Family(LogisticMfTrainer.ModelName, TrainerOptionsJson.Default.LogisticMfOptions, options => new LogisticMfTrainer(options), stream => FactorModel.Load(LogisticMfTrainer.ModelName, stream)),
    ];

    private static readonly TrainerFamily[] Graph =
    [
        Family(LightGcnTrainer.ModelName, TrainerOptionsJson.Default.LightGcnOptions, options => new LightGcnTrainer(options), stream => GraphModel.Load(LightGcnTrainer.ModelName, stream)),
        Family(GraphSoftmaxTrainer.ModelName, TrainerOptionsJson.Default.GraphSoftmaxOptions, options => new GraphSoftmaxTrainer(options), stream => GraphModel.Load(GraphSoftmaxTrainer.ModelName, stream)),
        Family(UltraGcnTrainer.ModelName, TrainerOptionsJson.Default.UltraGcnOptions, options => new UltraGcnTrainer(options), stream => FactorModel.Load(UltraGcnTrainer.ModelName, stream)),
    ];

    private static readonly TrainerFamily[] Sessions =
    [
        Family(SessionKnnTrainer.ModelName, TrainerOptionsJson.Default.SessionKnnOptions, options => new SessionKnnTrainer(options), SessionKnnModel.Load),
        Family(MarkovTrainer.ModelName, TrainerOptionsJson.Default.MarkovOptions, options => new MarkovTrainer(options), MarkovModel.Load),
        Family(ItemTransitionTrainer.ModelName, TrainerOptionsJson.Default.ItemTransitionOptions, options => new ItemTransitionTrainer(options), ItemTransitionTrainer.Load),
        Family(SequentialRulesTrainer.ModelName, TrainerOptionsJson.Default.SequentialRulesOptions, options => new SequentialRulesTrainer(options), SequentialRulesTrainer.Load),
        Family(SessionBlendTrainer.ModelName, TrainerOptionsJson.Default.SessionBlendOptions, options => new SessionBlendTrainer(options), SessionBlendModel.Load),
        Family(SessionRankerTrainer.ModelName, TrainerOptionsJson.Default.SessionRankerOptions, options => new SessionRankerTrainer(options), SessionRankerModel.Load),
        Family(RepeatPurchaseTrainer.ModelName, TrainerOptionsJson.Default.RepeatPurchaseOptions, options => new RepeatPurchaseTrainer(options), RepeatPurchaseModel.Load),
    ];

    private static readonly TrainerFamily[] Content =
    [
        Family(ContentTextTrainer.ModelName, TrainerOptionsJson.Default.ContentTextOptions, options => new ContentTextTrainer(options), ContentTextModel.Load),
        Family(ContentAttributesTrainer.ModelName, TrainerOptionsJson.Default.ContentAttributesOptions, options => new ContentAttributesTrainer(options), ContentAttributesModel.Load),
        Family(ContentEmbeddingsTrainer.ModelName, TrainerOptionsJson.Default.ContentEmbeddingsOptions, options => new ContentEmbeddingsTrainer(options), ContentEmbeddingsTrainer.Load),
        Family(ContentVectorsTrainer.ModelName, TrainerOptionsJson.Default.ContentVectorsOptions, options => new ContentVectorsTrainer(options), ContentVectorsModel.Load),
    ];

    private static readonly TrainerFamily[] Autoencoders =
    [
        Family(MultDaeTrainer.ModelName, TrainerOptionsJson.Default.MultDaeOptions, options => new MultDaeTrainer(options), MultDaeTrainer.Load),
        Family(MultVaeTrainer.ModelName, TrainerOptionsJson.Default.MultVaeOptions, options => new MultVaeTrainer(options), MultVaeTrainer.Load),
        Family(RecVaeTrainer.ModelName, TrainerOptionsJson.Default.RecVaeOptions, options => new RecVaeTrainer(options), RecVaeTrainer.Load),
    ];

    private static readonly TrainerFamily[] Interaction =
    [
        Family(NeuMfTrainer.ModelName, TrainerOptionsJson.Default.NeuMfOptions, options => new NeuMfTrainer(options), NeuMfModel.Load),
        Family(TwoTowerTrainer.ModelName, TrainerOptionsJson.Default.TwoTowerOptions, options => new TwoTowerTrainer(options), TwoTowerModel.Load),
        Family(DinTrainer.ModelName, TrainerOptionsJson.Default.DinOptions, options => new DinTrainer(options), DinModel.Load),
        Family(ClickTrainer.ModelName, TrainerOptionsJson.Default.ClickOptions, options => new ClickTrainer(options), ClickModel.Load),
    ];

    private static readonly TrainerFamily[] Hybrid =
    [
        Family(EnsembleTrainer.ModelName, TrainerOptionsJson.Default.EnsembleOptions, options => new EnsembleTrainer(options), EnsembleModel.Load),
        Family(SwitchingTrainer.ModelName, TrainerOptionsJson.Default.SwitchingOptions, options => new SwitchingTrainer(options), SwitchingModel.Load),
        Family(FeatureAugmentedTrainer.ModelName, TrainerOptionsJson.Default.FeatureAugmentedOptions, options => new FeatureAugmentedTrainer(options), FeatureAugmentedModel.Load),
    ];

    private static readonly TrainerFamily[] Sequential =
    [
        Family(Gru4RecTrainer.ModelName, TrainerOptionsJson.Default.Gru4RecOptions, options => new Gru4RecTrainer(options), Gru4RecTrainer.Load),
        Family(CaserTrainer.ModelName, TrainerOptionsJson.Default.CaserOptions, options => new CaserTrainer(options), CaserTrainer.Load),
    ];

    private static readonly TrainerFamily[] Transformer =
    [
        Family(SasRecTrainer.ModelName, TrainerOptionsJson.Default.SasRecOptions, options => new SasRecTrainer(options), SasRecTrainer.Load),
        Family(Bert4RecTrainer.ModelName, TrainerOptionsJson.Default.Bert4RecOptions, options => new Bert4RecTrainer(options), Bert4RecTrainer.Load),
        Family(BehaviourTransformerTrainer.ModelName, TrainerOptionsJson.Default.BehaviourTransformerOptions, options => new BehaviourTransformerTrainer(options), BehaviourTransformerModel.Load),
    ];

    private static readonly TrainerFamily[] Generative =
    [
        Family(CfganTrainer.ModelName, TrainerOptionsJson.Default.CfganOptions, options => new CfganTrainer(options), CfganModel.Load),
        Family(BehaviourGeneratorTrainer.ModelName, TrainerOptionsJson.Default.BehaviourGeneratorOptions, options => new BehaviourGeneratorTrainer(options), BehaviourGeneratorModel.Load),
    ];

    public static IReadOnlyList<TrainerFamily> All { get; } =
    [
        .. Popularity, .. Neighbours, .. Linear, .. Factorisation, .. FromOrder(Sessions), .. Content, .. Hybrid, .. FromOrder(Sequential), .. FromOrder(Transformer), .. Graph, .. Autoencoders,
        .. Interaction, .. Generative,
    ];

    /// <exception cref="ArgumentException">No family has that name; the message lists those that there are.</exception>
    public static TrainerFamily Find(string name) =>
        All.FirstOrDefault(family => family.Name == name)
        ?? throw new ArgumentException($"There is no model named '{name}'. The models are: {string.Join(", ", All.Select(family => family.Name))}.");

    /// <summary>A trainer by name with options as JSON; empty JSON means defaults.</summary>
    public static ITrainer Create(string name, string? optionsJson = null) => Find(name).Create(optionsJson);

    /// <summary>A model from the numbers that <see cref="IModel.Save"/> wrote.</summary>
    public static IModel Load(string name, Stream stream) => Find(name).Load(stream);

    private static IEnumerable<TrainerFamily> FromOrder(TrainerFamily[] families) => families.Select(family => family with { LearnsFromOrder = true });

    private static TrainerFamily Family<TOptions>(string name, JsonTypeInfo<TOptions> type, Func<TOptions, ITrainer> create, Func<Stream, IModel> load)
        where TOptions : class, new() =>
        new(name, TrainerOptions.Names(type), json => create(TrainerOptions.Read(name, json, type)), load);
}

/// <summary>One family of models.</summary>
/// <param name="Name">As on the command line and in the model file.</param>
/// <param name="OptionNames">Members that its options JSON may have.</param>
/// <param name="Create">Makes a trainer from options JSON; throws <see cref="ArgumentException"/> that names the wrong member and what is allowed.</param>
/// <param name="Load">Reads a saved model; throws <see cref="InvalidDataException"/> for what is no whole model of this family.</param>
public sealed record TrainerFamily(string Name, IReadOnlyList<string> OptionNames, Func<string?, ITrainer> Create, Func<Stream, IModel> Load)
{
    /// <summary>Learns from rows of events alone: they must be known, and what the matrix weighs, or how it decays, changes nothing.</summary>
    public bool LearnsFromOrder { get; init; }
}
