using System.Buffers;
using Aisle.Engine.Training;

namespace Aisle.Engine.Recommending.Sources;

/// <summary>
/// What shoppers like this one take: the mean over the shopper's segments of each segment's popularity. Segments are the values of the shopper's
/// attributes as the shop tells them now, and the department that the shopper cares for most.
/// </summary>
internal sealed class SegmentSource : ICandidateSource
{
    public static readonly SegmentSource Instance = new();

    public string Name => ModelRole.SegmentPopular;

    public IEnumerable<Candidate> Candidates(RecommendationContext context)
    {
        if (context.Model is not { } serving || serving.For(this.Name) is not { } model) return [];
        var segments = SegmentsOf(context, serving.Manifest.Segments);
        return segments.Count == 0 ? [] : ScoredItems.Rank(context, scores => Mean(segments, scores));

        void Mean(List<int> asked, Span<float> scores)
        {
            scores.Clear();
            var buffer = ArrayPool<float>.Shared.Rent(scores.Length);
            foreach (var segment in asked)
            {
                model.ScoreUsers([segment], buffer.AsSpan(0, scores.Length));
                for (var item = 0; item < scores.Length; item++) scores[item] += buffer[item] / asked.Count;
            }

            ArrayPool<float>.Shared.Return(buffer);
        }
    }

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context) => Enumerable.Repeat(new Reason(ReasonKind.PopularAmongAlike), shown.Count);

    /// <param name="known">Names of the segments that the model knows.</param>
    private static List<int> SegmentsOf(RecommendationContext context, IReadOnlyList<string> known)
    {
        var attributes = context.Request.User is { } user ? context.ReadAttributes(user) : null;
        var interest = context.History
            .Where(entry => entry.Points > 0 && context.Catalogue.Find(entry.Item) is { Category.Count: > 0 })
            .GroupBy(entry => context.Catalogue.Find(entry.Item)!.Category[0])
            .MaxBy(group => group.Sum(entry => entry.Points))?.Key;
        return [.. ShopperSegments.NamesOf(attributes, interest).Select(name => ShopperSegments.IndexOf(known, name)).Where(index => index >= 0)];
    }
}
