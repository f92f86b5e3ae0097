namespace Aisle.Engine.Recommending.Sources;

/// <summary>The best items by a model.</summary>
/// <param name="items">Receives as many items as it has places, by the model's index, best first.</param>
/// <returns>How many places were filled.</returns>
internal delegate int BestItems(Span<int> items, Span<float> scores);

/// <summary>The scores of some items by a model.</summary>
/// <param name="items">By the model's index.</param>
internal delegate void ItemScores(ReadOnlySpan<int> items, Span<float> scores);

/// <summary>Turns a model's scores into candidates, best first.</summary>
internal static class ScoredItems
{
    /// <summary>How much longer the second block is; whoever needs more needs everything.</summary>
    private const int Growth = 8;

    /// <summary>
    /// Takes a block of the best; only a question whose filter leaves next to nothing makes more be ranked. Where the question names the only candidates,
    /// those alone are scored.
    /// </summary>
    /// <param name="count">Of the first block.</param>
    /// <param name="positiveOnly">Leave out items that score 0 or less: neighbours with nothing in common.</param>
    public static IEnumerable<Candidate> Rank(RecommendationContext context, int count, BestItems best, ItemScores score, bool positiveOnly = false)
    {
        var ranked = context.Among is { } among ? RankAmong(among, context, score) : RankAll(context, count, best);
        return positiveOnly ? ranked.TakeWhile(candidate => candidate.Score > 0) : ranked;
    }

    private static IEnumerable<Candidate> RankAll(RecommendationContext context, int first, BestItems best)
    {
        var model = context.Model!;
        var taken = new HashSet<int>();
        foreach (var block in new[] { first, Growth * first, model.Items })
        {
            var items = new int[Math.Min(model.Items, block)];
            var scores = new float[items.Length];
            var found = best(items, scores);
            for (var i = 0; i < found; i++)
            {
                // A longer block begins with the shorter one.
                if (taken.Add(items[i])) yield return new Candidate(model.CatalogueIndex(items[i]), scores[i]);
            }

            if (found < items.Length || found == model.Items) yield break;
        }
    }

    private static IEnumerable<Candidate> RankAmong(IReadOnlySet<int> among, RecommendationContext context, ItemScores score)
    {
        var known = among
            .Select(index => (Index: index, Item: context.Model!.IndexOf(context.Catalogue.IdAt(index))))
            .Where(candidate => candidate.Item is not null)
            .ToList();
        var scores = new float[known.Count];
        score(known.Select(candidate => candidate.Item!.Value).ToArray(), scores);
        return known
            .Select((candidate, place) => new Candidate(candidate.Index, scores[place]))
            .Where(candidate => !double.IsNegativeInfinity(candidate.Score))
            .OrderByDescending(candidate => candidate.Score)
            .ThenBy(candidate => candidate.Index);
    }
}
