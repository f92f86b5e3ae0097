using Aisle.Engine.Catalog;
using Aisle.Engine.Recommending.Pipelines;
using Aisle.Engine.Recommending.Rules;
using Aisle.Engine.Recommending.Sources;

namespace Aisle.Engine.Recommending;

/// <summary>Which stage kept an item out of a list.</summary>
/// <param name="Stage">Null where the list holds it.</param>
/// <param name="Rule">The rule's name, where one did it.</param>
/// <param name="Limit">The limit, where one was full.</param>
/// <param name="Place">Its place in the list, from 1, where the list holds it.</param>
/// <param name="PoolRank">Its place among the candidates, from 1, where it was one.</param>
/// <param name="Score">Its final score, where it was a candidate.</param>
/// <param name="LastScore">The score of the last item that the list shows by its score, for comparison.</param>
/// <param name="Proposals">What each source of the pipeline says of it.</param>
public sealed record MissingItem(
    ItemId Item, DropStage? Stage, string? Rule, GroupLimit? Limit, int? Place, int? PoolRank, double? Score, double? LastScore, IReadOnlyList<Proposal> Proposals)
{
    /// <summary>How far a source's list is looked through for one item.</summary>
    private const int MaxLook = 100_000;

    internal static MissingItem Of(ItemId id, RecommendationContext context, CandidateChecks checks, IReadOnlySet<int> left, Func<Rule, long> budgetOf)
    {
        if (context.Catalogue.IndexOf(id) is not { } index) return new MissingItem(id, DropStage.Unknown, null, null, null, null, null, null, []);
        var (chosen, pool, _) = ListChoice.Of(context, checks, left, budgetOf);
        var last = chosen.LastOrDefault(candidate => candidate.PlacedBy is null)?.Score;
        var place = chosen.FindIndex(candidate => candidate.Index == index);
        var pooled = pool.Find(candidate => candidate.Index == index);
        var found = new MissingItem(id, null, null, null, place >= 0 ? place + 1 : null, pooled?.PoolRank, pooled?.Score, last, ProposalsOf(index, context));
        if (place >= 0) return found;
        if (left.Contains(index)) return found with { Stage = LeftBecause(id, context) };
        if (checks.Refuse(index) is { } refusal) return found with { Stage = refusal.Stage, Rule = refusal.Rule };
        if (pooled is null) return found with { Stage = found.Proposals.Any(proposal => proposal.Rank is not null) ? DropStage.Rank : DropStage.NotProposed };
        var limits = new GroupLimits([.. context.Pipeline.Limits, .. checks.Rules.Of(RuleAction.Limit).Select(rule => rule.Rule.Limit!)]);
        foreach (var candidate in chosen) limits.Count(candidate.Item);
        // Items that follow it in the pool were taken: only a full limit can have passed it over.
        var passedOver = chosen.Any(candidate => candidate.PlacedBy is null && candidate.PoolRank > pooled.PoolRank);
        return passedOver && limits.Broken(pooled.Item) is { } limit ? found with { Stage = DropStage.Limit, Limit = limit } : found with { Stage = DropStage.Rank };
    }

    /// <summary>A sentence for merchandisers.</summary>
    /// <param name="language"><c>zh</c>, or anything else for English.</param>
    public string Sentence(string language)
    {
        var chinese = language.StartsWith("zh", StringComparison.Ordinal);
        return this.Stage switch
        {
            null => chinese ? $"它在列表中，位于第 {this.Place} 位。" : $"It is in the list, at place {this.Place}.",
            DropStage.Unknown => chinese ? "商品目录和行为数据中都没有这个商品编号。" : "Neither the catalogue nor any event knows this id.",
            DropStage.NotInCatalogue => chinese ? "它有行为数据，但商品目录中没有描述。" : "Events know it, but the catalogue does not describe it.",
            DropStage.OutOfStock => chinese ? "它已无库存。" : "It is out of stock.",
            DropStage.NotYetAvailable => chinese ? "它尚未开售。" : "It is not available yet.",
            DropStage.QuestionItem => chinese ? "请求就是针对这个商品的。" : "The request is about this very item.",
            DropStage.Excluded => chinese ? "请求排除了它，或它已在同一页面的其他栏目中。" : "The request leaves it out, or another row of the page shows it already.",
            DropStage.NotAmongItems => chinese ? "请求给出的列表中没有它。" : "The list that the request gave does not hold it.",
            DropStage.Seen => chinese ? "顾客已经看过或买过它，此流程不再展示。" : "The shopper knows it already, and this pipeline holds back what is known.",
            DropStage.RequestFilter => chinese ? "它不符合请求的筛选条件。" : "It does not meet the request's filter.",
            DropStage.PipelineFilter => chinese ? "它不符合流程的筛选条件。" : "It does not meet the pipeline's filter.",
            DropStage.Rule => chinese ? $"规则“{this.Rule}”隐藏了它。" : $"The rule “{this.Rule}” keeps it out.",
            DropStage.NotProposed => chinese ? "流程的任何来源都没有提出它。" : "No source of the pipeline brings it.",
            DropStage.Limit => chinese ? $"同组（{this.Limit!.Same}）最多 {this.Limit.AtMost} 件，名额已满。" : $"At most {this.Limit!.AtMost} of the same {this.Limit.Same.ToString().ToLowerInvariant()} are shown, and those places were taken.",
            _ => chinese ? "排名靠后，其他商品排在它前面。" : "Other items stood before it.",
        };
    }

    private static DropStage LeftBecause(ItemId id, RecommendationContext context)
    {
        if (!context.Pipeline.AmongItems && context.Request.Items.Contains(id)) return DropStage.QuestionItem;
        return context.History.Any(entry => entry.Item == id && RecommendationService.HoldsBack(context, entry)) && !context.Request.Exclude.Contains(id)
            ? DropStage.Seen
            : DropStage.Excluded;
    }

    private static List<Proposal> ProposalsOf(int index, RecommendationContext context)
    {
        var proposals = new List<Proposal>();
        foreach (var source in context.Pipeline.Sources.Select(weighted => weighted.Source).Concat(context.Pipeline.Fallback).DistinctBy(source => source.Name))
        {
            var rank = 0;
            Candidate? found = null;
            foreach (var candidate in source.Candidates(context, MaxLook).Take(MaxLook))
            {
                rank++;
                if (candidate.Index != index) continue;
                found = candidate;
                break;
            }

            proposals.Add(new Proposal(source.Name, found is null ? null : rank, found?.Score));
        }

        return proposals;
    }
}

/// <param name="Rank">The item's place in the source's list before anything is dropped, from 1; null where the source does not bring it.</param>
public sealed record Proposal(string Source, int? Rank, double? Score);
