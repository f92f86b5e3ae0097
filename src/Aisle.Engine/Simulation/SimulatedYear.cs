using Aisle.Engine.Catalog;
using Aisle.Engine.DemoShop;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Simulation;

/// <summary>
/// The demo shop's year once more, now with lists of best sellers on its pages, without a server: what the simulated world is calibrated by
/// before anything is measured in it.
/// </summary>
internal sealed class SimulatedYear
{
    private readonly ShoppingYear _year;
    private readonly PopularLists _lists;
    private readonly ListShopping _shopping;
    private readonly Dictionary<UserId, ListMemory> _memories = [];
    private readonly Dictionary<ItemId, Product> _products;
    private readonly ulong _seed;
    private string _session = "";

    public SimulatedYear(DemoData shop, ulong seed)
    {
        this._seed = seed;
        this._products = shop.Products.ToDictionary(product => product.Item.Id);
        this._year = shop.PlayYear();
        this._lists = new PopularLists(shop.Products);
        this._shopping = new ListShopping(Assortment.Instance, shop.Products, this._year.Trip);
        var pages = this._year.Trip.PageShown!;
        this._year.Trip.PageShown = page =>
        {
            this.BeginVisit(this._year.Trip.Session, this._year.Trip.Shopper.User.Id);
            return pages(page);
        };
    }

    public ArmCounts Counts { get; } = new();

    /// <summary>Events with ascending times, impressions and clicks among them.</summary>
    public IEnumerable<Event> Events()
    {
        foreach (var happened in this._year.Events())
        {
            this.Counts.Count(happened);
            this._lists.Count(happened);
            if (happened.Item is { } item && happened.Type is EventType.View) this.MemoryOf(happened.User!.Value).See(this._products[item], happened.Time.ToUnixTimeMilliseconds());
            if (happened.Item is { } bought && happened.Type is EventType.Purchase) this.MemoryOf(happened.User!.Value).Buy(this._products[bought], happened.Time.ToUnixTimeMilliseconds());
            yield return happened;
        }
    }

    private void BeginVisit(string session, UserId user)
    {
        if (session == this._session) return;
        this._session = session;
        this.Counts.Sessions++;
        var number = ulong.Parse(session.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
        this._shopping.Begin(this._lists, this.MemoryOf(user), this.Counts, new Chance(Chance.Hash(this._seed, number)));
    }

    private ListMemory MemoryOf(UserId user)
    {
        if (!this._memories.TryGetValue(user, out var memory)) this._memories[user] = memory = new ListMemory();
        return memory;
    }
}
