using Aisle.Engine.Configuration;
using Aisle.Engine.Events;
using Aisle.Engine.Feedback;
using Aisle.Engine.Ranking;
using Aisle.Engine.Recommending.Rules;

namespace Aisle.Engine.Recommending;

/// <summary>What served lists leave behind: spent promotions, the log that rankers learn from, the distribution of scores, and what a list that goes on must not repeat.</summary>
public sealed class ListRecorder(EventFeed feed, PromotionBudgets budgets, PublishedConfiguration<RankingSettings> ranking, ServedLog log, ServedScores scores)
{
    private static readonly long FeaturesKind = ServedList.SchemaOf(CandidateFeatures.Schema);

    private readonly ServedLists _served = new();

    internal long LeftOf(Rule promotion) => budgets.LeftOf(promotion);

    /// <summary>Whether a list is drawn for the log; asked once for each.</summary>
    internal bool Wants(Guid list) => log.Wants(list);

    /// <summary>Catalogue indexes that a list showed, with those of the lists that it went on from; none where it is not known any more.</summary>
    internal IReadOnlyList<int> ShownBy(string? list) => list is null ? [] : this._served.ShownBy(list) ?? [];

    /// <summary>Leaves the order of two neighbours to chance, where the shop wants that and the list is logged.</summary>
    internal ServedExchange? Exchange(Guid list, List<PooledCandidate> chosen, RecommendationContext context) =>
        context.IsLogged ? NeighbourExchanges.Draw(list, chosen, ranking.Current.Exchange) : null;

    /// <param name="list">Its own id, and the one by which events speak of it.</param>
    /// <param name="pipelines">Version of the shop's pipelines.</param>
    /// <param name="shadow">What another pipeline would have shown.</param>
    internal void Record((Guid Own, string Told) list, int? pipelines, List<PooledCandidate> chosen, ServedExchange? exchange, ShadowList? shadow, RecommendationContext context)
    {
        foreach (var promoted in chosen.Where(candidate => candidate.PlacedBy?.Action == RuleAction.Promote).GroupBy(candidate => candidate.PlacedBy!.Name))
            budgets.Add(promoted.Key, promoted.Count());
        scores.Add(
            new ScoreOrigin(context.Pipeline.Name, context.Model?.Manifest.Version, pipelines, context.Ranker?.Version), [.. chosen.Select(candidate => ComparableScore(candidate, context))]);
        if (context.IsLogged && chosen.Count > 0)
        {
            log.Add(new ServedList(
                list.Own, context.Now, context.Pipeline.Name, context.Ranker is not null, FeaturesKind, [.. chosen.Select(candidate => candidate.Item.Id)], LearnedOrder.FeaturesOf(chosen, context))
            {
                AfterEvent = feed.Position,
                Exchange = exchange,
                Shadow = shadow,
            });
        }

        this._served.Add(list.Told, [.. this.ShownBy(context.Request.Continues), .. chosen.Select(candidate => candidate.Index)]);
    }

    /// <summary>What models, a ranker or a blend think of an item, before boosts; NaN for fallbacks and for what everybody is shown, whose scores follow the shop's sales.</summary>
    private static double ComparableScore(PooledCandidate candidate, RecommendationContext context)
    {
        if (candidate.Tier > 0 || candidate.GatheredRank == 0) return double.NaN;
        if (candidate.Ranked is { } ranked) return ranked;
        return context.Pipeline.Sources.Count > 1 || candidate.Source.AsksAModel ? candidate.Gathered : double.NaN;
    }
}
