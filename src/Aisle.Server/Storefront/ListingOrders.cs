using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Microsoft.Extensions.Caching.Memory;

namespace Aisle.Server.Storefront;

/// <summary>A category as it was put in order for one shopper, and the list that this was.</summary>
public sealed record ListingOrder(string List, IReadOnlyList<ItemId> Items);

/// <summary>
/// Orders of categories that shoppers leaf through: the first page is put in order when it is asked for, the pages behind it go on from that order.
/// Otherwise whatever is viewed or bought meanwhile would move products from one page to another, shown twice or never.
/// </summary>
internal sealed class ListingOrders(RecommendationService recommendations) : IDisposable
{
    /// <summary>Shoppers who leaf at one time; an order takes some 2 KB.</summary>
    private const int Capacity = 5_000;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(30);

    private readonly MemoryCache _orders = new(new MemoryCacheOptions { SizeLimit = Capacity });

    public void Dispose() => this._orders.Dispose();

    /// <summary>The order of what the filter lets through, best first; products that it does not name come after it.</summary>
    public ListingOrder For(UserId shopper, ItemFilter filter, int page)
    {
        var key = (shopper, string.Join('\n', filter.Category), filter.MinPrice, filter.MaxPrice, string.Join('\n', filter.Brands));
        if (page > 1 && this._orders.TryGetValue(key, out ListingOrder? known) && known is not null) return known;

        var list = recommendations.Recommend(new RecommendationRequest
        {
            Scenario = filter.Category.Count > 0 ? Scenario.Category : Scenario.RecommendedForYou,
            User = shopper,
            Count = RecommendationRequest.MaxCount,
            Filter = filter,
            Seen = SeenPolicy.Include,
            Placement = "category/grid",
        });
        var order = new ListingOrder(list.Id, [.. list.Items.Select(item => item.Id)]);
        return this._orders.Set(key, order, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = Kept });
    }
}
