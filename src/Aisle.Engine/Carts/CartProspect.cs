namespace Aisle.Engine.Carts;

/// <summary>How likely a cart is left, as the published model sees it.</summary>
/// <param name="Probability">That nothing of it is bought within the window after its last change. 1 where the window is over.</param>
/// <param name="Usual">Share of the shop's carts that are left.</param>
/// <param name="MinutesSince">Minutes since something was put in or taken out.</param>
/// <param name="Factors">What speaks for and against, the strongest first.</param>
public sealed record CartProspect(CartModel Model, double Probability, double Usual, double MinutesSince, bool IsOver, IReadOnlyList<CartFactor> Factors);

/// <summary>What one thing adds to the log-odds of being left, beside the mean cart. An association in what was, not what a change of it would do.</summary>
/// <param name="Name">E.g. <c>time</c>, <c>value</c>, <c>delivery</c>.</param>
public sealed record CartFactor(string Name, double LogOdds, string English, string Chinese)
{
    public string Words(string language) => language.StartsWith("zh", StringComparison.Ordinal) ? this.Chinese : this.English;
}

public enum CartLeverKind
{
    /// <summary>A message to a shopper who has stopped.</summary>
    Reminder,

    /// <summary>Something that fills the gap to free delivery.</summary>
    FreeDelivery,

    /// <summary>A price that fell since the product was put in: say so. Or a dear cart: an offer.</summary>
    PriceDrop,

    /// <summary>Few pieces are left: say so.</summary>
    LowStock,
}

/// <summary>Something that might help this cart.</summary>
/// <param name="Items">The products that it concerns; empty for the whole cart.</param>
/// <param name="LogOdds">
/// What the model says that its cause adds to the log-odds of being left, beside the mean cart; null where the model does not see the cause. It is no promise of
/// what the lever gains: only an experiment tells.
/// </param>
public sealed record CartLever(CartLeverKind Kind, IReadOnlyList<Catalog.ItemId> Items, double? LogOdds, string English, string Chinese)
{
    public string Words(string language) => language.StartsWith("zh", StringComparison.Ordinal) ? this.Chinese : this.English;
}
