using Aisle.Engine.Catalog;
using Aisle.Engine.DemoShop;
using Aisle.Engine.Events;

namespace Aisle.Engine.Simulation;

/// <summary>Lists of the server's pipelines: one pipeline for every page, or those that Aisle has for each.</summary>
internal sealed class ServerLists(ShopClient client, string arm, Dictionary<ItemId, Product> products, Action beforeAsking, CancellationToken cancellation) : IListSource
{
    public const string FrontScenario = "recommended-for-you";

    public ShownList Fill(Shopper shopper, Product? page, int count, Chance chance, Attraction truth)
    {
        beforeAsking();
        var scenario = arm != SimulationOptions.DefaultArm ? arm : page is null ? FrontScenario : chance.Happens(0.5) ? "similar" : "bought-together";
        var placement = page is null ? ListShopping.FrontPlacement : ListShopping.ProductPlacement;
        var (recommendation, items) = client.Recommend(scenario, shopper.User.Id.Value, page?.Item.Id.Value, count, placement, cancellation);

        // Shoppers know nothing of products that the demo shop did not have.
        return new ShownList([.. items.Select(id => products.GetValueOrDefault(new ItemId(id))).OfType<Product>()], recommendation);
    }
}

/// <summary>Plays shoppers one after another: each with the lists of their arm, and a double of theirs who sees none.</summary>
internal sealed class SimulatedShopping
{
    private readonly SimulatedWorld _world;
    private readonly ShopClient _client;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<ItemId, Product> _products;
    private readonly IListSource?[] _arms;
    private readonly ShoppingTrip _trip;
    private readonly ShoppingTrip _doubles;
    private readonly ListShopping _pages;
    private readonly Func<Product?, int> _lists;
    private readonly List<Event> _waiting = [];
    private readonly PriorityQueue<(Visit Visit, int Number), long> _visits = new();
    private ArmCounts _counts = new();
    private ListMemory _memory = new();
    private int _numbers;

    public SimulatedShopping(SimulatedWorld world, ShopClient client, SimulationOptions options, CancellationToken cancellation)
    {
        this._world = world;
        this._client = client;
        this._cancellation = cancellation;
        this._products = world.Products.ToDictionary(product => product.Item.Id);
        this._arms = [.. options.Arms.Select(this.SourceOf)];
        var assortment = Assortment.Instance;
        this._trip = new ShoppingTrip(assortment, world.Products, new Chance(1), 1, this.Take, this.PlanRefill);
        this._doubles = new ShoppingTrip(assortment, world.Products, new Chance(1), 1, happened => this._counts.Count(happened), this.PlanRefill);
        this._pages = new ListShopping(assortment, world.Products, this._trip);
        this._lists = this._trip.PageShown!;
    }

    /// <returns>What the shopper did, and what their double did.</returns>
    public (ArmCounts Lists, ArmCounts None) Run(int index)
    {
        var past = this._client.Past(this._world.Shoppers[index].User.Id.Value, this._cancellation);
        var source = this._arms[this._world.Arms[index]];
        this._trip.PageShown = source is null ? null : this._lists;
        var lists = this.Run(index, this._world.Shoppers[index], this._trip, source, past);
        return (lists, this.Run(index, this._world.Doubles[index], this._doubles, null, past));
    }

    private ArmCounts Run(int index, Shopper shopper, ShoppingTrip trip, IListSource? source, List<(string Type, string Item, double Quantity, DateTimeOffset Time)> past)
    {
        this._counts = new ArmCounts();
        this._memory = new ListMemory();
        this._numbers = 0;
        var own = Chance.Hash(this._world.Seed, (ulong)index);
        trip.BeginSeries(Chance.Hash(this._world.RunSeed, (ulong)index), $"simulated-{(uint)this._world.RunSeed:x8}-{index}-");
        this.Remember(shopper, past, new Chance(own));
        foreach (var time in this._world.Visits[index]) this._visits.Enqueue((new Visit(shopper, null), this._numbers++), time);
        while (this._visits.TryDequeue(out var planned, out var time))
        {
            var draws = Chance.Hash(own, (ulong)planned.Number);
            if (source is not null) this._pages.Begin(source, this._memory, this._counts, new Chance(Chance.Hash(draws, 2)));
            var bought = this._counts.Purchases;
            trip.Run(planned.Visit, time, new Chance(Chance.Hash(draws, 1)));
            this._counts.Sessions++;
            if (this._counts.Purchases > bought) this._counts.SessionsWithPurchase++;
            this.Send();
        }

        return this._counts;
    }

    /// <summary>What the shopper did before the simulation: what they remember, what they are tired of, and what has run out since.</summary>
    private void Remember(Shopper shopper, List<(string Type, string Item, double Quantity, DateTimeOffset Time)> past, Chance chance)
    {
        for (var i = past.Count - 1; i >= 0; i--)
        {
            var (type, item, quantity, at) = past[i];
            var time = at.ToUnixTimeMilliseconds();
            if (!this._products.TryGetValue(new ItemId(item), out var product)) continue;
            if (type is "cart" || (type is "view" && chance.Happens(0.25))) shopper.Remember(product);
            if (type is "view") this._memory.See(product, time);
            if (type is not "purchase") continue;
            this._memory.Buy(product, time);
            if (product.Kind.RepeatDays == 0 || !chance.Happens(0.7)) continue;
            var due = time + (long)(86_400_000 * product.Kind.RepeatDays * chance.Between(0.8, 1.35) * quantity);
            if (due >= this._world.Begin) this.PlanRefill(new Visit(shopper, product), due);
        }
    }

    private void PlanRefill(Visit visit, long time)
    {
        if (time < this._world.End) this._visits.Enqueue((visit, this._numbers++), time);
    }

    private void Take(Event happened)
    {
        // What a shopper sends back later than the simulation lasts has not happened.
        if (happened.Type is EventType.Return && happened.Time.ToUnixTimeMilliseconds() > this._world.End) return;
        this._counts.Count(happened);
        this._waiting.Add(happened);
        if (happened.Item is not { } item) return;
        if (happened.Type is EventType.View) this._memory.See(this._products[item], happened.Time.ToUnixTimeMilliseconds());
        if (happened.Type is EventType.Purchase) this._memory.Buy(this._products[item], happened.Time.ToUnixTimeMilliseconds());
    }

    /// <summary>The server learns of everything before it is asked for the next list, as it does from a shop's pages.</summary>
    private void Send()
    {
        if (this._waiting.Count == 0) return;
        this._client.Send(this._waiting, this._cancellation);
        this._waiting.Clear();
    }

    private IListSource? SourceOf(string arm) => arm switch
    {
        SimulationOptions.NoneArm => null,
        SimulationOptions.RandomArm => new RandomLists(this._world.Products, this._world.End),
        SimulationOptions.IdealArm => new IdealLists(this._world.Products),
        _ => new ServerLists(this._client, arm, this._products, this.Send, this._cancellation),
    };
}
