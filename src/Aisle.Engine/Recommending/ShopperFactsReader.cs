using System.Collections.Concurrent;
using Aisle.Engine.Events;
using Aisle.Engine.Expressions;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Recommending;

/// <summary>Reads what expressions ask about shoppers from the store; facts drawn from events are kept until the shopper does something.</summary>
public sealed class ShopperFactsReader(IEventStore events, IUserStore users)
{
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<UserId, (int Version, ShopperFacts Facts)> _facts = new();

    /// <param name="history">The shopper's history as it is now.</param>
    public ShopperFacts FactsOf(UserId user, ShopperHistory history)
    {
        var version = history.Version;
        if (version == 0) return ShopperFacts.None;
        if (this._facts.TryGetValue(user, out var known) && known.Version == version) return known.Facts;
        // Facts are a look into the store away: forgetting all of them now and then is cheaper than knowing which were asked least.
        if (this._facts.Count >= Capacity) this._facts.Clear();
        var facts = new ShopperFacts([.. events.LatestOf(user, ShopperHistory.MaxEvents).Select(stored => stored.Event)]);
        this._facts[user] = (version, facts);
        return facts;
    }

    public IReadOnlyDictionary<string, string>? AttributesOf(UserId user) => users.Find(user)?.Attributes;
}
