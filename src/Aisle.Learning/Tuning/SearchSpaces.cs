using Aisle.Learning.Models;

namespace Aisle.Learning.Tuning;

/// <summary>What to search over for one family of models.</summary>
/// <param name="Dimensions">Options with their ranges.</param>
/// <param name="BudgetOption">The option whose value a smaller budget scales down (iterations, epochs); null where a smaller budget means fewer users.</param>
public sealed record SearchSpace(IReadOnlyList<SearchDimension> Dimensions, string? BudgetOption = null);

/// <summary>The search spaces of the families, by name. A family without an entry can be tuned by dimensions given by the caller.</summary>
public static class SearchSpaces
{
    private static readonly SearchDimension[] Neighbours =
    [
        SearchDimension.OneOf("similarity", "cosine", "asymmetric-cosine", "jaccard", "tf-idf", "bm25"),
        SearchDimension.Whole("neighbours", 20, 1000, log: true),
        SearchDimension.Number("shrinkage", 0.1, 300, log: true),
        SearchDimension.Number("damping", 0, 1),
        SearchDimension.Number("amplification", 0.5, 3, log: true),
    ];

    /// <summary>Of linear models that regress items on items.</summary>
    private static readonly SearchDimension[] Ridge =
    [
        SearchDimension.Number("regularization", 1, 10_000, log: true),
        SearchDimension.Number("userExponent", 0, 1),
        SearchDimension.Number("frequencyExponent", 0, 1),
    ];

    /// <summary>Of models that learn from sampled items.</summary>
    private static readonly SearchDimension[] Sampled =
    [
        SearchDimension.Whole("factors", 16, 256, log: true),
        SearchDimension.Number("learningRate", 0.005, 0.5, log: true),
        SearchDimension.Number("regularization", 0.0001, 0.1, log: true),
    ];

    /// <summary>Of autoencoders.</summary>
    private static readonly SearchDimension[] Autoencoders =
    [
        SearchDimension.Whole("factors", 32, 512, log: true),
        SearchDimension.Number("learningRate", 0.0003, 0.01, log: true),
        SearchDimension.Number("dropout", 0.2, 0.8),
    ];

    /// <summary>Of models that predict ratings.</summary>
    private static readonly SearchDimension[] Ratings =
    [
        SearchDimension.Whole("factors", 8, 256, log: true),
        SearchDimension.Number("regularization", 0.01, 0.5, log: true),
        SearchDimension.Number("biasRegularization", 0.005, 0.5, log: true),
        SearchDimension.Number("learningRate", 0.002, 0.05, log: true),
    ];

    /// <summary>Of neural models of sequences.</summary>
    private static readonly SearchDimension[] Sequential =
    [
        SearchDimension.OneOf("dimensions", 32, 64, 128),
        SearchDimension.Number("dropRate", 0, 0.6),
        SearchDimension.OneOf("loss", "softmax", "sampled-softmax", "gbce", "bpr-max"),
        SearchDimension.Whole("negatives", 16, 1024, log: true),
        SearchDimension.Number("learningRate", 0.0003, 0.01, log: true),
        SearchDimension.Whole("batchSize", 32, 512, log: true),
    ];

    private static readonly Dictionary<string, SearchSpace> ByModel = new(StringComparer.Ordinal)
    {
        // Popularity
        ["popularity"] = new([SearchDimension.Number("halfLifeDays", 1, 1000, log: true)]),
        ["trending"] = new(
            [
                SearchDimension.Whole("windowDays", 1, 30, log: true),
                SearchDimension.Whole("pastDays", 7, 180, log: true),
                SearchDimension.Number("smoothing", 0.1, 30, log: true),
                SearchDimension.Number("certainty", 0, 3),
            ]),
        ["segment-popularity"] = new([SearchDimension.Number("shrinkage", 1, 10_000, log: true), SearchDimension.Number("halfLifeDays", 1, 1000, log: true)]),
        ["co-purchase"] = new(
            [
                SearchDimension.Whole("minCount", 2, 30, log: true),
                SearchDimension.Number("minConfidence", 0.001, 0.2, log: true),
                SearchDimension.OneOf("measure", "confidence", "lift", "leverage", "conviction"),
            ]),

        // Neighbours
        ["itemknn"] = new(Neighbours),
        ["userknn"] = new(Neighbours),

        // Linear
        ["rp3beta"] = new(
            [
                SearchDimension.Whole("neighbours", 20, 1000, log: true),
                SearchDimension.Number("alpha", 0.1, 2),
                SearchDimension.Number("beta", 0, 1.2),
                SearchDimension.Number("shrinkage", 0.1, 1000, log: true),
                SearchDimension.Number("normalization", 0, 1),
            ]),
        ["spectral"] = new(
            [
                SearchDimension.Whole("factors", 32, 512, log: true),
                SearchDimension.Number("lowPassWeight", 0.01, 3, log: true),
                SearchDimension.Number("userExponent", 0, 1),
                SearchDimension.Number("itemExponent", 0, 1),
                SearchDimension.Number("sharpening", 0, 2.7),
            ]),
        ["ease"] = new(Ridge),
        ["sparse-ease"] = new(Ridge),
        ["slim"] = new([.. Ridge, SearchDimension.Number("sparsity", 0.0005, 0.05, log: true)]),

        // Factorisation
        ["als"] = new(
            [
                SearchDimension.Whole("factors", 16, 256, log: true),
                SearchDimension.Number("unobservedWeight", 0.001, 1, log: true),
                SearchDimension.Number("regularization", 0.0005, 0.5, log: true),
                SearchDimension.Number("frequencyExponent", 0, 1),
            ],
            "iterations"),
        ["bpr"] = new([.. Sampled, SearchDimension.OneOf("sampler", "uniform", "popularity", "hardest"), SearchDimension.Whole("negatives", 1, 32, log: true), SearchDimension.OneOf("itemBias", false, true)], "epochs"),
        ["warp"] = new([.. Sampled, SearchDimension.Whole("trials", 5, 200, log: true), SearchDimension.OneOf("itemBias", false, true)], "epochs"),
        ["logistic-mf"] = new([.. Sampled, SearchDimension.Whole("negatives", 1, 30, log: true), SearchDimension.Number("popularityExponent", 0, 1)], "epochs"),
        ["factorisation-machine"] = new(
            [
                SearchDimension.Whole("factors", 8, 128, log: true),
                SearchDimension.Number("learningRate", 0.005, 0.3, log: true),
                SearchDimension.Number("regularization", 0.00001, 0.3, log: true),
                SearchDimension.Whole("negatives", 1, 16, log: true),
            ],
            "epochs"),
        ["biased-mf"] = new(Ratings),
        ["svdpp"] = new(Ratings, "epochs"),
        ["truncated-svd"] = new([SearchDimension.Whole("factors", 16, 512, log: true), SearchDimension.Number("popularityExponent", 0, 1)]),

        // Autoencoders
        ["mult-dae"] = new([.. Autoencoders, SearchDimension.Number("weightDecay", 0.0001, 0.3, log: true)], "epochs"),
        ["mult-vae"] = new([.. Autoencoders, SearchDimension.Number("klWeight", 0.02, 1, log: true)], "epochs"),
        ["recvae"] = new([.. Autoencoders, SearchDimension.Number("gamma", 0.0005, 0.05, log: true)], "epochs"),

        // Graph
        ["lightgcn"] = new(
            [
                SearchDimension.Whole("factors", 16, 256, log: true),
                SearchDimension.Whole("layers", 1, 4),
                SearchDimension.Number("learningRate", 0.001, 0.1, log: true),
                SearchDimension.Number("regularization", 0.000001, 0.01, log: true),
            ],
            "epochs"),
        ["graph-softmax"] = new(
            [
                SearchDimension.Whole("factors", 32, 256, log: true),
                SearchDimension.Whole("layers", 1, 3),
                SearchDimension.Number("temperature", 0.05, 0.3, log: true),
                SearchDimension.Number("learningRate", 0.005, 0.1, log: true),
                SearchDimension.Number("activityExponent", 0, 1),
            ],
            "epochs"),
        ["ultragcn"] = new(
            [
                SearchDimension.Whole("factors", 32, 256, log: true),
                SearchDimension.Number("negativeWeight", 10, 1000, log: true),
                SearchDimension.Number("neighbourWeight", 1e-4, 5, log: true),
                SearchDimension.Number("learningRate", 0.0003, 0.01, log: true),
                SearchDimension.Number("regularization", 1e-6, 1e-3, log: true),
            ],
            "epochs"),

        // Sessions
        ["session-knn"] = new(
            [
                SearchDimension.Whole("recentSessions", 50, 5000, log: true),
                SearchDimension.Whole("neighbours", 50, 2000, log: true),
                SearchDimension.Number("historyDecay", 0.5, 50, log: true),
                SearchDimension.Number("idfPower", 0, 5),
                SearchDimension.Number("lengthPower", 0, 1),
                SearchDimension.Number("backwardWeight", 0, 1.5),
                SearchDimension.Number("repeatWeight", 0, 3),
                SearchDimension.Number("votePower", 0, 3),
            ]),
        ["markov"] = new(
            [
                SearchDimension.Whole("order", 1, 6),
                SearchDimension.Whole("skip", 0, 10),
                SearchDimension.Number("skipDecay", 0.1, 1),
                SearchDimension.Number("smoothing", 0.1, 100, log: true),
            ]),
        ["item-transition"] = new(
            [
                SearchDimension.Number("distanceDecay", 0.3, 20, log: true),
                SearchDimension.Number("backwardWeight", 0, 1.5),
                SearchDimension.Number("recency", 0.01, 10, log: true),
                SearchDimension.Number("historyDecay", 0.3, 30, log: true),
                SearchDimension.Number("sourcePower", 0, 1),
                SearchDimension.Number("targetPower", 0, 1),
                SearchDimension.Number("secondStep", 0, 10),
            ]),
        ["sequential-rules"] = new(
            [
                SearchDimension.Whole("maxDistance", 1, 50, log: true),
                SearchDimension.OneOf("weighting", "reciprocal", "linear", "quadratic", "logarithmic", "same"),
                SearchDimension.Whole("historyItems", 1, 30, log: true),
            ]),
        ["session-blend"] = new([SearchDimension.Number("transitionShare", 0, 1)]),
        ["session-ranker"] = new(
            [
                SearchDimension.Whole("candidates", 20, 200, log: true),
                SearchDimension.Number("heldOutShare", 0.03, 0.3, log: true),
                SearchDimension.Whole("leaves", 7, 127, log: true),
                SearchDimension.Number("learningRate", 0.02, 0.2, log: true),
            ]),
        ["repeat-purchase"] = new(
            [
                SearchDimension.Number("itemShrinkage", 0.1, 1000, log: true),
                SearchDimension.Number("userShrinkage", 0.1, 100, log: true),
                SearchDimension.Number("intervalShrinkage", 0.1, 1000, log: true),
                SearchDimension.Number("samePurchaseDays", 0.01, 10, log: true),
            ]),

        // Sequential
        ["gru4rec"] = new([.. Sequential, SearchDimension.Whole("layers", 1, 3)], "epochs"),
        ["caser"] = new(
            [
                .. Sequential,
                SearchDimension.Whole("length", 2, 20, log: true),
                SearchDimension.Whole("horizontalFilters", 4, 64, log: true),
                SearchDimension.Whole("verticalFilters", 1, 16, log: true),
                SearchDimension.Whole("ahead", 1, 3),
            ],
            "epochs"),

        // Content
        ["content-text"] = new([SearchDimension.OneOf("characters", false, true), SearchDimension.Whole("minimumItems", 1, 20, log: true)]),
        ["content-attributes"] = new([SearchDimension.OneOf("measure", "jaccard", "overlap"), SearchDimension.OneOf("rareValuesCountMore", false, true)]),
        ["content-embeddings"] = new(
            [
                SearchDimension.Whole("factors", 16, 512, log: true),
                SearchDimension.Number("ridge", 0.01, 100, log: true),
                SearchDimension.Number("blend", 0.1, 1000, log: true),
                SearchDimension.Number("attributeWeight", 0, 3),
                SearchDimension.OneOf("characters", false, true),
                SearchDimension.Whole("minimumItems", 1, 20, log: true),
            ],
            "iterations"),
        ["content-vectors"] = new([SearchDimension.OneOf("centre", false, true)]),

        // Hybrid; the options of their members are given by --set
        ["ensemble"] = new(
            [
                SearchDimension.OneOf("fusion", "z-score", "min-max", "reciprocal-rank", "borda"),
                SearchDimension.Whole("depth", 50, 5000, log: true),
                SearchDimension.Number("validationShare", 0.05, 0.5),
                SearchDimension.OneOf("holdOut", "auto", "random", "latest"),
            ]),
        ["switching"] = new([SearchDimension.Whole("minimumHistory", 0, 20), SearchDimension.Whole("minimumItemUsers", 0, 50)]),
        ["feature-augmented"] = new(
            [
                SearchDimension.Number("featureWeight", 0.01, 10, log: true),
                SearchDimension.Number("attributeWeight", 0, 3),
                SearchDimension.Whole("minimumItems", 1, 20, log: true),
                SearchDimension.Whole("maximumItems", 50, 5000, log: true),
            ]),

        // Interaction
        ["neumf"] = new(
            [
                SearchDimension.OneOf("parts", "neumf", "gmf", "mlp", "dense"),
                SearchDimension.Whole("factors", 8, 128, log: true),
                SearchDimension.Number("learningRate", 0.0003, 0.02, log: true),
                SearchDimension.Number("weightDecay", 0, 0.3),
                SearchDimension.Whole("negatives", 1, 16, log: true),
            ],
            "epochs"),
        ["two-tower"] = new(
            [
                SearchDimension.Whole("dimensions", 16, 256, log: true),
                SearchDimension.OneOf("hidden", 0, 64, 256),
                SearchDimension.Number("temperature", 0.03, 0.5, log: true),
                SearchDimension.Number("idDropout", 0, 0.8),
                SearchDimension.Number("dropout", 0, 0.6),
                SearchDimension.Number("learningRate", 0.0005, 0.02, log: true),
                SearchDimension.Number("weightDecay", 0, 0.3),
            ],
            "epochs"),
        ["din"] = new(
            [
                SearchDimension.Whole("dimensions", 8, 128, log: true),
                SearchDimension.Whole("attentionHidden", 4, 64, log: true),
                SearchDimension.OneOf("loss", "softmax", "logistic"),
                SearchDimension.Whole("negatives", 2, 64, log: true),
                SearchDimension.Number("learningRate", 0.0005, 0.02, log: true),
                SearchDimension.Number("weightDecay", 0, 0.3),
            ],
            "epochs"),
        ["click-model"] = new(
            [
                SearchDimension.OneOf("interaction", "dcn", "deepfm"),
                SearchDimension.Whole("dimensions", 4, 64, log: true),
                SearchDimension.Whole("hidden", 16, 256, log: true),
                SearchDimension.Whole("negatives", 1, 32, log: true),
                SearchDimension.Number("learningRate", 0.0005, 0.02, log: true),
                SearchDimension.Number("weightDecay", 0, 0.3),
                SearchDimension.Number("dropout", 0, 0.5),
            ],
            "epochs"),

        // Transformer
        ["sasrec"] = new(
            [
                SearchDimension.Whole("blocks", 1, 4),
                SearchDimension.Number("dropRate", 0, 0.6),
                SearchDimension.Number("learningRate", 0.0002, 0.01, log: true),
                SearchDimension.Number("weightDecay", 0, 0.1),
            ],
            "epochs"),
        ["bert4rec"] = new([.. Sequential, SearchDimension.Whole("blocks", 1, 4), SearchDimension.Number("maskShare", 0.1, 0.7)], "epochs"),
        ["behaviour-transformer"] = new(
            [
                SearchDimension.Whole("blocks", 1, 4),
                SearchDimension.Number("dropRate", 0, 0.6),
                SearchDimension.Number("itemDropRate", 0, 0.5),
                SearchDimension.Number("learningRate", 0.0002, 0.01, log: true),
                SearchDimension.Number("weightDecay", 0, 0.1),
            ],
            "epochs"),

        // Generative
        ["cfgan"] = new(
            [
                SearchDimension.Whole("dimensions", 32, 512, log: true),
                SearchDimension.OneOf("zeros", "zr", "pm", "zp"),
                SearchDimension.Number("reconstructionShare", 0.5, 20, log: true),
                SearchDimension.Number("reconstructionWeight", 0.001, 3, log: true),
                SearchDimension.Number("maskingShare", 0.5, 20, log: true),
                SearchDimension.Number("dropRate", 0, 0.8),
                SearchDimension.Number("learningRate", 0.0002, 0.01, log: true),
                SearchDimension.Number("discriminatorRate", 0.0002, 0.01, log: true),
            ],
            "epochs"),
        ["behaviour-generator"] = new(
            [
                SearchDimension.Whole("dimensions", 8, 128, log: true),
                SearchDimension.Number("emptyShare", 0, 1),
                SearchDimension.Number("userExponent", 0, 1),
                SearchDimension.Number("adversarialWeight", 0.001, 3, log: true),
                SearchDimension.Number("dropRate", 0, 0.8),
                SearchDimension.Number("learningRate", 0.0002, 0.02, log: true),
                SearchDimension.Number("weightDecay", 0.0001, 0.3, log: true),
            ],
            "epochs"),
    };

    public static IReadOnlyCollection<string> Models => ByModel.Keys;

    /// <summary>The space of a family, with dimensions replaced or added by the caller.</summary>
    /// <exception cref="ArgumentException">The family has no space and none is given, or has no such option; the message says what to do.</exception>
    public static SearchSpace Of(TrainerFamily family, IReadOnlyList<SearchDimension> given)
    {
        foreach (var dimension in given)
        {
            if (!family.OptionNames.Contains(dimension.Name))
                throw new ArgumentException($"{family.Name} has no option '{dimension.Name}'. Its options are: {string.Join(", ", family.OptionNames)}.");
        }

        var known = ByModel.GetValueOrDefault(family.Name) ?? new SearchSpace([]);
        var dimensions = known.Dimensions.Where(dimension => given.All(other => other.Name != dimension.Name)).Concat(given).ToList();
        if (dimensions.Count == 0)
        {
            throw new ArgumentException(
                $"{family.Name} has no search space of its own. Say what to search over, for example --space {(family.OptionNames.Count > 0 ? family.OptionNames[0] : "option")}=1..100:log. Its options are: {string.Join(", ", family.OptionNames)}.");
        }

        return known with { Dimensions = dimensions, BudgetOption = dimensions.Any(dimension => dimension.Name == known.BudgetOption) ? null : known.BudgetOption };
    }
}
