using Aisle.Engine.Training;

namespace Aisle.Engine.Recommending.Sources;

/// <summary>
/// The personal model, asked with the shopper's events up to this moment (fold-in): a click changes the next list, and a
/// shopper whom the training has never seen is served like any other.
/// </summary>
internal sealed class PersonalSource : ICandidateSource
{
    public static readonly PersonalSource Instance = new();

    /// <summary>Items ranked beyond those that are expected to be needed: so many that filters and stock seldom take up all of them.</summary>
    public const int Slack = 64;

    public string Name => "personal";

    public bool AsksAModel => true;

    public IEnumerable<Candidate> Candidates(RecommendationContext context, int count)
    {
        if (context.Model?.For(ModelRole.Personal) is not { } model) return [];
        var rows = context.Rows;
        return rows.Count == 0
            ? []
            : ScoredItems.Rank(
                context,
                count + Slack,
                (items, scores) => model.RankHistory(rows.History, items, scores),
                (items, scores) => model.ScoreItems(rows.History, items, scores));
    }

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context)
    {
        var rows = context.Rows;
        var contributions = new float[shown.Count * rows.Count];
        var items = shown.Select(candidate => context.Model!.IndexOf(context.Catalogue.IdAt(candidate.Index))!.Value).ToArray();
        var explained = context.Model!.For(ModelRole.Personal)!.Explain(rows.History, items, contributions);
        for (var row = 0; row < shown.Count; row++)
            yield return new Reason(ReasonKind.BecauseOfHistory, explained ? rows.Strongest(contributions.AsSpan(row * rows.Count, rows.Count)) : null);
    }
}
