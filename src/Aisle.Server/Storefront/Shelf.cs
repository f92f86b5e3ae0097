namespace Aisle.Server.Storefront;

/// <summary>A row of products with a place in the shop.</summary>
/// <param name="Placement">Goes with every event that the row causes, e.g. <c>home/trending</c>.</param>
/// <param name="RecommendationId">The list behind the row.</param>
/// <param name="FreshAddress">Where aisle.js gets the row anew after the shopper did something; null for rows that stay.</param>
public sealed record Shelf(
    string Placement, string Heading, string? Note, string? RecommendationId, IReadOnlyList<ProductView> Products, string? FreshAddress = null)
{
    public bool IsEmpty => this.Products.Count == 0;
}
