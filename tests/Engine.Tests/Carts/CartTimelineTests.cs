using Aisle.Engine.Carts;
using Aisle.Engine.Events;

namespace Aisle.Engine.Tests.Carts;

public sealed class CartTimelineTests
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;
    private const long Begin = 20_000 * Day;

    private readonly CartTimeline _timeline = new(Day, freeFrom: 50, _ => double.NaN);

    [Fact]
    public void Features_OfACart_TellWhatIsKnownAtTheMoment()
    {
        this.Take(0, EventType.Purchase, 9, price: 20, order: 1);
        this.Take(10 * Day, EventType.View, 1, price: 10);
        this.Take(10 * Day + Minute, EventType.View, 1, price: 10);
        this.Take(10 * Day + 2 * Minute, EventType.Cart, 1, price: 10, quantity: 2);
        this.Take(10 * Day + 3 * Minute, EventType.Cart, 2, price: 5);
        this.Take(10 * Day + 4 * Minute, EventType.View, 1, price: 8);

        var row = this.RowAt(10 * Day + 13 * Minute);

        row[CartFeatures.MinutesSince].ShouldBe(Math.Log(11), 1e-9);
        row[CartFeatures.MinutesSinceLook].ShouldBe(Math.Log(10), 1e-9);
        row[CartFeatures.Lines].ShouldBe(Math.Log(2), 1e-9);
        // Two pieces that cost 8 now, and one of 5, where 20 is usual and delivery is free from 50.
        row[CartFeatures.RelativeValue].ShouldBe(Math.Log(21 / 20.0), 1e-6);
        row[CartFeatures.DeliveryGap].ShouldBe(1 - 21 / 50.0, 1e-6);
        row[CartFeatures.NoUsualBasket].ShouldBe(0);
        row[CartFeatures.Looks].ShouldBe(Math.Log(1 + 3 / 2.0), 1e-9);
        row[CartFeatures.PriceChange].ShouldBe(Math.Log(0.8) / 2, 1e-6);
        row[CartFeatures.Orders].ShouldBe(Math.Log(2), 1e-9);
        row[CartFeatures.CartsLeft].ShouldBe(0.5);
        row[CartFeatures.CartAge].ShouldBe(Math.Log(1 + 11 / 60.0), 1e-9);
    }

    [Fact]
    public void Carts_BoughtAndLeft_AreCounted()
    {
        this.Take(0, EventType.Cart, 1);
        this.Take(Hour, EventType.Purchase, 1, order: 1);
        this.Take(2 * Day, EventType.Cart, 2);
        this.Take(4 * Day, EventType.Cart, 3);

        var row = this.RowAt(4 * Day);

        this._timeline.Number.ShouldBe(3);
        row[CartFeatures.EarlierCarts].ShouldBe(Math.Log(3), 1e-9);
        row[CartFeatures.CartsLeft].ShouldBe(0.5);
        // What was left two days ago still lies in it.
        row[CartFeatures.Lines].ShouldBe(Math.Log(2), 1e-9);
        row[CartFeatures.NoUsualBasket].ShouldBe(1);
        this.RowAt(17 * Day)[CartFeatures.Lines].ShouldBe(0);
    }

    [Fact]
    public void Cart_EmptiedByHand_IsNeitherBoughtNorLeft()
    {
        this.Take(0, EventType.Cart, 1, quantity: 3);
        this.Take(Minute, EventType.RemoveFromCart, 1, quantity: 1);
        this._timeline.IsEmpty.ShouldBeFalse();
        this.RowAt(Minute)[CartFeatures.Removed].ShouldBe(Math.Log(2), 1e-9);
        this.Take(2 * Minute, EventType.RemoveFromCart, 1, quantity: 2);

        this._timeline.IsEmpty.ShouldBeTrue();
        this.RowAt(9 * Day)[CartFeatures.EarlierCarts].ShouldBe(0);
    }

    [Fact]
    public void PriceRatio_IsToldOfWhatLiesInTheCart()
    {
        this.Take(0, EventType.Cart, 1, price: 10);

        this._timeline.PriceRatio(1, 9).ShouldNotBeNull().ShouldBe(0.9, 1e-6);
        this._timeline.PriceRatio(2, 9).ShouldBeNull();
        this._timeline.Reprice(1, 5);
        this.RowAt(Minute)[CartFeatures.PriceChange].ShouldBe(Math.Log(0.5), 1e-6);
    }

    private void Take(long after, EventType type, int item, double price = double.NaN, double quantity = 1, ulong order = 0) =>
        this._timeline.Take(new CartStep(Begin + after, item, type, (float)price, (float)quantity, order));

    private double[] RowAt(long after)
    {
        var row = new double[CartFeatures.Count];
        this._timeline.Write(Begin + after, row);
        row.ShouldAllBe(value => double.IsFinite(value));
        return row;
    }
}
