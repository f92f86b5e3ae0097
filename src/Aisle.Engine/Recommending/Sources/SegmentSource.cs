using Aisle.Engine.Training;
using Aisle.Learning.Kernels;
using Aisle.Learning.Models;

namespace Aisle.Engine.Recommending.Sources;

/// <summary>
/// What shoppers like this one take: the mean over the shopper's segments of each segment's popularity. Segments are the values of the shopper's
/// attributes as the shop tells them now, and the department that the shopper cares for most.
/// </summary>
internal sealed class SegmentSource : ICandidateSource
{
    public static readonly SegmentSource Instance = new();

    public string Name => ModelRole.SegmentPopular;

    public bool AsksAModel => true;

    public IEnumerable<Candidate> Candidates(RecommendationContext context, int count)
    {
        if (context.Model is not { } serving || serving.For(this.Name) is not { } model) return [];
        var segments = SegmentsOf(context, serving.Manifest.Segments);
        if (segments.Count == 0) return [];
        var all = Mean(model, segments);
        return ScoredItems.Rank(context, count + PersonalSource.Slack, (items, scores) => TopK.Select(all, items, scores), Pick);

        void Pick(ReadOnlySpan<int> items, Span<float> scores)
        {
            for (var place = 0; place < items.Length; place++) scores[place] = all[items[place]];
        }
    }

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context) => Enumerable.Repeat(new Reason(ReasonKind.PopularAmongAlike), shown.Count);

    private static float[] Mean(IModel model, List<int> segments)
    {
        var sums = new float[model.Items];
        var own = new float[model.Items];
        foreach (var segment in segments)
        {
            model.ScoreUsers([segment], own);
            for (var item = 0; item < sums.Length; item++) sums[item] += own[item] / segments.Count;
        }

        return sums;
    }

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
