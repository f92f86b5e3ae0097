using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Shop;

namespace Aisle.Engine.Carts;

/// <summary>A question about a cart.</summary>
public sealed record CartQuestion
{
    public const string DefaultPlacement = "cart";

    private const int LongestSuffix = 20;
    private const int MaxQuantity = 1_000_000;
    private const int MaxCount = 50;

    /// <summary>Needed unless <see cref="Lines"/> are told.</summary>
    public UserId? User { get; init; }

    /// <summary>What lies in the cart; null for what the shopper's events say.</summary>
    public IReadOnlyList<(ItemId Item, int Quantity)>? Lines { get; init; }

    /// <summary>Value from which delivery is free; null for the shop's terms.</summary>
    public double? FreeDeliveryFrom { get; init; }

    /// <summary>Length of each list of further products, 1 to 50.</summary>
    public int Count { get; init; } = 10;

    /// <summary>The lists' placements begin so: <c>cart/goes-with</c>, <c>cart/free-delivery</c>.</summary>
    public string Placement { get; init; } = DefaultPlacement;

    /// <summary>The first limit that the question breaks, or null if it keeps to all.</summary>
    public FieldProblem? Check()
    {
        if (this.User is null && this.Lines is null) return new FieldProblem("lines", "lines is missing; send what lies in the cart, or user for what the shopper's events say.");
        if (this.User?.Value.Length > UserId.MaxLength) return new FieldProblem("user", $"user must have at most {UserId.MaxLength} characters.");
        if (this.Lines?.Count > RecommendationRequest.MaxContextItems)
            return new FieldProblem("lines", $"lines holds {this.Lines.Count} entries; at most {RecommendationRequest.MaxContextItems} are allowed.");
        for (var place = 0; place < this.Lines?.Count; place++)
        {
            var (item, quantity) = this.Lines[place];
            if (item.Value is not { Length: > 0 and <= ItemId.MaxLength }) return new FieldProblem($"lines[{place}].item", $"item must have 1 to {ItemId.MaxLength} characters.");
            if (quantity is < 1 or > MaxQuantity) return new FieldProblem($"lines[{place}].quantity", $"quantity is {quantity}; it must lie between 1 and {MaxQuantity}.");
            for (var other = 0; other < place; other++)
                if (this.Lines[other].Item == item) return new FieldProblem($"lines[{place}].item", $"{item.Value} stands in two lines; send one with the sum of the pieces.");
        }

        if (this.FreeDeliveryFrom is { } from && !(from is >= 0 and <= DeliveryTerms.MaxAmount))
            return new FieldProblem("free_delivery_from", $"free_delivery_from must be a number from 0 to {DeliveryTerms.MaxAmount:0}.");
        if (this.Count is < 1 or > MaxCount) return new FieldProblem("count", $"count is {this.Count}; it must lie between 1 and {MaxCount}.");
        return this.Placement.Length is 0 or > RecommendationRequest.MaxPlacementLength - LongestSuffix
            ? new FieldProblem("placement", $"placement must have 1 to {RecommendationRequest.MaxPlacementLength - LongestSuffix} characters.")
            : null;
    }
}
