using Aisle.Engine.Recommending.Rules;

namespace Aisle.Engine.Recommending;

/// <summary>A list on its way to whoever asked.</summary>
/// <param name="Chosen">In the order of the list.</param>
/// <param name="Pool">What it was chosen from.</param>
/// <param name="Cost">What shares of exposure cost; null where the pipeline has none.</param>
internal sealed record ListChoice(List<PooledCandidate> Chosen, List<PooledCandidate> Pool, ExposureCost? Cost)
{
    /// <summary>Gathers as many candidates as it takes to fill the list within its limits.</summary>
    public static ListChoice Of(RecommendationContext context, CandidateChecks checks, IReadOnlySet<int> left, Func<Rule, long> budgetOf)
    {
        var arranges = ListArrangement.IsNeeded(context, checks);
        var diversity = context.Pipeline.Diversity;
        var shares = context.Pipeline.Exposure.Count > 0;
        var size = arranges || checks.CanReorder || diversity is not null || shares || context.Ranker is not null || context.Pipeline.Sources.Count > 1 ? context.PoolSize : context.Count;
        var fill = arranges ? Math.Min(4 * context.Count, context.PoolSize) : context.Count;
        var places = arranges ? 2 * context.Count : context.Count;
        while (true)
        {
            var pool = CandidatePool.Gather(context, checks, left, size, fill);
            if (diversity is not null) pool = ListDiversity.Reorder(pool, diversity, places, context);
            ExposureCost? cost = null;
            if (shares) (pool, cost) = ExposureShares.Reorder(pool, places, context.Count, context, checks);
            if (!arranges) return new ListChoice(pool.Count > context.Count ? pool[..context.Count] : pool, pool, cost);
            var chosen = ListArrangement.Arrange(context, checks, pool, left, budgetOf);
            if (chosen.Count == context.Count || pool.Count < fill || fill >= context.Catalogue.Count) return new ListChoice(chosen, pool, cost);
            // The limits kept out too many: look further.
            size *= 4;
            fill = Math.Max(size, 4 * fill);
        }
    }
}
