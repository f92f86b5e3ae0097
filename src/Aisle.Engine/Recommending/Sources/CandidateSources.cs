namespace Aisle.Engine.Recommending.Sources;

/// <summary>All sources that pipelines may name.</summary>
internal static class CandidateSources
{
    public static IReadOnlyList<ICandidateSource> All { get; } =
    [
        PersonalSource.Instance, NeighbourSource.Similar, NeighbourSource.BoughtTogether, NeighbourSource.LookAlike, SameCategorySource.Instance,
        FavouriteCategorySource.Instance, BuyAgainSource.Instance, RecentlyViewedSource.Instance, GivenSource.Instance,
        RankedSource.Trending, RankedSource.BestSellers, RankedSource.NewArrivals, RankedSource.MostClicked, CatalogueSource.Instance,
    ];
}
