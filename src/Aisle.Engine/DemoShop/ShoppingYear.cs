using Aisle.Engine.Events;

namespace Aisle.Engine.DemoShop;

/// <summary>
/// A year of visits in time order. Visits overlap: their events wait in a queue until no earlier visit can begin,
/// so that the stream is ordered while only the events of running visits are in memory.
/// </summary>
internal sealed class ShoppingYear
{
    /// <summary>Visits a shopper that bring 5,000 of them to about 300,000 events.</summary>
    private const double VisitsEach = 9.6;

    private const double DayMs = 86_400_000;

    private readonly ShoppingTrip _trip;
    private readonly IReadOnlyList<Shopper> _shoppers;
    private readonly Chance _chance;
    private readonly long _end;

    private readonly PriorityQueue<Visit, (long Time, long Order)> _visits = new();
    private readonly PriorityQueue<Event, (long Time, long Order)> _ready = new();
    private long _order;

    public ShoppingYear(Assortment assortment, IReadOnlyList<Product> products, IReadOnlyList<Shopper> shoppers, ulong seed, DateTimeOffset end)
    {
        this._shoppers = shoppers;
        this._chance = new Chance(Chance.Hash(seed, 3));
        this._end = end.ToUnixTimeMilliseconds();
        this._trip = new ShoppingTrip(assortment, products, this._chance, seed, this.Emit, this.PlanRefill);
    }

    /// <summary>The trip that plays the visits, for who shows lists in them.</summary>
    internal ShoppingTrip Trip => this._trip;

    /// <summary>Events with ascending times, all in the year before the end.</summary>
    public IEnumerable<Event> Events()
    {
        this.PlanVisits();
        while (this._visits.TryDequeue(out var visit, out var key))
        {
            while (this._ready.TryPeek(out _, out var next) && next.Time < key.Time) yield return this._ready.Dequeue();
            this._trip.Run(visit, key.Time);
        }

        while (this._ready.TryDequeue(out var last, out _)) yield return last;
    }

    private void Emit(Event happened)
    {
        var time = happened.Time.ToUnixTimeMilliseconds();
        if (time < this._end) this._ready.Enqueue(happened, (time, this._order++));
    }

    private void PlanRefill(Visit visit, long time)
    {
        if (time < this._end) this._visits.Enqueue(visit, (time, this._order++));
    }

    private void PlanVisits()
    {
        // Visits of featured shoppers are a number of their own; the rest share what is planned by their activity.
        var weights = this._shoppers.Select(shopper => shopper.VisitsPerYear * (shopper.Days.First - shopper.Days.Last) / 365).ToArray();
        var scale = VisitsEach * this._shoppers.Count / weights.Where((_, i) => !this._shoppers[i].User.Attributes.ContainsKey("featured")).Sum();
        for (var i = 0; i < this._shoppers.Count; i++)
        {
            var shopper = this._shoppers[i];
            var expected = shopper.User.Attributes.ContainsKey("featured") ? weights[i] : weights[i] * scale;
            var count = (int)(expected + this._chance.Unit());
            for (var v = 0; v < count; v++) this._visits.Enqueue(new Visit(shopper, null), (this.VisitTime(shopper), this._order++));
        }
    }

    /// <summary>A moment in the shopper's time with the shop: by season, weekday and hour, by rejection.</summary>
    private long VisitTime(Shopper shopper)
    {
        while (true)
        {
            var day = Math.Floor(this._chance.Between(shopper.Days.Last, shopper.Days.First));
            var hour = shopper.Hour + this._chance.Normal() * 2.6;
            var midnight = Math.Floor((this._end - day * DayMs) / DayMs) * DayMs;
            var time = (long)(midnight + hour * DayMs / 24);
            if (time >= this._end || time < this._end - 365 * DayMs) continue;
            var date = DateTimeOffset.FromUnixTimeMilliseconds(time);
            var weekday = date.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 1.0 : 0.82;
            if (this._chance.Happens(weekday * Season.Visits.Factor(date.DayOfYear) / 1.65)) return time;
        }
    }
}

/// <summary>A visit to come; <paramref name="Refill"/> is the product that has run out and brings the shopper back, if any.</summary>
internal sealed record Visit(Shopper Shopper, Product? Refill);
