using Aisle.Engine.Recommending.Rules;
using Aisle.Engine.Recommending.Sources;

namespace Aisle.Engine.Recommending;

/// <summary>Tells of each chosen item where it is from and why.</summary>
internal static class Provenance
{
    public static IReadOnlyList<Recommendation> Of(IReadOnlyList<PooledCandidate> chosen, RecommendationContext context)
    {
        // A source explains all of its items at once.
        var reasons = new Dictionary<int, Reason>();
        foreach (var group in chosen.GroupBy(candidate => candidate.Source))
        {
            var candidates = group.Select(member => member.Candidate).ToList();
            foreach (var (candidate, reason) in candidates.Zip(group.Key.Explain(candidates, context))) reasons[candidate.Index] = reason;
        }

        return [.. chosen.Select((candidate, place) => new Recommendation(
            candidate.Item.Id,
            context.Catalogue.ItemAt(candidate.Index),
            candidate.Score,
            candidate.Source.Name,
            candidate.PlacedBy?.Action == RuleAction.Promote ? new Reason(ReasonKind.Promoted)
                : candidate.IsPlacedAsNew ? new Reason(ReasonKind.NewArrival)
                : reasons[candidate.Index])
        {
            Rule = candidate.PlacedBy?.Name,
            Propensity = candidate.Propensity,
            Steps = context.Request.Explain ? StepsOf(candidate, place + 1, context) : [],
        })];
    }

    private static List<ScoreStep> StepsOf(PooledCandidate candidate, int place, RecommendationContext context)
    {
        var steps = new List<ScoreStep>();
        if (candidate.Source == RuleSource.Instance)
        {
            steps.Add(new ScoreStep("rule", null, null, candidate.PlacedBy?.Name));
        }
        else if (candidate.Propensity is { } propensity)
        {
            steps.Add(new ScoreStep("explored", propensity, null, null));
        }
        else if (candidate.Parts.Count == 0)
        {
            steps.Add(new ScoreStep("source", candidate.Candidate.Score, candidate.SourceRank, candidate.Source.Name));
        }
        else
        {
            steps.AddRange(candidate.Parts.Select(part => new ScoreStep("source", part.Score, part.Rank, part.Source)));
            steps.Add(new ScoreStep("blend", candidate.Gathered, null, null));
        }

        if (candidate.Ranked is { } ranked && context.Ranker is { } ranker) steps.Add(new ScoreStep("rank", ranked, null, LearnedOrder.Reasons(candidate, ranker)));
        if (candidate.Boosted != (candidate.Ranked ?? candidate.Gathered)) steps.Add(new ScoreStep("boost", candidate.Boosted, null, null));
        if (candidate.Score != candidate.Boosted) steps.Add(new ScoreStep("rules", candidate.Score, null, null));
        if (candidate.Buried) steps.Add(new ScoreStep("buried", null, null, null));
        if (candidate.PoolRank > 0) steps.Add(new ScoreStep("pool", candidate.Score, candidate.PoolRank, null));
        if (candidate.ExchangedFrom is { } left) steps.Add(new ScoreStep("exchange", null, left, null));
        if (candidate.LiftedFor is { } group) steps.Add(new ScoreStep("exposure", null, null, group));
        steps.Add(new ScoreStep("place", null, place, candidate.PlacedBy?.Name ?? context.Pipeline.Name));
        return steps;
    }
}
