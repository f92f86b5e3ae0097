using Aisle.Engine.Training;
using Aisle.Learning.Models;

namespace Aisle.Engine.Recommending.Sources;

/// <summary>
/// A family of models that a pipeline names, whether it won or not: fitted beside the personal model by the training runs that follow the pipeline's
/// publishing, and asked with the shopper's events as that one is. Until then, and where it could not be fitted, it brings nothing.
/// </summary>
internal sealed class ModelSource(string family) : ICandidateSource
{
    public string Name { get; } = ModelRole.OfFamily(family);

    public bool AsksAModel => true;

    /// <summary>What everybody takes needs no history.</summary>
    private ReasonKind? ForAll => family switch
    {
        PopularityTrainer.ModelName => ReasonKind.BestSeller,
        TrendingTrainer.ModelName => ReasonKind.Trending,
        _ => null,
    };

    public IEnumerable<Candidate> Candidates(RecommendationContext context, int count)
    {
        if (this.PartOf(context) is not { } part || context.Model!.For(part.Role) is not { } model) return [];
        var rows = RowsOf(part, context);
        return rows.Count == 0 && this.ForAll is null
            ? []
            : ScoredItems.Rank(
                context,
                count + PersonalSource.Slack,
                (items, scores) => model.RankHistory(rows.History, items, scores),
                (items, scores) => model.ScoreItems(rows.History, items, scores));
    }

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context)
    {
        if (this.ForAll is { } kind) return Enumerable.Repeat(new Reason(kind), shown.Count);
        var part = this.PartOf(context)!;
        var rows = RowsOf(part, context);
        var contributions = new float[shown.Count * rows.Count];
        var items = shown.Select(candidate => context.Model!.IndexOf(context.Catalogue.IdAt(candidate.Index))!.Value).ToArray();
        var explained = context.Model!.For(part.Role)!.Explain(rows.History, items, contributions);
        return [.. shown.Select((_, row) => new Reason(
            ReasonKind.BecauseOfHistory, explained ? rows.Strongest(contributions.AsSpan(row * rows.Count, rows.Count)) : null))];
    }

    private ModelPart? PartOf(RecommendationContext context) => context.Model?.Manifest.PartOfFamily(family);

    private static HistoryRows RowsOf(ModelPart part, RecommendationContext context) =>
        HistoryRows.Of(context.Events, context.LatestEvent, part.HalfLifeDays, context.Model!.IndexOf);
}
