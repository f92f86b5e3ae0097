using Aisle.Engine.Catalog;
using Aisle.Engine.Events;

namespace Aisle.Engine.Recommending.Sources;

/// <summary>What the shopper looked at, the latest first.</summary>
internal sealed class RecentlyViewedSource : ICandidateSource
{
    public static readonly RecentlyViewedSource Instance = new();

    public string Name => "recently-viewed";

    public IEnumerable<Candidate> Candidates(RecommendationContext context, int count) =>
        context.History
            .Select(entry => (Index: context.Catalogue.IndexOf(entry.Item), entry.Last))
            .Where(entry => entry.Index is not null)
            .Select(entry => new Candidate(entry.Index!.Value, -Math.Max(0, (context.LatestEvent - entry.Last).TotalDays)));

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context) => Enumerable.Repeat(new Reason(ReasonKind.RecentlyViewed), shown.Count);
}

/// <summary>What the shopper bought more than once, the one that is due first.</summary>
/// <remarks>
/// With n purchases at a mean distance of d days and the last one e days ago, score = n · exp(−|ln(e / d)|): 1 for each purchase when it is due
/// to the day, half of it at half or at twice the time. What was bought once says little: it is due after a distance that is common to all, 30 days, at a tenth.
/// </remarks>
internal sealed class BuyAgainSource : ICandidateSource
{
    public static readonly BuyAgainSource Instance = new();

    private const double CommonDistance = 30;
    private const double BoughtOnce = 0.1;
    private const double LeastDays = 0.5;

    public string Name => "buy-again";

    public IEnumerable<Candidate> Candidates(RecommendationContext context, int count)
    {
        var kept = context.History.Where(entry => entry.Bought).Select(entry => entry.Item).ToHashSet();
        return context.Events
            .Where(step => step.Type == EventType.Purchase && kept.Contains(step.Item))
            .GroupBy(step => step.Item)
            .Select(bought => (Index: context.Catalogue.IndexOf(bought.Key), Score: ScoreOf([.. bought.Select(step => step.Time)], context.LatestEvent)))
            .Where(bought => bought.Index is not null)
            .OrderByDescending(bought => bought.Score)
            .ThenBy(bought => bought.Index)
            .Select(bought => new Candidate(bought.Index!.Value, bought.Score));
    }

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context) => Enumerable.Repeat(new Reason(ReasonKind.BoughtBefore), shown.Count);

    /// <param name="purchases">Oldest first.</param>
    internal static double ScoreOf(IReadOnlyList<DateTimeOffset> purchases, DateTimeOffset now)
    {
        var elapsed = Math.Max(LeastDays, (now - purchases[^1]).TotalDays);
        var days = purchases.Select(time => time.UtcDateTime.Date).Distinct().Count();
        if (days == 1) return BoughtOnce * Due(elapsed, CommonDistance);
        return days * Due(elapsed, Math.Max(LeastDays, (purchases[^1] - purchases[0]).TotalDays / (days - 1)));

        static double Due(double elapsed, double distance) => Math.Exp(-Math.Abs(Math.Log(elapsed / distance)));
    }
}

/// <summary>Best sellers of the subcategories that the shopper's interest lies in, the dearest subcategory first in turn.</summary>
internal sealed class FavouriteCategorySource : ICandidateSource
{
    public static readonly FavouriteCategorySource Instance = new();

    private const int Categories = 5;

    public string Name => "favourite-categories";

    public IEnumerable<Candidate> Candidates(RecommendationContext context, int count)
    {
        var interest = new Dictionary<string, (double Points, ItemId Strongest, float Most)>();
        foreach (var entry in context.History)
        {
            if (entry.Points <= 0 || context.Catalogue.Find(entry.Item) is not { Category.Count: > 0 } item) continue;
            var (points, strongest, most) = interest.GetValueOrDefault(item.Category[^1]);
            interest[item.Category[^1]] = entry.Points > most ? (points + entry.Points, entry.Item, entry.Points) : (points + entry.Points, strongest, most);
        }

        var favourites = interest.OrderByDescending(entry => entry.Value.Points).ThenBy(entry => entry.Key, StringComparer.Ordinal).Take(Categories)
            .ToDictionary(entry => entry.Key, entry => entry.Value.Points);
        if (favourites.Count == 0) return [];
        var total = favourites.Values.Sum();
        var places = favourites.Keys.ToDictionary(name => name, _ => 0);
        var found = new List<Candidate>();
        foreach (var ranked in context.Rankings.BestSellers)
        {
            if (context.Catalogue.ItemAt(ranked.Index) is not { Category.Count: > 0 } item || !favourites.TryGetValue(item.Category[^1], out var points)) continue;
            // The n-th best seller of a subcategory counts an n-th of the shopper's interest in it: lists mix subcategories as the interest does.
            found.Add(new Candidate(ranked.Index, points / total / ++places[item.Category[^1]]));
            if (found.Count >= Categories * context.PoolSize) break;
        }

        return found.OrderByDescending(candidate => candidate.Score);
    }

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context) => Enumerable.Repeat(new Reason(ReasonKind.BecauseOfHistory), shown.Count);
}

/// <summary>The request's own items in the order in which the caller gave them.</summary>
internal sealed class GivenSource : ICandidateSource
{
    public static readonly GivenSource Instance = new();

    public string Name => "given";

    public IEnumerable<Candidate> Candidates(RecommendationContext context, int count)
    {
        for (var place = 0; place < context.Request.Items.Count; place++)
            if (context.Catalogue.IndexOf(context.Request.Items[place]) is { } index) yield return new Candidate(index, 1.0 / (place + 1));
    }

    public IEnumerable<Reason> Explain(IReadOnlyList<Candidate> shown, RecommendationContext context) => Enumerable.Repeat(new Reason(ReasonKind.Given), shown.Count);
}
