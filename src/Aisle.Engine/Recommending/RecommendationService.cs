using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending.Sources;
using Aisle.Engine.Training;

namespace Aisle.Engine.Recommending;

/// <summary>Answers every placement: gathers candidates along the scenario's chain of sources, drops what may not be shown, says why.</summary>
public sealed class RecommendationService(
    Catalogue catalogue, ShopperHistories histories, ShopperFactsReader facts, ItemStatistics statistics, ModelRegistry models, TimeProvider time)
{
    // Each chain ends with the catalogue itself, so that a list is never empty while items exist.
    private static readonly Dictionary<Scenario, ICandidateSource[]> Chains = new()
    {
        [Scenario.RecommendedForYou] = [PersonalSource.Instance, RankedSource.Trending, RankedSource.BestSellers, CatalogueSource.Instance],
        [Scenario.Similar] = [NeighbourSource.Similar, SameCategorySource.Instance, RankedSource.BestSellers, CatalogueSource.Instance],
        [Scenario.BoughtTogether] = [NeighbourSource.BoughtTogether, NeighbourSource.Similar, SameCategorySource.Instance, RankedSource.BestSellers, CatalogueSource.Instance],
        [Scenario.BestSellers] = [RankedSource.BestSellers, CatalogueSource.Instance],
        [Scenario.Trending] = [RankedSource.Trending, RankedSource.BestSellers, CatalogueSource.Instance],
        [Scenario.NewArrivals] = [RankedSource.NewArrivals, CatalogueSource.Instance],
    };

    /// <exception cref="ArgumentException">The request is out of its limits; the message names the part.</exception>
    public RecommendationList Recommend(RecommendationRequest request)
    {
        if (request.Check() is { } wrong) throw new ArgumentException(wrong.Message, nameof(request));
        var history = request.User is { } user ? histories.Of(user) : null;
        var context = new RecommendationContext
        {
            Request = request,
            Model = models.Serving,
            Catalogue = catalogue,
            Rankings = statistics.Ranked(),
            History = history?.Items ?? [],
            Events = history?.Events ?? [],
            Now = time.GetUtcNow(),
            LatestEvent = statistics.LatestEvent,
        };

        var chosen = this.Gather(context, RequestExpressions.Of(context, facts));
        return new RecommendationList(
            Guid.CreateVersion7(context.Now).ToString("N"), request.Scenario, request.Placement, context.Model?.Manifest.Version, chosen);
    }

    private List<Recommendation> Gather(RecommendationContext context, RequestExpressions expressions)
    {
        var left = this.LeftOut(context);
        var chosen = new List<Recommendation>(context.Request.Count);
        foreach (var source in Chains[context.Request.Scenario])
        {
            // Whatever became of it, an item is looked at once: later sources bring it again.
            var allowed = source.Candidates(context)
                .Where(candidate => left.Add(candidate.Index) && this.MayShow(candidate.Index, context) && expressions.Accepts(candidate.Index));
            var shown = expressions.InOrder(allowed).Take(context.Request.Count - chosen.Count).ToList();
            if (shown.Count == 0) continue;
            foreach (var (candidate, reason) in shown.Zip(source.Explain(shown, context)))
                chosen.Add(new Recommendation(catalogue.IdAt(candidate.Index), catalogue.ItemAt(candidate.Index), candidate.Score, source.Name, reason));
            if (chosen.Count == context.Request.Count) break;
        }

        return chosen;
    }

    /// <summary>Indexes that must not appear: the question's own items, the exclude list and what the seen policy holds back.</summary>
    private HashSet<int> LeftOut(RecommendationContext context)
    {
        var left = new HashSet<int>();
        foreach (var id in context.Request.Items.Concat(context.Request.Exclude))
            if (catalogue.IndexOf(id) is { } index) left.Add(index);

        var policy = context.Request.Seen
            ?? (context.Request.Scenario == Scenario.RecommendedForYou ? SeenPolicy.ExcludeSeen : SeenPolicy.Include);
        if (policy == SeenPolicy.Include) return left;
        foreach (var entry in context.History)
        {
            if (policy == SeenPolicy.ExcludeBought && !entry.Bought) continue;
            if (catalogue.IndexOf(entry.Item) is { } index) left.Add(index);
        }

        return left;
    }

    /// <summary>In stock, available now, and what the request filters for. Without any catalogue, items are known from events alone and all may be shown.</summary>
    private bool MayShow(int index, RecommendationContext context)
    {
        var item = catalogue.ItemAt(index);
        if (item is null && catalogue.KnownItems > 0) return false;
        if (item is { Stock: <= 0 } || item?.AvailableFrom > context.Now) return false;
        return context.Request.Filter.Accepts(item);
    }
}
