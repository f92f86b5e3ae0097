namespace Aisle.Engine.Recommending.Sources;

/// <summary>Best sellers, trending and new arrivals: the same list for everyone.</summary>
internal sealed class RankedSource(string name, ReasonKind reason, Func<Rankings, IReadOnlyList<RankedItem>> ranking) : ICandidateSource
{
    public static readonly RankedSource BestSellers = new("best-sellers", ReasonKind.BestSeller, rankings => rankings.BestSellers);
    public static readonly RankedSource Trending = new("trending", ReasonKind.Trending, rankings => rankings.Trending);
    public static readonly RankedSource NewArrivals = new("new-arrivals", ReasonKind.NewArrival, rankings => rankings.NewArrivals);

    public string Name => name;

    public IEnumerable<Candidate> Candidates(RecommendationContext context, int count)
    {
        foreach (var item in ranking(context.Rankings)) yield return new Candidate(item.Index, item.Score);
    }

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context) => Enumerable.Repeat(new Reason(reason), shown.Count);
}

/// <summary>The last of every chain: whatever the catalogue holds, so that a list is never empty while items exist.</summary>
internal sealed class CatalogueSource : ICandidateSource
{
    public static readonly CatalogueSource Instance = new();

    public string Name => "catalogue";

    public IEnumerable<Candidate> Candidates(RecommendationContext context, int count)
    {
        for (var index = 0; index < context.Catalogue.Count; index++) yield return new Candidate(index, 0);
    }

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context) => Enumerable.Repeat(new Reason(ReasonKind.InCatalogue), shown.Count);
}

/// <summary>Best sellers of the category that the question's first item lies in: near enough when a model does not know the item.</summary>
internal sealed class SameCategorySource : ICandidateSource
{
    public static readonly SameCategorySource Instance = new();

    public string Name => "same-category";

    public IEnumerable<Candidate> Candidates(RecommendationContext context, int count)
    {
        if (context.Request.Items.Count == 0 || context.Catalogue.Find(context.Request.Items[0]) is not { Category.Count: > 0 } item) yield break;
        // The narrowest category first, then the ones around it.
        for (var depth = item.Category.Count; depth > 0; depth--)
        {
            var within = new ItemFilter { Category = [.. item.Category.Take(depth)] };
            foreach (var ranked in context.Rankings.BestSellers)
                if (within.Accepts(context.Catalogue.ItemAt(ranked.Index))) yield return new Candidate(ranked.Index, ranked.Score, 0);
        }
    }

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context) =>
        Enumerable.Repeat(new Reason(ReasonKind.SimilarTo, context.Request.Items[0]), shown.Count);
}
