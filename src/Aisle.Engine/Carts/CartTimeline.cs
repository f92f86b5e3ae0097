using Aisle.Engine.Events;

namespace Aisle.Engine.Carts;

/// <summary>
/// Replays what one shopper did, oldest first, and tells the features of their cart at a moment: training and serving ask the same code, and neither can
/// know what came later.
/// </summary>
/// <remarks>
/// A cart begins with the first product put in, and ends when one of its products is bought, or when nothing was put in or taken out for the window: it
/// is then left. What lies in it stays until it is bought, taken out, or older than <see cref="ShopperCart.Lifetime"/>.
/// </remarks>
/// <param name="windowMs">How long after the last change a cart may still be bought, in milliseconds.</param>
/// <param name="freeFrom">Value from which delivery is free; null where it never is.</param>
/// <param name="priceOf">The catalogue's price of an item, where events tell none; NaN for unknown.</param>
internal sealed class CartTimeline(long windowMs, double? freeFrom, Func<int, double> priceOf)
{
    private const double MinuteMs = 60_000;
    private const double HourMs = 3_600_000;
    private const double DayMs = 86_400_000;
    private const double MostRatio = 3;

    private readonly Dictionary<int, Line> _lines = [];
    private readonly Dictionary<int, Seen> _seen = [];
    private readonly Dictionary<ulong, double> _orders = [];
    private long _began;
    private long _changed;
    private long _last;
    private long _ordered;
    private double _removed;
    private bool _isOpen;
    private int _bought;
    private int _left;

    /// <summary>Ascends by one with each cart that begins.</summary>
    public int Number { get; private set; }

    public bool IsEmpty => this._lines.Count == 0;

    /// <summary>When something was put in or taken out last, Unix milliseconds.</summary>
    public long Changed => this._changed;

    public IEnumerable<int> Items => this._lines.Keys;

    public bool Holds(int item) => this._lines.ContainsKey(item);

    public void Take(in CartStep step)
    {
        this.Close(step.Time);
        this._last = Math.Max(this._last, step.Time);
        if (step.Item < 0) return;
        var seen = this._seen.GetValueOrDefault(step.Item);
        if (!float.IsNaN(step.Price)) seen = seen with { Price = step.Price, HasPrice = true };
        switch (step.Type)
        {
            case EventType.View or EventType.Click:
                seen = seen with { Looks = seen.Looks + 1 };
                break;
            case EventType.Cart:
                this.Put(step, seen);
                break;
            case EventType.RemoveFromCart:
                this.Remove(step);
                break;
            case EventType.Purchase:
                this.Buy(step);
                break;
        }

        this._seen[step.Item] = seen;
    }

    /// <summary>The features at a moment that is not before the last step.</summary>
    public void Write(long at, Span<double> row)
    {
        this.Close(at);
        row.Clear();
        var (value, looks, change, priced) = (0.0, 0.0, 0.0, 0);
        foreach (var (item, line) in this._lines)
        {
            var seen = this._seen.GetValueOrDefault(item);
            var price = this.PriceNow(item);
            looks += seen.Looks;
            if (double.IsNaN(price)) continue;
            value += price * line.Pieces;
            if (!(line.Price > 0) || !(price > 0)) continue;
            change += Math.Log(price / line.Price);
            priced++;
        }

        var lines = Math.Max(1, this._lines.Count);
        var usual = this._orders.Values.Where(sum => sum > 0).DefaultIfEmpty(double.NaN).Average();
        row[CartFeatures.MinutesSince] = Math.Log(1 + Math.Max(0, at - this._changed) / MinuteMs);
        row[CartFeatures.MinutesSinceLook] = Math.Log(1 + Math.Max(0, at - this._last) / MinuteMs);
        row[CartFeatures.Lines] = Math.Log(lines);
        row[CartFeatures.Removed] = Math.Log(1 + this._removed);
        row[CartFeatures.RelativeValue] = value > 0 && usual > 0 ? Math.Clamp(Math.Log(value / usual), -MostRatio, MostRatio) : 0;
        row[CartFeatures.NoUsualBasket] = usual > 0 ? 0 : 1;
        row[CartFeatures.DeliveryGap] = freeFrom is > 0 && value > 0 ? Math.Max(0, 1 - value / freeFrom.Value) : 0;
        row[CartFeatures.Looks] = Math.Log(1 + looks / lines);
        row[CartFeatures.PriceChange] = priced > 0 ? Math.Clamp(change / priced, -1, 1) : 0;
        row[CartFeatures.Orders] = Math.Log(1 + this._orders.Count);
        row[CartFeatures.DaysSinceOrder] = this._orders.Count > 0 ? Math.Log(1 + Math.Max(0, at - this._ordered) / DayMs) : 0;
        row[CartFeatures.EarlierCarts] = Math.Log(1 + this._bought + this._left);
        // Of no carts half are taken to be left; each that is known weighs as much as that guess.
        row[CartFeatures.CartsLeft] = (this._left + 1.0) / (this._bought + this._left + 2);
        var (sine, cosine) = Math.SinCos(2 * Math.PI * (at % DayMs / DayMs));
        row[CartFeatures.HourSine] = sine;
        row[CartFeatures.HourCosine] = cosine;
        row[CartFeatures.CartAge] = Math.Log(1 + Math.Max(0, at - this._began) / HourMs);
    }

    /// <summary>How the price of an item that lies in the cart changed since it was put in: 0.9 for a tenth less; null where that is not known.</summary>
    public double? PriceRatio(int item, double now) => this._lines.TryGetValue(item, out var line) && line.Price > 0 && now > 0 ? now / line.Price : null;

    /// <summary>A price that the shop has now goes before what the shopper saw last.</summary>
    public void Reprice(int item, double price) => this._seen[item] = this._seen.GetValueOrDefault(item) with { Price = price, HasPrice = true };

    private void Put(in CartStep step, Seen seen)
    {
        if (!this._isOpen)
        {
            (this._isOpen, this._began, this._removed) = (true, step.Time, 0);
            this.Number++;
        }

        this._changed = step.Time;
        var pieces = this._lines.GetValueOrDefault(step.Item).Pieces + step.Quantity;
        this._lines[step.Item] = new Line(pieces, seen.HasPrice ? seen.Price : priceOf(step.Item), step.Time);
    }

    private void Remove(in CartStep step)
    {
        if (!this._lines.TryGetValue(step.Item, out var line)) return;
        this._changed = step.Time;
        this._removed += 1;
        if (line.Pieces - step.Quantity > 0) this._lines[step.Item] = line with { Pieces = line.Pieces - step.Quantity };
        else this._lines.Remove(step.Item);
        // What was emptied by hand was neither bought nor left.
        if (this._lines.Count == 0) this._isOpen = false;
    }

    private void Buy(in CartStep step)
    {
        if (this._lines.Remove(step.Item) && this._isOpen)
        {
            this._isOpen = false;
            this._bought++;
        }

        this._ordered = step.Time;
        this._orders[step.Order] = this._orders.GetValueOrDefault(step.Order) + (float.IsNaN(step.Price) ? 0 : step.Price * step.Quantity);
    }

    /// <summary>Ends the cart if its window is over, and forgets lines that lie too long.</summary>
    private void Close(long now)
    {
        if (this._isOpen && now > this._changed + windowMs)
        {
            this._isOpen = false;
            this._left++;
        }

        if (this._lines.Count == 0) return;
        var oldest = now - (long)ShopperCart.Lifetime.TotalMilliseconds;
        foreach (var (item, line) in this._lines)
            if (line.Time < oldest) this._lines.Remove(item);
    }

    private double PriceNow(int item) => this._seen.TryGetValue(item, out var seen) && seen.HasPrice ? seen.Price : priceOf(item);

    /// <param name="Price">When it was put in; NaN where it is not known.</param>
    private readonly record struct Line(double Pieces, double Price, long Time);

    private readonly record struct Seen(int Looks, double Price, bool HasPrice);
}
