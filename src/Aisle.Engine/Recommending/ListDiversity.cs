using Aisle.Engine.Recommending.Pipelines;
using Aisle.Learning.Ranking;

namespace Aisle.Engine.Recommending;

/// <summary>Puts a pool in an order in which items differ from one another, or mix as the shopper's own history does.</summary>
internal static class ListDiversity
{
    /// <summary>α of the determinantal order at strength ½.</summary>
    private const double DeterminantalScale = 5;

    /// <param name="pool">Best first.</param>
    /// <param name="places">Places that are chosen for difference; what comes after keeps its order.</param>
    public static List<PooledCandidate> Reorder(List<PooledCandidate> pool, Diversity diversity, int places, RecommendationContext context)
    {
        var considered = pool.TakeWhile(candidate => candidate is { Tier: 0, Buried: false }).ToList();
        if (considered.Count < 3 || diversity.Strength == 0) return pool;
        var chosen = new int[Math.Min(places, considered.Count)];
        var scores = Relevance(considered);
        switch (diversity.Method)
        {
            case DiversityMethod.Marginal:
                DiverseLists.Marginal(scores, Vectors(considered), 1 - diversity.Strength, chosen);
                break;
            case DiversityMethod.Determinantal:
                DiverseLists.Determinantal(scores, Vectors(considered), DeterminantalScale * (1 - diversity.Strength) / diversity.Strength, chosen);
                break;
            default:
                if (Mix(considered, context) is not { } mix) return pool;
                CalibratedLists.Choose(scores, mix.Groups, mix.Shares, diversity.Strength, chosen);
                break;
        }

        var taken = chosen.ToHashSet();
        return [.. chosen.Select(place => considered[place]), .. considered.Where((_, place) => !taken.Contains(place)), .. pool.Skip(considered.Count)];
    }

    /// <summary>Scores brought to 0 to 1: sources have scales of their own.</summary>
    internal static float[] Relevance(List<PooledCandidate> candidates)
    {
        if (candidates.Count == 0) return [];
        var (least, most) = (candidates.Min(candidate => candidate.Score), candidates.Max(candidate => candidate.Score));
        return [.. candidates.Select(candidate => most > least ? (float)((candidate.Score - least) / (most - least)) : 1)];
    }

    private static float[] Vectors(List<PooledCandidate> candidates)
    {
        var vectors = new float[candidates.Count * ItemLikeness.Dimensions];
        for (var place = 0; place < candidates.Count; place++)
            ItemLikeness.Of(candidates[place].Item).CopyTo(vectors.AsSpan(place * ItemLikeness.Dimensions));
        return vectors;
    }

    /// <summary>Subcategories as groups, with the shares that the shopper's interest has of them; null where nothing is known of it.</summary>
    private static (int[] Groups, double[] Shares)? Mix(List<PooledCandidate> candidates, RecommendationContext context)
    {
        var numbers = new Dictionary<string, int>();
        var points = new List<double>();
        foreach (var entry in context.History)
            if (entry.Points > 0 && context.Catalogue.Find(entry.Item) is { Category.Count: > 0 } item) points[Number(item.Category[^1])] += entry.Points;
        var total = points.Sum();
        if (total <= 0) return null;
        var groups = candidates.Select(candidate => Number(candidate.Item.Category.Count > 0 ? candidate.Item.Category[^1] : "")).ToArray();
        return (groups, [.. points.Select(sum => sum / total)]);

        int Number(string subcategory)
        {
            if (numbers.TryGetValue(subcategory, out var number)) return number;
            points.Add(0);
            return numbers[subcategory] = numbers.Count;
        }
    }
}
