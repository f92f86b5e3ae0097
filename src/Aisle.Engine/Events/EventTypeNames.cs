using System.Collections.Frozen;

namespace Aisle.Engine.Events;

/// <summary>The words for event types in the API and in files: <c>view</c>, <c>remove-from-cart</c>…</summary>
public static class EventTypeNames
{
    private static readonly string[] Names =
    [
        "view", "cart", "remove-from-cart", "purchase", "return", "favourite", "rating", "search", "impression", "click", "custom",
    ];

    private static readonly FrozenDictionary<string, EventType> Types =
        Names.Select((name, index) => KeyValuePair.Create(name, (EventType)(index + 1))).ToFrozenDictionary();

    /// <summary>All words, in the order of the types' numbers; for messages that say what is allowed.</summary>
    public static IReadOnlyList<string> All => Names;

    public static string Of(EventType type) => Names[(int)type - 1];

    public static bool TryParse(string name, out EventType type) => Types.TryGetValue(name, out type);
}
