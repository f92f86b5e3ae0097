using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;
using Aisle.Engine.Ranking;
using Aisle.Engine.Recommending.Pipelines;
using Aisle.Engine.Recommending.Sources;
using Aisle.Engine.Training;

namespace Aisle.Engine.Recommending;

/// <summary>A question with everything that answers it, taken once so that the whole answer comes from one state.</summary>
internal sealed class RecommendationContext
{
    private HistoryRows? _rows;
    private CandidateFeatures? _features;

    public required RecommendationRequest Request { get; init; }

    public required Pipeline Pipeline { get; init; }

    /// <summary>Length of the list.</summary>
    public required int Count { get; init; }

    public required ServingModel? Model { get; init; }

    public required Catalogue Catalogue { get; init; }

    public required Rankings Rankings { get; init; }

    /// <summary>How often items were shown and clicked.</summary>
    public required ItemExposure Exposure { get; init; }

    /// <summary>What is known of each item's popularity.</summary>
    public required ItemStatistics Statistics { get; init; }

    /// <summary>Orders the candidates; null where the pipeline does not ask for one, or none is published.</summary>
    public PublishedRanker? Ranker { get; init; }

    /// <summary>Whether the list goes into the log that rankers learn from.</summary>
    public bool IsLogged { get; init; }

    /// <summary>Whether the list is made for the log alone, beside the one that is served. Its draws have nothing to do with those of the served one.</summary>
    public bool IsShadow { get; init; }

    /// <summary>Null without a shopper.</summary>
    public required ShopperHistory? Shopper { get; init; }

    /// <summary>What the shop tells of a shopper now; null where it tells nothing.</summary>
    public Func<UserId, IReadOnlyDictionary<string, string>?> ReadAttributes { get; init; } = _ => null;

    /// <summary>What the shopper did, latest first; empty without a shopper.</summary>
    public required IReadOnlyList<HistoryItem> History { get; init; }

    /// <summary>The same event by event, oldest first.</summary>
    public required IReadOnlyList<HistoryEvent> Events { get; init; }

    /// <summary>The clock's time: decides what is available.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Time of the latest event: ages count from here, so that a shop whose data ends in the past is served as it was then.</summary>
    public required DateTimeOffset LatestEvent { get; init; }

    /// <summary>The only catalogue indexes that are candidates; null for all.</summary>
    public required IReadOnlySet<int>? Among { get; init; }

    /// <summary>Candidates that the list is chosen from, where anything can change their order.</summary>
    public int PoolSize => Math.Max(this.Pipeline.Pool, 4 * this.Count);

    /// <summary>Whether candidates keep what each source thought of them.</summary>
    public bool KeepsParts => this.Request.Explain || this.IsLogged || this.Ranker is not null;

    /// <summary>What the ranker is told of candidates.</summary>
    public CandidateFeatures Features => this._features ??= new CandidateFeatures(this);

    /// <summary>The events as the personal model reads them; only where there is one.</summary>
    public HistoryRows Rows => this._rows ??= HistoryRows.Of(this);
}
