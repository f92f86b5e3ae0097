using Aisle.Engine.Recommending;

namespace Aisle.Engine.Carts;

/// <summary>What is known of a cart and what may help it.</summary>
/// <param name="Lines">In the order of what the shopper cares about.</param>
/// <param name="Value">Of what can be bought now, in the shop's currency.</param>
/// <param name="FreeDeliveryGap">What is missing for free delivery; null where nothing is.</param>
/// <param name="GoesWith">What completes the cart; null for an empty one.</param>
/// <param name="FreeDelivery">What fills the gap; null without one.</param>
/// <param name="Prospect">How likely the cart is left; null where that cannot be said.</param>
/// <param name="Unknown">Why it cannot.</param>
public sealed record CartAssessment(
    IReadOnlyList<OrderedLine> Lines, double Value, double? FreeDeliveryGap, RecommendationList? GoesWith, RecommendationList? FreeDelivery, CartProspect? Prospect, ProspectGap? Unknown,
    IReadOnlyList<CartLever> Levers);

/// <summary>Why nothing can be said of a cart's end.</summary>
public sealed record ProspectGap(string English, string Chinese)
{
    public string Words(string language) => language.StartsWith("zh", StringComparison.Ordinal) ? this.Chinese : this.English;
}

/// <summary>A cart as its page shows it.</summary>
public sealed record CartArrangement(IReadOnlyList<OrderedLine> Lines, double Value, double? FreeDeliveryGap, RecommendationList? GoesWith, RecommendationList? FreeDelivery);
