namespace Aisle.Engine.Recommending.Sources;

/// <summary>The sources that pipelines may name, beside <see cref="ModelSource"/> for each family of models.</summary>
internal static class CandidateSources
{
    public static IReadOnlyList<ICandidateSource> All { get; } =
    [
        PersonalSource.Instance, NeighbourSource.Similar, NeighbourSource.BoughtTogether, NeighbourSource.LookAlike, SameCategorySource.Instance,
        FavouriteCategorySource.Instance, SegmentSource.Instance, BuyAgainSource.Instance, RecentlyViewedSource.Instance, GivenSource.Instance,
        RankedSource.Trending, RankedSource.BestSellers, RankedSource.NewArrivals, RankedSource.MostClicked, CatalogueSource.Instance,
    ];
}
