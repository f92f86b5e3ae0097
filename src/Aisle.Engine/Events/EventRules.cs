using System.Buffers;
using Aisle.Engine.Catalog;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Events;

/// <summary>What every event must keep to, wherever it comes from: the API and the importers ask here before they store.</summary>
public static class EventRules
{
    public const double MaxQuantity = 1e6;
    public const double MaxPrice = 1e9;
    public const int MaxContextLength = 128;
    public const int MaxTextLength = 512;

    /// <summary>Events may be this far in the future: clocks of shops and shoppers differ, some by their whole time zone.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromDays(1);

    public static readonly DateTimeOffset Earliest = new(1990, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // C0 and C1 controls and DEL; surrogates are searched for too, because only whole pairs can be stored.
    private static readonly SearchValues<char> Suspicious = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Concat(Enumerable.Range(0xD800, 0x800)).Select(code => (char)code)]);

    /// <summary>The first rule that the event breaks, or null if it keeps to all.</summary>
    public static FieldProblem? Check(Event given, DateTimeOffset now) => CheckWho(given) ?? CheckWhat(given) ?? CheckWhen(given.Time, now) ?? CheckContext(given);

    private static FieldProblem? CheckWho(Event given)
    {
        if (given.User is null && given.Basket is null)
            return new FieldProblem("user", "An event needs a user or a basket: give user, or basket for a sale without a known shopper.");
        return given.User is { } user ? CheckText("user", user.Value, UserId.MaxLength, mayBeEmpty: false) : null;
    }

    private static FieldProblem? CheckWhat(Event given)
    {
        if ((byte)given.Type is < (byte)EventType.View or > (byte)EventType.Custom)
            return new FieldProblem("type", $"type must be one of {string.Join(", ", EventTypeNames.All)}.");
        var name = EventTypeNames.Of(given.Type);
        if (given.Item is null && given.Type is not (EventType.Search or EventType.Custom))
            return new FieldProblem("item", $"A {name} event needs an item.");
        if (given.Type == EventType.Search && string.IsNullOrWhiteSpace(given.Text))
            return new FieldProblem("text", "A search event needs text: the words that were searched for.");
        if (given.Type == EventType.Rating && given.Value is null)
            return new FieldProblem("value", "A rating event needs a value: the stars given.");
        if (given.Value is { } value && !double.IsFinite(value))
            return new FieldProblem("value", "value must be a finite number.");
        if (!(given.Quantity > 0 && given.Quantity <= MaxQuantity))
            return new FieldProblem("quantity", $"quantity must be a number above 0 and at most {MaxQuantity:0}.");
        if (given.Price is { } price && !(price >= 0 && price <= MaxPrice))
            return new FieldProblem("price", $"price must be a number from 0 to {MaxPrice:0}; leave it out where it is not known.");
        return given.Item is { } item ? CheckText("item", item.Value, ItemId.MaxLength, mayBeEmpty: false) : null;
    }

    private static FieldProblem? CheckWhen(DateTimeOffset time, DateTimeOffset now)
    {
        if (time < Earliest) return new FieldProblem("time", $"time must not lie before {Earliest:yyyy-MM-dd}; as a number it counts milliseconds, not seconds.");
        if (time > now + MaxAhead) return new FieldProblem("time", "time must not lie more than a day in the future; check the clock of the sender.");
        return null;
    }

    private static FieldProblem? CheckContext(Event given) =>
        CheckText("basket", given.Basket, MaxContextLength, mayBeEmpty: false)
        ?? CheckText("session", given.Session, MaxContextLength, mayBeEmpty: false)
        ?? CheckText("placement", given.Placement, MaxContextLength, mayBeEmpty: false)
        ?? CheckText("recommendation_id", given.RecommendationId, MaxContextLength, mayBeEmpty: false)
        ?? CheckText("text", given.Text, MaxTextLength, mayBeEmpty: true);

    private static FieldProblem? CheckText(string field, string? text, int maxLength, bool mayBeEmpty)
    {
        if (text is null) return null;
        if (text.Length == 0 && !mayBeEmpty) return new FieldProblem(field, $"{field} must not be empty; leave it out where there is none.");
        if (text.Length > maxLength) return new FieldProblem(field, $"{field} must have at most {maxLength} characters; it has {text.Length}.");
        for (var at = text.AsSpan().IndexOfAny(Suspicious); at >= 0 && at < text.Length; at++)
        {
            if (char.IsControl(text[at])) return new FieldProblem(field, $"{field} must not contain control characters; character {at + 1} is U+{(int)text[at]:X4}.");
            if (!char.IsSurrogate(text[at])) continue;
            if (at + 1 == text.Length || !char.IsSurrogatePair(text[at], text[at + 1]))
                return new FieldProblem(field, $"{field} must be valid Unicode; character {at + 1} is half of a surrogate pair.");
            at++;
        }

        return null;
    }
}
