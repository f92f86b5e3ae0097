using Aisle.Engine.Expressions;
using Aisle.Engine.Recommending.Sources;

namespace Aisle.Engine.Recommending.Pipelines;

/// <summary>What a request must bring for a pipeline to answer it.</summary>
[Flags]
public enum PipelineNeeds
{
    None = 0,
    Items = 1,
    User = 2,
    Category = 4,
}

/// <summary>How a scenario's list comes about: where candidates are from, what may be shown, in which order. Immutable.</summary>
public sealed record Pipeline
{
    public const int MaxPool = 2000;

    public required string Name { get; init; }

    /// <summary>What it is for, for people.</summary>
    public string? About { get; init; }

    public PipelineNeeds Needs { get; init; }

    /// <summary>
    /// Where candidates come from. One source keeps its own scores; several are blended by reciprocal ranks,
    /// score = Σ weight / (60 + rank) (Cormack, Clarke, Büttcher 2009), since scores of different sources do not compare.
    /// </summary>
    internal IReadOnlyList<WeightedSource> Sources { get; init; } = [];

    /// <summary>Sources that fill, one after another, what the former left empty.</summary>
    internal IReadOnlyList<ICandidateSource> Fallback { get; init; } = [];

    /// <summary>Whether only the request's own items are candidates: the re-ranking of a caller's list.</summary>
    public bool AmongItems { get; init; }

    public SeenPolicy Seen { get; init; } = SeenPolicy.Include;

    /// <summary>Only items for which it is true.</summary>
    public Expression? Filter { get; init; }

    /// <summary>Multiplies scores.</summary>
    public Expression? Boost { get; init; }

    /// <summary>What puts the candidates in order.</summary>
    public RankedBy Rank { get; init; }

    public IReadOnlyList<GroupLimit> Limits { get; init; } = [];

    /// <summary>How items of a list shall differ; null for not at all.</summary>
    public Diversity? Diversity { get; init; }

    /// <summary>Places kept for new items; null for none.</summary>
    public NewItemShare? NewItems { get; init; }

    /// <summary>Shares of the places that groups of items have at least.</summary>
    public IReadOnlyList<ExposureShare> Exposure { get; init; } = [];

    /// <summary>Places kept for finding out about items that were seldom shown; null for none.</summary>
    public Exploration? Explore { get; init; }

    /// <summary>The pipeline whose lists are made beside this one's, for the log alone, so that it can be judged before it serves; null for none.</summary>
    public string? Shadow { get; init; }

    /// <summary>Candidates that the list is chosen from, at least; 10 to 2,000, default 200.</summary>
    public int Pool { get; init; } = 200;

    /// <summary>What it needs and a request does not bring; null for nothing.</summary>
    internal FieldProblem? MissingFrom(RecommendationRequest request)
    {
        if (this.Needs.HasFlag(PipelineNeeds.Items) && request.Items.Count == 0) return new FieldProblem("items", $"items is empty; {this.Name} needs the item or items that the list is for.");
        if (this.Needs.HasFlag(PipelineNeeds.User) && request.User is null) return new FieldProblem("user", $"user is missing; {this.Name} needs the shopper.");
        return this.Needs.HasFlag(PipelineNeeds.Category) && request.Filter.Category.Count == 0
            ? new FieldProblem("category", $"category is missing; {this.Name} orders the products of one.")
            : null;
    }

    /// <summary>Names of the sources, for people.</summary>
    public IEnumerable<string> SourceNames => this.Sources.Select(source => source.Source.Name).Concat(this.Fallback.Select(source => source.Name)).Distinct();
}

public enum RankedBy
{
    /// <summary>What the sources think of them.</summary>
    Scores,

    /// <summary>The published ranker, trained from what was served; where there is none, the scores.</summary>
    Learned,
}

internal sealed record WeightedSource(ICandidateSource Source, double Weight);

/// <summary>What items of a list have in common.</summary>
public enum ItemGroup
{
    Brand,
    Department,
    Subcategory,
    Seller,
}

/// <summary>At most so many items of a list may be of the same group. Items of which it is unknown are not limited.</summary>
public sealed record GroupLimit(int AtMost, ItemGroup Same);

public enum DiversityMethod
{
    /// <summary>Maximal marginal relevance (Carbonell, Goldstein 1998): each next item is like none before it.</summary>
    Marginal,

    /// <summary>A determinantal point process (Chen, Zhang, Zhou 2018): the list as a whole spans much.</summary>
    Determinantal,

    /// <summary>Calibration (Steck 2018): subcategories in the shares that the shopper's history has.</summary>
    Calibrated,
}

/// <param name="Strength">0 leaves the order by score; 1 looks at difference alone.</param>
public sealed record Diversity(DiversityMethod Method, double Strength);

/// <param name="Share">Of the places.</param>
/// <param name="Days">An item is new so long after it was first available.</param>
public sealed record NewItemShare(double Share, double Days);

/// <summary>Among the first p places at least ⌊share · p⌋ items of a group.</summary>
/// <param name="Where">True for the items of the group; an item belongs to the first group that it is in.</param>
public sealed record ExposureShare(string Name, double AtLeast, Expression Where);

/// <summary>Exploration: a share of the places goes to items of which little is known, drawn with known probabilities.</summary>
/// <param name="Share">Of the places, on average.</param>
/// <param name="Below">Items shown less often than this.</param>
public sealed record Exploration(double Share, int Below);

/// <summary>What a shop shows in a placement.</summary>
/// <param name="Pipeline">Name of the pipeline.</param>
/// <param name="Count">Length of the list where the request does not say; null for the request's default.</param>
public sealed record Placement(string Name, string Pipeline, int? Count);
