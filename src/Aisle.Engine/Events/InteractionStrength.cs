namespace Aisle.Engine.Events;

/// <summary>How much an event says about liking an item; what training, histories and popularity share.</summary>
public static class InteractionStrength
{
    /// <summary>
    /// Points per event, before <see cref="Damp"/>: a purchase says five times as much as a look. Returns and removals take back what the
    /// purchase and the cart gave. Impressions, searches and custom events say nothing about one item.
    /// </summary>
    public static float Of(Event @event) => @event.Type switch
    {
        EventType.View or EventType.Click => 1,
        EventType.Cart or EventType.Favourite => 3,
        EventType.RemoveFromCart => -3,
        EventType.Purchase => 5,
        EventType.Return => -5,
        EventType.Rating => (float)Math.Clamp((@event.Value ?? 3) - 2, -3, 3),
        _ => 0,
    };

    /// <summary>Sum of points to weight: log₂(1 + sum), so that the tenth look adds less than the first; 0 for a sum of 0 or less.</summary>
    public static float Damp(float points) => points > 0 ? MathF.Log2(1 + points) : 0;
}
