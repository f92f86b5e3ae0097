using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Events;

/// <summary>What a shopper did. The numbers are stored; never renumber.</summary>
public enum EventType : byte
{
    View = 1,
    Cart = 2,
    RemoveFromCart = 3,
    Purchase = 4,
    Return = 5,
    Favourite = 6,
    Rating = 7,
    Search = 8,
    Impression = 9,
    Click = 10,
    Custom = 11,
}

/// <summary>One thing that happened in the shop. Immutable; stored once, never changed.</summary>
/// <remarks>
/// Every event has a <see cref="User"/> or a <see cref="Basket"/> (or both): a sale at the till without a customer is an anonymous
/// basket, which feeds popularity and bought-together and is never counted as a shopper.
/// </remarks>
public sealed record Event
{
    /// <summary>Decides identity: an event whose id is stored already is a retry and changes nothing.</summary>
    public required EventId Id { get; init; }

    public required EventType Type { get; init; }

    public UserId? User { get; init; }

    /// <summary>Absent only for searches and custom events.</summary>
    public ItemId? Item { get; init; }

    /// <summary>When it happened, to the millisecond, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Pieces; &gt; 0. Default 1.</summary>
    public double Quantity { get; init; } = 1;

    /// <summary>Price of one piece in the shop's currency; null where unknown.</summary>
    public double? Price { get; init; }

    /// <summary>Order, invoice or cart that the event belongs to; at most 128 characters.</summary>
    public string? Basket { get; init; }

    /// <summary>Visit that the event belongs to; at most 128 characters.</summary>
    public string? Session { get; init; }

    /// <summary>Where on the page it happened, e.g. <c>home/recommended-for-you</c>; at most 128 characters.</summary>
    public string? Placement { get; init; }

    /// <summary>The recommendation list that the item was shown in.</summary>
    public string? RecommendationId { get; init; }

    /// <summary>Stars of a rating, or the value of a custom event; null otherwise.</summary>
    public double? Value { get; init; }

    /// <summary>Words of a search, or the name of a custom event; at most 512 characters.</summary>
    public string? Text { get; init; }
}

/// <summary>An event with its place in the store's log. Sequences ascend without reuse; they may have gaps.</summary>
public readonly record struct StoredEvent(long Sequence, Event Event);
