using Aisle.Engine.Training;

namespace Aisle.Engine.Recommending.Sources;

/// <summary>Neighbours of the question's items: similar ones, or those bought together with them. Several items are asked in turn.</summary>
/// <param name="list">What belongs to one item, best first, by the model's index of the item; with how many are expected to be needed.</param>
internal sealed class NeighbourSource(string role, ReasonKind reason, Func<int, RecommendationContext, int, IEnumerable<Candidate>> list) : ICandidateSource
{
    public static readonly NeighbourSource Similar = new(ModelRole.Similar, ReasonKind.SimilarTo, SimilarItems.Of);

    public static readonly NeighbourSource BoughtTogether =
        new(ModelRole.BoughtTogether, ReasonKind.BoughtTogetherWith, (item, context, count) => Ranked(ModelRole.BoughtTogether, item, context, count));

    public static readonly NeighbourSource LookAlike = new(ModelRole.LookAlike, ReasonKind.SimilarTo, (item, context, count) => Ranked(ModelRole.LookAlike, item, context, count));

    /// <summary>Likeness of items as a family of models knows it, which is fitted as for <see cref="ModelSource"/>.</summary>
    public static NeighbourSource OfFamily(string family) => new(
        ModelRole.SimilarOfFamily(family), ReasonKind.SimilarTo, (item, context, count) => context.Model!.Manifest.PartOfFamily(family) is { } part ? Ranked(part.Role, item, context, count) : []);

    public string Name => role;

    public bool AsksAModel => true;

    public IEnumerable<Candidate> Candidates(RecommendationContext context, int count)
    {
        if (context.Model is not { } serving) return [];
        var lists = new List<IEnumerable<Candidate>>();
        for (var position = 0; position < context.Request.Items.Count; position++)
        {
            if (serving.IndexOf(context.Request.Items[position]) is not { } item) continue;
            var at = position;
            lists.Add(list(item, context, count).Select(candidate => candidate with { Context = at }));
        }

        return lists.Count == 1 ? lists[0] : BestFirst(lists);
    }

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context) =>
        shown.Select(candidate => new Reason(reason, context.Request.Items[candidate.Context]));

    /// <summary>The items that a role's model finds likest to one, best first; none where the file has no such model.</summary>
    public static IEnumerable<Candidate> Ranked(string role, int item, RecommendationContext context, int count) =>
        context.Model!.For(role) is null ? [] : ScoredItems.Rank(
            context,
            Math.Max(count, NeighbourLists.Length),
            (items, scores) => context.Model.RankSimilar(role, item, items, scores),
            (items, scores) => context.Model.ScoreSimilar(role, item, items, scores),
            positiveOnly: true);

    /// <summary>Merges lists that are each in falling order.</summary>
    private static IEnumerable<Candidate> BestFirst(List<IEnumerable<Candidate>> lists)
    {
        var queue = new PriorityQueue<IEnumerator<Candidate>, (double Score, int Index)>();
        foreach (var list in lists)
        {
            var enumerator = list.GetEnumerator();
            if (enumerator.MoveNext()) queue.Enqueue(enumerator, Priority(enumerator));
        }

        while (queue.TryDequeue(out var best, out _))
        {
            yield return best.Current;
            if (best.MoveNext()) queue.Enqueue(best, Priority(best));
        }

        static (double, int) Priority(IEnumerator<Candidate> list) => (-list.Current.Score, list.Current.Index);
    }
}
