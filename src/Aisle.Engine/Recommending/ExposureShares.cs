namespace Aisle.Engine.Recommending;

/// <summary>Keeps places for groups of items: among the first p places at least ⌊share · p⌋ of each, as long as the candidates have them. Tells what it costs.</summary>
/// <remarks>
/// The prefix rule is that of Zehlike and others: FA*IR (CIKM 2017), with the share itself for its statistical bound. Where several groups are owed a place, the
/// one that lacks most comes first. Cost and exposure weigh a place by 1 / log₂(1 + rank) (Singh, Joachims 2018).
/// </remarks>
internal static class ExposureShares
{
    /// <param name="pool">Best first.</param>
    /// <param name="places">Places in which the shares are kept; what comes after keeps its order.</param>
    /// <param name="count">Places of the list, that the cost is told of.</param>
    public static (List<PooledCandidate> Pool, ExposureCost Cost) Reorder(List<PooledCandidate> pool, int places, int count, RecommendationContext context, CandidateChecks checks)
    {
        var shares = context.Pipeline.Exposure;
        // Neither what a rule buried nor what only fills up is lifted above the rest.
        var considered = pool.TakeWhile(candidate => candidate is { Tier: 0, Buried: false }).ToList();
        var groups = considered.Select(candidate => checks.ShareOf(candidate.Item) ?? -1).ToArray();
        var order = Order(groups, [.. shares.Select(share => share.AtLeast)], Math.Min(places, considered.Count), out var lifted);
        foreach (var place in lifted) considered[order[place]].LiftedFor = shares[groups[order[place]]].Name;

        var relevance = ListDiversity.Relevance(considered);
        var shown = Math.Min(count, considered.Count);
        var (before, after) = (0.0, 0.0);
        var exposed = new (double Before, double After)[shares.Count];
        var total = 0.0;
        for (var place = 0; place < shown; place++)
        {
            var seen = 1 / Math.Log2(place + 2);
            total += seen;
            before += seen * relevance[place];
            after += seen * relevance[order[place]];
            if (groups[place] >= 0) exposed[groups[place]].Before += seen;
            if (groups[order[place]] >= 0) exposed[groups[order[place]]].After += seen;
        }

        var cost = new ExposureCost(
            before > 0 ? 1 - after / before : 0,
            [.. shares.Select((share, group) => new GroupExposure(share.Name, share.AtLeast, total > 0 ? exposed[group].Before / total : 0, total > 0 ? exposed[group].After / total : 0))]);
        return ([.. order.Select(candidate => considered[candidate]), .. pool.Skip(considered.Count)], cost);
    }

    /// <param name="groups">Of each candidate, best first; −1 for none.</param>
    /// <param name="lifted">Places that an owed group took before a better candidate.</param>
    /// <returns>The candidates in their new order.</returns>
    internal static int[] Order(int[] groups, double[] shares, int places, out List<int> lifted)
    {
        lifted = [];
        var waiting = Enumerable.Range(0, shares.Length).Select(group => new Queue<int>(Enumerable.Range(0, groups.Length).Where(candidate => groups[candidate] == group))).ToArray();
        var order = new List<int>(groups.Length);
        var taken = new bool[groups.Length];
        var counts = new int[shares.Length];
        var next = 0;
        for (var place = 0; place < places; place++)
        {
            while (taken[next]) next++;
            var owed = Enumerable.Range(0, shares.Length)
                .Where(group => waiting[group].Count > 0)
                // A share of 0.3 is owed 3 of 10 places, not 2 because 0.3 · 10 is a hair below 3.
                .Select(group => (Group: group, Lacks: Math.Floor(shares[group] * (place + 1) + 1e-9) - counts[group]))
                .Where(group => group.Lacks > 0).OrderByDescending(group => group.Lacks).ToList();
            var chosen = owed.Count > 0 ? waiting[owed[0].Group].Peek() : next;
            if (chosen != next) lifted.Add(place);
            taken[chosen] = true;
            order.Add(chosen);
            if (groups[chosen] < 0) continue;
            counts[groups[chosen]]++;
            waiting[groups[chosen]].Dequeue();
        }

        order.AddRange(Enumerable.Range(0, groups.Length).Where(candidate => !taken[candidate]));
        return [.. order];
    }
}
