using Aisle.Engine.Carts;
using Aisle.Engine.Events;

namespace Aisle.Engine.Tests.Carts;

public sealed class CartMomentsTests
{
    private const long Minute = 60_000;
    private const long Hour = 60 * Minute;
    private const long Day = 24 * Hour;
    private const long Begin = 20_000 * Day;

    [Fact]
    public void Moments_StopAtThePurchase_AndSayThatItCame()
    {
        var moments = this.Of(end: 9 * Day, (0, EventType.Cart, 1), (20 * Minute, EventType.Purchase, 1));

        moments.Moments.Select(moment => (moment.At - Begin, moment.Bought)).ShouldBe([(Minute, true), (5 * Minute, true)]);
        moments.Rows.Length.ShouldBe(2 * CartFeatures.Count);
    }

    [Fact]
    public void Moments_OfACartThatIsLeft_SayThatNothingCame()
    {
        var moments = this.Of(end: 9 * Day, (0, EventType.Cart, 1), (30 * Hour, EventType.Purchase, 1));

        moments.Moments.Select(moment => (moment.At - Begin, moment.Bought)).ShouldBe(
            [(Minute, false), (5 * Minute, false), (30 * Minute, false), (2 * Hour, false), (8 * Hour, false)]);
    }

    [Fact]
    public void Moments_OfAnotherProduct_AreNotBought()
    {
        var moments = this.Of(end: 9 * Day, (0, EventType.Cart, 1), (2 * Minute, EventType.Purchase, 7));

        moments.Moments.ShouldAllBe(moment => !moment.Bought);
        moments.Moments.Count.ShouldBe(5);
    }

    [Fact]
    public void Moments_AfterAChange_BeginAnew_InTheSameCart()
    {
        var moments = this.Of(end: 9 * Day, (0, EventType.Cart, 1), (3 * Minute, EventType.Cart, 2), (6 * Minute, EventType.Purchase, 1));

        moments.Moments.Select(moment => (moment.At - Begin, moment.Bought)).ShouldBe([(Minute, true), (4 * Minute, true)]);
        moments.Moments.Select(moment => moment.Cart).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public void Moments_WhoseWindowIsOpenAtTheEnd_AreLeftOut()
    {
        this.Of(end: 23 * Hour, (0, EventType.Cart, 1), (20 * Minute, EventType.Purchase, 1)).Moments.ShouldBeEmpty();
    }

    [Fact]
    public void Features_OfAMoment_KnowNothingOfWhatCameAfter()
    {
        var all = this.Of(end: 9 * Day, (0, EventType.Cart, 1), (10 * Minute, EventType.View, 1), (20 * Minute, EventType.Cart, 2), (30 * Minute, EventType.Purchase, 1));
        var some = this.Of(end: 9 * Day, (0, EventType.Cart, 1));

        all.Rows[..(2 * CartFeatures.Count)].ToArray().ShouldBe(some.Rows[..(2 * CartFeatures.Count)].ToArray());
    }

    private CartMoments Of(long end, params (long After, EventType Type, int Item)[] steps)
    {
        var moments = new CartMoments(Day, freeFrom: null, _ => 10, Begin + end);
        moments.Add([.. steps.Select(step => new CartStep(Begin + step.After, step.Item, step.Type, 10, 1, step.Type == EventType.Purchase ? 1ul : 0))]);
        return moments;
    }
}
