using System.Globalization;
using Aisle.Engine.Events;

namespace Aisle.Engine.DemoShop;

/// <summary>
/// Plays one visit: what is looked at, put into the cart, taken out, bought and sent back. The rates give a funnel like that of
/// RetailRocket's published log (2,664,312 views, 69,332 carts, 22,457 purchases).
/// </summary>
internal sealed class ShoppingTrip
{
    private const long SecondMs = 1000;
    private const long DayMs = 86_400_000;
    private const long CartLifeMs = 14 * DayMs;
    private const double CartRate = 0.0083;
    private const double CompanionViewRate = 0.76;
    private const double CompanionCartRate = 0.74;
    private const double OrderRate = 0.25;
    private const double RemovalRate = 0.12;

    private readonly Assortment _assortment;
    private readonly Action<Event> _emit;
    private readonly Action<Visit, long> _refill;
    private readonly Demand _demand;
    private readonly int[] _firstKind;
    private readonly float[] _kindWeights;

    private readonly Dictionary<Product, (string Placement, string? Recommendation)> _causes = [];

    private Chance _chance;
    private ulong _seed;
    private string _prefix = "";
    private ulong _events;
    private long _sessions;
    private long _orders;
    private Shopper _shopper = null!;
    private string _session = "";
    private long _now;

    public ShoppingTrip(
        Assortment assortment, IReadOnlyList<Product> products, Chance chance, ulong seed, Action<Event> emit, Action<Visit, long> refill)
    {
        this._assortment = assortment;
        this._chance = chance;
        this._seed = seed;
        this._emit = emit;
        this._refill = refill;
        this._demand = new Demand(assortment, products);
        this._firstKind = [.. Enumerable.Range(0, assortment.Categories.Count + 1).Select(category => assortment.Kinds.Count(kind => kind.Category < category))];
        this._kindWeights = new float[assortment.Kinds.Count];
    }

    /// <summary>
    /// Called where a page may hold lists: with null for the front page, else with the product whose page it is. Says how many steps of
    /// the visit what it caused has taken. Null in a shop without lists: the visit is then the same to the last draw.
    /// </summary>
    internal Func<Product?, int>? PageShown { get; set; }

    internal Demand Demand => this._demand;

    internal Shopper Shopper => this._shopper;

    internal ReadOnlySpan<float> KindWeights => this._kindWeights;

    internal string Session => this._session;

    /// <summary>Unix milliseconds.</summary>
    internal long Now => this._now;

    /// <summary>Begins the visits of one shopper with draws and ids of their own, so that they depend on nothing else that the trip did.</summary>
    internal void BeginSeries(ulong seed, string prefix)
    {
        this._seed = seed;
        this._prefix = prefix;
        (this._events, this._sessions, this._orders) = (0, 0, 0);
    }

    /// <summary>Plays a visit whose draws depend on its own chance alone.</summary>
    internal void Run(Visit visit, long time, Chance chance)
    {
        this._chance = chance;
        this.Run(visit, time);
    }

    public void Run(Visit visit, long time)
    {
        this.Begin(visit.Shopper, time);
        if (visit.Refill is { } product)
        {
            this.View(product);
            if (this._chance.Happens(0.7)) this.PutIntoCart(product);
            this.Browse(this._chance.Below(3), this.NextOf(product));
        }
        else
        {
            var spent = this.PageShown?.Invoke(null) ?? 0;
            this.Browse(this.Length() - spent, this.Opening());
        }

        this.CheckOut();
    }

    /// <summary>A list came into the shopper's view.</summary>
    internal void See(IReadOnlyList<Product> list, string placement, string? recommendation)
    {
        foreach (var product in list) this.Emit(this.EventOf(EventType.Impression, product) with { Placement = placement, RecommendationId = recommendation });
        this._now += 2 * SecondMs;
    }

    /// <summary>The shopper clicks a product in a list and looks at it as at any other.</summary>
    internal void Follow(Product product, string placement, string? recommendation)
    {
        this._causes[product] = (placement, recommendation);
        this.Emit(EventType.Click, product);
        this.View(product);
        this.Consider(product);
    }

    /// <summary>The probability that a product looked at is put into the cart.</summary>
    internal static double CartChance(Shopper shopper, Product product) => CartRate * Interest(shopper, product);

    /// <summary>The probability that what lies in the cart is bought in the same visit.</summary>
    internal static double OrderChance(Shopper shopper) => (1 - RemovalRate) * OrderRate * Math.Min(1.5, shopper.Decision);

    private void Begin(Shopper shopper, long time)
    {
        this._shopper = shopper;
        this._now = time;
        this._causes.Clear();
        this._demand.MoveTo(time);
        var dayOfYear = DateTimeOffset.FromUnixTimeMilliseconds(time).DayOfYear;
        this._session = this._prefix + "s" + (++this._sessions).ToString(CultureInfo.InvariantCulture);
        for (var i = 0; i < this._kindWeights.Length; i++)
            this._kindWeights[i] = shopper.KindInterest[i] * this._assortment.Kinds[i].Season.Factor(dayOfYear);
        shopper.Cart.RemoveAll(line => time - line.Time > CartLifeMs);
    }

    /// <summary>Products looked at in a visit: half of the visits are short, some are long.</summary>
    private int Length()
    {
        var length = 1;
        while (length < 40 && this._chance.Happens(0.835)) length++;
        return length;
    }

    private void Browse(int steps, Product? product)
    {
        for (var step = 0; step < steps && product is not null; step++)
        {
            this.View(product);
            step += this.Consider(product);
            step += this.PageShown?.Invoke(product) ?? 0;
            product = this.NextOf(product);
        }
    }

    private static double Interest(Shopper shopper, Product product) => Math.Exp(0.5 * Math.Min(2, shopper.Affinity(product))) * shopper.Decision;

    /// <returns>Products looked at because this one was put into the cart.</returns>
    private int Consider(Product product)
    {
        var interest = Interest(this._shopper, product);
        if (this._chance.Happens(0.0085 * interest)) this.Emit(EventType.Favourite, product);
        if (!this._chance.Happens(CartRate * interest)) return 0;
        this.PutIntoCart(product);
        return this.AddCompanions(product);
    }

    /// <summary>The first product of a visit, by what brought the shopper here.</summary>
    private Product? Opening()
    {
        var draw = this._chance.Unit();
        if (draw < 0.14 && this._shopper.Memory.Count > 0) return this._chance.Pick(this._shopper.Memory);
        if (draw < 0.26) return this._demand.FromWholeShop(this._chance);
        if (draw < 0.34) return this._demand.NewArrival(this._shopper, this._kindWeights, this._chance);
        var kind = this._chance.PickByWeight(this._kindWeights);
        if (draw < 0.46) this.Search(this._assortment.Kinds[kind]);
        return this.FromKind(kind);
    }

    private Product? NextOf(Product product)
    {
        var draw = this._chance.Unit();
        if (draw < 0.40) return this.FromKind(product.Kind.Index);
        if (draw < 0.58) return this.FromCategory(product.Kind.Category);
        if (draw < 0.70) return this.CompanionOf(product);
        if (draw < 0.93) return this.FromKind(this._chance.PickByWeight(this._kindWeights));
        return this._demand.FromWholeShop(this._chance);
    }

    private Product? FromKind(int kind) => kind < 0 ? null : this._demand.FromKind(kind, this._shopper, this._chance);

    private Product? FromCategory(int category)
    {
        var first = this._firstKind[category];
        var kinds = this._kindWeights.AsSpan(first, this._firstKind[category + 1] - first);
        var chosen = this._chance.PickByWeight(kinds);
        return chosen < 0 ? null : this.FromKind(first + chosen);
    }

    /// <summary>Mostly the best match of one complementary kind, so that pairs repeat across shoppers.</summary>
    private Product? CompanionOf(Product product)
    {
        var pairs = product.GoesWith.Count / ProductRange.MatchesPerKind;
        if (pairs == 0 || this._chance.Happens(0.12)) return this.FromKind(product.Kind.Index);

        // Complements are listed by importance: the first kind comes up most.
        var kind = Math.Min((int)(pairs * this._chance.Unit() * this._chance.Unit() * 1.15), pairs - 1);
        var match = this._chance.Happens(0.75) ? 0 : 1;
        var companion = product.GoesWith[kind * ProductRange.MatchesPerKind + match];
        return this._demand.IsOnSale(companion) ? companion : null;
    }

    private int AddCompanions(Product product)
    {
        var seen = 0;
        while (seen < 4 && this._chance.Happens(CompanionViewRate))
        {
            seen++;
            if (this.CompanionOf(product) is not { } companion || companion == product) continue;
            this.View(companion);
            if (this._chance.Happens(CompanionCartRate)) this.PutIntoCart(companion);
        }

        return seen;
    }

    private void View(Product product)
    {
        this._now += (long)(SecondMs * (6 + 45 * this._chance.Unit() * this._chance.Unit()));
        this.Emit(EventType.View, product);
        if (this._chance.Happens(0.25)) this._shopper.Remember(product);
    }

    private void Search(Kind kind)
    {
        var name = this._chance.Pick(kind.Models).Name;
        var words = this._shopper.ReadsChinese ? name.Chinese : name.English.Split(',')[0].ToLowerInvariant();
        this.Emit(new Event { Id = this.NextId(), Type = EventType.Search, Time = this.Time(), User = this._shopper.User.Id, Session = this._session, Text = words });
        this._now += 4 * SecondMs;
    }

    private void PutIntoCart(Product product)
    {
        var cart = this._shopper.Cart;
        if (cart.Exists(line => line.Product == product)) return;
        this._now += (long)(SecondMs * this._chance.Between(4, 30));
        var quantity = product.Kind.RepeatDays > 0 && this._chance.Happens(0.3) ? 2 + this._chance.Below(2) : 1;
        cart.Add((product, quantity, this._now));
        this._shopper.Remember(product);
        this.Emit(EventType.Cart, product, quantity);
    }

    private void CheckOut()
    {
        var cart = this._shopper.Cart;
        for (var i = cart.Count - 1; i >= 0; i--)
        {
            if (!this._chance.Happens(RemovalRate)) continue;
            this._now += 5 * SecondMs;
            this.Emit(EventType.RemoveFromCart, cart[i].Product, cart[i].Quantity);
            cart.RemoveAt(i);
        }

        if (cart.Count == 0 || !this._chance.Happens(OrderRate * Math.Min(1.5, this._shopper.Decision))) return;

        this._now += (long)(SecondMs * this._chance.Between(40, 200));
        var order = this._prefix + "o" + (++this._orders).ToString(CultureInfo.InvariantCulture);
        foreach (var (product, quantity, _) in cart)
        {
            this.Emit(EventType.Purchase, product, quantity, order);
            this.PlanWhatFollows(product, quantity, order);
        }

        cart.Clear();
    }

    /// <summary>Some purchases come back; what is used up is bought again.</summary>
    private void PlanWhatFollows(Product product, int quantity, string order)
    {
        var isWorn = this._assortment.DepartmentOf(product.Kind).Key == "fashion";
        if (this._chance.Happens(isWorn ? 0.12 : 0.04))
        {
            var sentBack = this._now;
            this._now += (long)(DayMs * this._chance.Between(4, 18));
            this.Emit(EventType.Return, product, quantity, order, session: null);
            this._now = sentBack;
        }
        else if (product.Kind.RepeatDays > 0 && this._chance.Happens(0.7))
        {
            var days = product.Kind.RepeatDays * this._chance.Between(0.8, 1.35) * quantity;
            this._refill(new Visit(this._shopper, product), this._now + (long)(days * DayMs));
        }
    }

    private void Emit(EventType type, Product product, int quantity = 1, string? order = null) =>
        this.Emit(type, product, quantity, order, this._session);

    private void Emit(EventType type, Product product, int quantity, string? order, string? session)
    {
        var happened = this.EventOf(type, product, quantity, order, session);
        if (type is not (EventType.Return or EventType.Favourite) && this._causes.TryGetValue(product, out var cause))
            happened = happened with { Placement = cause.Placement, RecommendationId = cause.Recommendation };
        this.Emit(happened);
    }

    private Event EventOf(EventType type, Product product) => this.EventOf(type, product, 1, null, this._session);

    private Event EventOf(EventType type, Product product, int quantity, string? order, string? session) => new()
    {
        Id = this.NextId(),
        Type = type,
        User = this._shopper.User.Id,
        Item = product.Item.Id,
        Time = this.Time(),
        Quantity = quantity,
        Price = product.Item.Price,
        Basket = order,
        Session = session,
    };

    private void Emit(Event happened) => this._emit(happened);

    private DateTimeOffset Time() => DateTimeOffset.FromUnixTimeMilliseconds(this._now);

    private EventId NextId()
    {
        this._events++;
        return EventId.FromContent(this.Time(), new UInt128(Chance.Hash(this._seed, this._events), Chance.Hash(this._events, this._seed)));
    }
}
