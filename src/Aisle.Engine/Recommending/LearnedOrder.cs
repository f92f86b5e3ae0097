using System.Globalization;
using Aisle.Engine.Ranking;

namespace Aisle.Engine.Recommending;

/// <summary>Scores candidates by the published ranker.</summary>
internal static class LearnedOrder
{
    /// <summary>Features named in an explanation.</summary>
    private const int Named = 3;

    /// <summary>
    /// Gives each candidate of the pipeline's own sources e^(score − largest score), in (0, 1]: the order is the ranker's, and a boost by b is worth as much
    /// as ln b of its scores.
    /// </summary>
    public static void Score(IReadOnlyList<PooledCandidate> candidates, PublishedRanker ranker, RecommendationContext context)
    {
        var columns = ranker.Trees.Schema.Count;
        var own = candidates.Where(candidate => candidate.Tier == 0).ToList();
        if (own.Count == 0) return;
        var rows = new float[own.Count * columns];
        var scores = new float[own.Count];
        for (var place = 0; place < own.Count; place++)
        {
            own[place].Features = rows.AsMemory(place * columns, columns);
            context.Features.Write(own[place], rows.AsSpan(place * columns, columns));
        }

        ranker.Trees.Score(rows, scores);
        var most = scores.Max();
        for (var place = 0; place < own.Count; place++) own[place].Ranked = Math.Exp(scores[place] - most);
    }

    /// <summary>The values that a list was made with; those of items that came from outside the pool are taken now.</summary>
    public static float[] FeaturesOf(IReadOnlyList<PooledCandidate> chosen, RecommendationContext context)
    {
        var columns = CandidateFeatures.Schema.Count;
        var rows = new float[chosen.Count * columns];
        for (var place = 0; place < chosen.Count; place++)
        {
            var row = rows.AsSpan(place * columns, columns);
            if (chosen[place].Features is { } known) known.Span.CopyTo(row);
            else context.Features.Write(chosen[place], row);
        }

        return rows;
    }

    /// <summary>The features that moved a candidate's score most, with what each moved it by.</summary>
    public static string Reasons(PooledCandidate candidate, PublishedRanker ranker)
    {
        var parts = new float[ranker.Trees.Schema.Count];
        ranker.Trees.Contribute(candidate.Features!.Value.Span, parts);
        var strongest = Enumerable.Range(0, parts.Length).Where(feature => parts[feature] != 0).OrderByDescending(feature => Math.Abs(parts[feature])).Take(Named);
        return string.Join(", ", strongest.Select(feature =>
            string.Create(CultureInfo.InvariantCulture, $"{ranker.Trees.Schema.Features[feature].Name} {parts[feature]:+0.00;-0.00}")));
    }
}
