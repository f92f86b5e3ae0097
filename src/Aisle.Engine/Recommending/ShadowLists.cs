using Aisle.Engine.Ranking;

namespace Aisle.Engine.Recommending;

/// <summary>What is logged of a list in the shadow of a served one: enough to judge its pipeline by what the served list earned.</summary>
internal static class ShadowLists
{
    /// <param name="shadow">The list that nobody sees.</param>
    /// <param name="served">The list that is served, before neighbours change places.</param>
    /// <param name="checks">Of the served list, like <paramref name="left"/>.</param>
    public static ShadowList Of(
        ListChoice shadow, RecommendationContext shadowContext, ListChoice served, RecommendationContext context, CandidateChecks checks, IReadOnlySet<int> left)
    {
        var possible = served.Chosen.Select(candidate => candidate.Index).ToHashSet();
        if (context.Pipeline.Explore is { Share: > 0 } explore) possible.UnionWith(ListArrangement.Open(explore, context, checks, left));
        return new ShadowList(
            shadowContext.Pipeline.Name,
            [.. shadow.Chosen.Select(candidate => candidate.Item.Id)],
            LearnedOrder.FeaturesOf(shadow.Chosen, shadowContext),
            [.. shadow.Chosen.Select(candidate => possible.Contains(candidate.Index))],
            [.. Draws(served, context)]);
    }

    /// <remarks>
    /// Each of W draws estimates by itself what any item would have done: by 1 / p where it drew it, as it was where an earlier one did. Their mean weighs an
    /// item that draw t drew by (1/p + W − 1 − t) / W (Des Raj: Some estimators in sampling with varying probabilities without replacement, JASA 1956); the
    /// inverse of that is told. A list that has less than one draw on average has none in the others.
    /// </remarks>
    private static IEnumerable<ServedDraw> Draws(ListChoice served, RecommendationContext context)
    {
        var drawn = Enumerable.Range(0, served.Chosen.Count).Where(place => served.Chosen[place].Propensity is not null).ToList();
        foreach (var place in drawn)
        {
            var (propensity, draw) = (served.Chosen[place].Propensity!.Value, served.Chosen[place].Draw);
            yield return new ServedDraw(place, Math.Min(1, context.Pipeline.Explore!.Share * context.Count) * drawn.Count / ((1 / propensity) + drawn.Count - 1 - draw));
        }
    }
}
