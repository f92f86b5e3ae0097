using Aisle.Engine.Catalog;

namespace Aisle.Engine.Recommending;

/// <summary>An answer: items in order, each with where it came from.</summary>
/// <param name="Id">Goes with every impression, click, cart and purchase that the list causes.</param>
/// <param name="Scenario">The pipeline that made it.</param>
/// <param name="ModelVersion">The model that served; null where no model has been trained yet.</param>
/// <param name="PipelineVersion">The published pipelines that served; null where the shop published none.</param>
/// <param name="RuleVersion">The published rules that served; null where the shop published none.</param>
public sealed record RecommendationList(
    string Id, Scenario Scenario, string? Placement, int? ModelVersion, int? PipelineVersion, int? RuleVersion, IReadOnlyList<Recommendation> Items)
{
    /// <summary>What the pipeline's shares of exposure reach and cost; null where it has none.</summary>
    public ExposureCost? Exposure { get; init; }
}

/// <summary>What shares of exposure cost a list, before pins, promotions, new items and exploration take their places.</summary>
/// <param name="ScoreGivenUp">
/// Share of the list's scores that it has less than without them: scores are brought to 0 to 1 over the candidates, places weigh 1 / log₂(1 + rank).
/// </param>
public sealed record ExposureCost(double ScoreGivenUp, IReadOnlyList<GroupExposure> Groups);

/// <param name="Before">Its share of the exposure without the shares.</param>
/// <param name="After">The same with them.</param>
public sealed record GroupExposure(string Name, double AtLeast, double Before, double After);

/// <param name="Item">The described item, or null where only events know it.</param>
/// <param name="Score">Comparable among items of the same source only.</param>
/// <param name="Source">The candidate source that brought it, e.g. <c>personal</c>.</param>
public sealed record Recommendation(ItemId Id, Item? Item, double Score, string Source, Reason Reason)
{
    /// <summary>The rule that gave the item its place; null where its score did.</summary>
    public string? Rule { get; init; }

    /// <summary>The probability with which exploration drew it for its place; null where it was not drawn.</summary>
    public double? Propensity { get; init; }

    /// <summary>Its way to the list, where the request asked for it.</summary>
    public IReadOnlyList<ScoreStep> Steps { get; init; } = [];
}

/// <summary>A stage on an item's way to the list.</summary>
/// <param name="Stage"><c>source</c>, <c>blend</c>, <c>rank</c>, <c>boost</c>, <c>rules</c>, <c>buried</c>, <c>pool</c>, <c>exposure</c>, <c>explored</c>, <c>rule</c>, <c>exchange</c> or <c>place</c>.</param>
/// <param name="Score">The score after it.</param>
/// <param name="Rank">The item's place after it, from 1; of <c>exchange</c>, the place that it left to its neighbour by chance.</param>
/// <param name="Detail">The source's, the rule's, the group's or the pipeline's name; of <c>rank</c>, the features that weighed most.</param>
public sealed record ScoreStep(string Stage, double? Score, int? Rank, string? Detail);

public enum ReasonKind
{
    /// <summary>The shopper's own history; <see cref="Reason.Because"/> contributed most.</summary>
    BecauseOfHistory,
    SimilarTo,
    BoughtTogetherWith,
    BestSeller,
    Trending,
    NewArrival,
    RecentlyViewed,

    /// <summary>Who sees it clicks on it more often than on others.</summary>
    MostClicked,

    /// <summary>The shopper buys it again and again.</summary>
    BoughtBefore,

    /// <summary>From the caller's own list.</summary>
    Given,

    /// <summary>A rule of the shop put it there.</summary>
    ChosenByShop,

    /// <summary>Shown to find out about it.</summary>
    Explored,

    /// <summary>A promotion; said openly.</summary>
    Promoted,

    /// <summary>Shoppers of the same segments take it.</summary>
    PopularAmongAlike,

    /// <summary>The catalogue's own order: nothing else was left to show.</summary>
    InCatalogue,
}

/// <summary>Why an item is in a list.</summary>
/// <param name="Because">The item that brought it, where one did.</param>
public sealed record Reason(ReasonKind Kind, ItemId? Because = null)
{
    /// <summary>A sentence for the shopper.</summary>
    /// <param name="because">Title of <see cref="Because"/> in the same language.</param>
    /// <param name="language"><c>zh</c>, or anything else for English.</param>
    public string Sentence(string? because, string language)
    {
        var chinese = language.StartsWith("zh", StringComparison.Ordinal);
        return this.Kind switch
        {
            ReasonKind.BecauseOfHistory when because is not null => chinese ? $"因为您对“{because}”感兴趣" : $"Because you were interested in {because}",
            ReasonKind.BecauseOfHistory => chinese ? "根据您的浏览与购买" : "From what you viewed and bought",
            ReasonKind.SimilarTo => chinese ? $"与“{because}”相似" : $"Similar to {because}",
            ReasonKind.BoughtTogetherWith => chinese ? $"常与“{because}”一起购买" : $"Often bought with {because}",
            ReasonKind.BestSeller => chinese ? "热销商品" : "A best seller",
            ReasonKind.Trending => chinese ? "近期走红" : "Trending now",
            ReasonKind.MostClicked => chinese ? "大家都爱点" : "Many are taking a look",
            ReasonKind.RecentlyViewed => chinese ? "您最近浏览过" : "You looked at it lately",
            ReasonKind.BoughtBefore => chinese ? "您曾购买，也许该补货了" : "You bought it before; it may be time again",
            ReasonKind.Given => chinese ? "符合您的搜索" : "Matches your search",
            ReasonKind.ChosenByShop => chinese ? "店铺精选" : "Chosen by the shop",
            ReasonKind.Explored => chinese ? "换换口味" : "Something different",
            ReasonKind.Promoted => chinese ? "推广" : "Promoted",
            ReasonKind.PopularAmongAlike => chinese ? "与您相似的顾客爱买" : "Popular with shoppers like you",
            ReasonKind.NewArrival => chinese ? "新品上架" : "New in the shop",
            _ => chinese ? "来自商品目录" : "From the catalogue",
        };
    }
}
