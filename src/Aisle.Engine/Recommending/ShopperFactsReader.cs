using System.Runtime.CompilerServices;
using Aisle.Engine.Events;
using Aisle.Engine.Expressions;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Recommending;

/// <summary>Reads what expressions ask about shoppers from the store; facts drawn from events are kept until the shopper does something.</summary>
public sealed class ShopperFactsReader(IEventStore events, IUserStore users)
{
    // A history's list of items is made anew with each event of the shopper and goes when the history is forgotten: so do the facts beside it.
    private readonly ConditionalWeakTable<IReadOnlyList<HistoryItem>, ShopperFacts> _facts = [];

    /// <param name="history">The shopper's history as the request sees it.</param>
    public ShopperFacts FactsOf(UserId user, IReadOnlyList<HistoryItem> history) =>
        history.Count == 0
            ? ShopperFacts.None
            : this._facts.GetValue(history, _ => new ShopperFacts(events.LatestOf(user, ShopperHistory.MaxEvents)));

    public IReadOnlyDictionary<string, string>? AttributesOf(UserId user) => users.Find(user)?.Attributes;
}
