using System.Buffers;
using Aisle.Engine.Training;
using Aisle.Learning.Kernels;

namespace Aisle.Engine.Recommending.Sources;

/// <summary>Turns a model's scores over all its items into candidates, best first.</summary>
internal static class ScoredItems
{
    /// <summary>Items of the first block beyond what the list is chosen from: so large that rules seldom empty it.</summary>
    private const int Slack = 200;

    /// <summary>
    /// Ranks a block of the best; only a question whose filter leaves next to nothing makes the rest be ranked too. Where the question names the only
    /// candidates, those alone are ranked.
    /// </summary>
    /// <param name="positiveOnly">Leave out items that score 0 or less: neighbours with nothing in common.</param>
    public static IEnumerable<Candidate> Rank(RecommendationContext context, Action<Span<float>> score, bool positiveOnly = false) =>
        context.Among is { } among
            ? RankAmong(among, context, score, positiveOnly)
            : RankAll(context.Model!, context.PoolSize + Slack, score, positiveOnly);

    private static IEnumerable<Candidate> RankAll(ServingModel model, int first, Action<Span<float>> score, bool positiveOnly)
    {
        var items = model.Items;
        var buffer = ArrayPool<float>.Shared.Rent(items);
        try
        {
            score(buffer.AsSpan(0, items));
            var taken = 0;
            for (var block = Math.Min(items, first); taken < items; block = items)
            {
                var best = new int[block];
                var values = new float[block];
                var found = TopK.Select(buffer.AsSpan(0, items), best, values);
                for (; taken < found; taken++)
                {
                    if (positiveOnly && values[taken] <= 0) yield break;
                    yield return new Candidate(model.CatalogueIndex(best[taken]), values[taken]);
                }

                if (found < block || block == items) yield break;
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
    }

    private static IEnumerable<Candidate> RankAmong(IReadOnlySet<int> among, RecommendationContext context, Action<Span<float>> score, bool positiveOnly)
    {
        var items = context.Model!.Items;
        var buffer = ArrayPool<float>.Shared.Rent(items);
        try
        {
            score(buffer.AsSpan(0, items));
            return [.. among
                .Select(index => (Index: index, Item: context.Model.IndexOf(context.Catalogue.IdAt(index))))
                .Where(known => known.Item is not null)
                .Select(known => new Candidate(known.Index, buffer[known.Item!.Value]))
                .Where(candidate => !double.IsNegativeInfinity(candidate.Score) && (!positiveOnly || candidate.Score > 0))
                .OrderByDescending(candidate => candidate.Score)
                .ThenBy(candidate => candidate.Index)];
        }
        finally
        {
            ArrayPool<float>.Shared.Return(buffer);
        }
    }
}
