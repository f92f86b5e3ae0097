using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;
using Aisle.Engine.Training;

namespace Aisle.Engine.Recommending;

/// <summary>A question with everything that answers it, taken once so that the whole answer comes from one state.</summary>
internal sealed class RecommendationContext
{
    public required RecommendationRequest Request { get; init; }

    public required ServingModel? Model { get; init; }

    public required Catalogue Catalogue { get; init; }

    public required Rankings Rankings { get; init; }

    /// <summary>What the shopper did, latest first; empty without a shopper.</summary>
    public required IReadOnlyList<HistoryItem> History { get; init; }

    /// <summary>The same event by event, oldest first.</summary>
    public required IReadOnlyList<HistoryEvent> Events { get; init; }

    /// <summary>The clock's time: decides what is available.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Time of the latest event: ages count from here, so that a shop whose data ends in the past is served as it was then.</summary>
    public required DateTimeOffset LatestEvent { get; init; }
}
