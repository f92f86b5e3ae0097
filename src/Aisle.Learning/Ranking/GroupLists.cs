using System.Buffers;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Ranking;

/// <summary>How many of a group stand among the first places.</summary>
/// <param name="Group">Numbered from 0.</param>
/// <param name="Places">K: among the first so many places, at least 1.</param>
/// <param name="AtLeast">Not kept where there are too few candidates of the group.</param>
/// <param name="AtMost">Never exceeded unless nothing else is left.</param>
public readonly record struct GroupQuota(int Group, int Places, int AtLeast = 0, int AtMost = int.MaxValue);

/// <summary>Chooses the best lists by score that keep to bounds on groups.</summary>
public static class GroupLists
{
    /// <summary>
    /// Takes the best candidate left whose group is not full, unless so many places are owed to groups that all that remain up to one of their bounds are needed:
    /// then the best of an owed group. With one bound per group and the same places for all, no other list that keeps to them has a larger sum of scores.
    /// </summary>
    /// <param name="groups">One per candidate, numbered from 0 to 65,535; groups without a quota are free.</param>
    /// <param name="chosen">Receives candidates in their new order; at most as many as there are.</param>
    public static void WithQuotas(ReadOnlySpan<float> scores, ReadOnlySpan<int> groups, ReadOnlySpan<GroupQuota> quotas, Span<int> chosen)
    {
        const int MaxGroups = 1 << 16;
        ListChecks.Check(scores, chosen);
        ListChecks.CheckGroups(scores, groups, MaxGroups);
        foreach (var quota in quotas)
        {
            if (quota.Group is < 0 or >= MaxGroups || quota.Places < 1 || quota.AtLeast < 0 || quota.AtMost < quota.AtLeast || quota.AtLeast > quota.Places)
                throw new ArgumentException($"{quota} cannot be kept: at least 1 place, and 0 ≤ at least ≤ at most, at least ≤ places.");
        }

        var order = ArrayPool<int>.Shared.Rent(scores.Length);
        var counts = ArrayPool<int>.Shared.Rent(quotas.Length);
        try
        {
            Fill(scores, groups, quotas, chosen, order.AsSpan(0, scores.Length), counts.AsSpan(0, quotas.Length));
        }
        finally
        {
            ArrayPool<int>.Shared.Return(order);
            ArrayPool<int>.Shared.Return(counts);
        }
    }

    private static void Fill(ReadOnlySpan<float> scores, ReadOnlySpan<int> groups, ReadOnlySpan<GroupQuota> quotas, Span<int> chosen, Span<int> order, Span<int> counts)
    {
        ByScore(scores, order);
        counts.Clear();
        for (var place = 0; place < chosen.Length; place++)
        {
            var owing = OwingPlaces(order, groups, quotas, counts, place);
            var pick = -1;
            for (var i = 0; i < order.Length && pick < 0; i++)
            {
                if (order[i] >= 0 && (owing == 0 || IsOwed(groups[order[i]], quotas, counts, place, owing)) && !IsFull(groups[order[i]], quotas, counts, place)) pick = i;
            }

            // Every group that is left is full: the best one exceeds its bound rather than leaving the place empty.
            for (var i = 0; pick < 0; i++)
            {
                if (order[i] >= 0) pick = i;
            }

            chosen[place] = order[pick];
            for (var q = 0; q < quotas.Length; q++) counts[q] += quotas[q].Group == groups[order[pick]] && place < quotas[q].Places ? 1 : 0;
            order[pick] = -1;
        }
    }

    /// <returns>The places of the first bound up to which all that remain are needed for groups that have too few; 0 for none.</returns>
    private static int OwingPlaces(ReadOnlySpan<int> order, ReadOnlySpan<int> groups, ReadOnlySpan<GroupQuota> quotas, ReadOnlySpan<int> counts, int place)
    {
        var owing = 0;
        foreach (var bound in quotas)
        {
            if (owing > 0 && bound.Places >= owing) continue;
            var needed = 0;
            for (var q = 0; q < quotas.Length; q++)
            {
                if (quotas[q].Places > bound.Places || quotas[q].Places <= place || quotas[q].AtLeast <= counts[q]) continue;
                var left = 0;
                foreach (var candidate in order) left += candidate >= 0 && groups[candidate] == quotas[q].Group ? 1 : 0;
                needed += Math.Min(left, quotas[q].AtLeast - counts[q]);
            }

            if (needed > 0 && needed >= bound.Places - place) owing = bound.Places;
        }

        return owing;
    }

    private static bool IsOwed(int group, ReadOnlySpan<GroupQuota> quotas, ReadOnlySpan<int> counts, int place, int owing)
    {
        for (var q = 0; q < quotas.Length; q++)
        {
            if (quotas[q].Group == group && place < quotas[q].Places && quotas[q].Places <= owing && counts[q] < quotas[q].AtLeast) return true;
        }

        return false;
    }

    private static bool IsFull(int group, ReadOnlySpan<GroupQuota> quotas, ReadOnlySpan<int> counts, int place)
    {
        for (var q = 0; q < quotas.Length; q++)
        {
            if (quotas[q].Group == group && place < quotas[q].Places && counts[q] >= quotas[q].AtMost) return true;
        }

        return false;
    }

    /// <summary>Candidates by falling score, those with the same in their order.</summary>
    internal static void ByScore(ReadOnlySpan<float> scores, Span<int> order)
    {
        var keys = ArrayPool<(float Score, int Candidate)>.Shared.Rent(order.Length);
        for (var i = 0; i < order.Length; i++) keys[i] = (-scores[i], i);
        keys.AsSpan(0, order.Length).Sort();
        for (var i = 0; i < order.Length; i++) order[i] = keys[i].Candidate;
        ArrayPool<(float Score, int Candidate)>.Shared.Return(keys);
    }

    /// <summary>
    /// Shares exposure out among groups: with v_r = 1 / log₂(1 + rank), each group is to have at least its share of what is exposed so far, within
    /// a tolerance. Where the group furthest behind lacks more than that, its best candidate comes next, else the best of all.
    /// </summary>
    /// <param name="targets">A share per group; not negative, summing to 1.</param>
    /// <param name="tolerance">0 to 1: how far a group may fall behind its share before it is helped; 1 leaves the order by score.</param>
    /// <param name="chosen">Receives candidates in their new order; at most as many as there are.</param>
    /// <returns>What the constraint cost and what it reached.</returns>
    /// <remarks>Exposure by position: Singh, Joachims: Fairness of exposure in rankings (KDD 2018). The greedy choice after Geyik, Ambler, Kenthapadi: Fairness-aware ranking in search and recommendation systems (KDD 2019).</remarks>
    public static FairnessCost WithExposure(ReadOnlySpan<float> scores, ReadOnlySpan<int> groups, ReadOnlySpan<double> targets, double tolerance, Span<int> chosen)
    {
        ListChecks.Check(scores, chosen);
        ListChecks.CheckGroups(scores, groups, targets.Length);
        CalibratedLists.CheckShares(targets);
        if (!(tolerance is >= 0 and <= 1)) throw new ArgumentException($"The tolerance is {tolerance}; allowed are 0 to 1.");
        using var scratch = new ScratchFloats(targets.Length);
        var exposed = scratch.Span;
        exposed.Clear();
        var order = ArrayPool<int>.Shared.Rent(scores.Length);
        try
        {
            var ranked = order.AsSpan(0, scores.Length);
            ByScore(scores, ranked);
            double best = 0, got = 0, total = 0;
            for (var place = 0; place < chosen.Length; place++) best += Weight(place) * scores[ranked[place]];
            for (var place = 0; place < chosen.Length; place++)
            {
                var pick = Next(ranked, groups, targets, exposed, total + Weight(place), tolerance);
                chosen[place] = ranked[pick];
                exposed[groups[ranked[pick]]] += (float)Weight(place);
                total += Weight(place);
                got += Weight(place) * scores[ranked[pick]];
                ranked[pick] = -1;
            }

            var shortfall = 0.0;
            for (var group = 0; group < targets.Length && total > 0; group++) shortfall = Math.Max(shortfall, targets[group] - (exposed[group] / total));
            return new FairnessCost(best, got, shortfall);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(order);
        }
    }

    private static double Weight(int place) => 1 / Math.Log2(place + 2);

    /// <param name="total">Exposure up to and with the place that is to be filled.</param>
    private static int Next(ReadOnlySpan<int> ranked, ReadOnlySpan<int> groups, ReadOnlySpan<double> targets, ReadOnlySpan<float> exposed, double total, double tolerance)
    {
        var (first, pick, furthest) = (-1, -1, tolerance);
        for (var i = 0; i < ranked.Length; i++)
        {
            if (ranked[i] < 0) continue;
            if (first < 0) first = i;
            var behind = targets[groups[ranked[i]]] - (exposed[groups[ranked[i]]] / total);
            if (behind > furthest) (pick, furthest) = (i, behind);
        }

        return pick < 0 ? first : pick;
    }
}

/// <summary>What fairness cost a list, scores weighed by their place's exposure 1 / log₂(1 + rank).</summary>
/// <param name="Unconstrained">Σ exposure · score of the list by score.</param>
/// <param name="Constrained">The same of the list that was chosen.</param>
/// <param name="Shortfall">By how much the share of exposure of the group furthest behind misses its target; 0 or less where all are reached.</param>
public readonly record struct FairnessCost(double Unconstrained, double Constrained, double Shortfall);
