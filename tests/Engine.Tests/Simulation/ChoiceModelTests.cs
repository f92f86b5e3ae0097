using Aisle.Engine.DemoShop;
using Aisle.Engine.Simulation;
using Aisle.Engine.Tests.DemoShop;

namespace Aisle.Engine.Tests.Simulation;

public sealed class ChoiceModelTests
{
    private const long Day = 86_400_000;

    private static readonly DemoData Shop = DemoData.Create(7, DemoShopFixture.End, shoppers: 40);

    [Fact]
    public void Clicks_OfAList_FollowTheCascadeByHand()
    {
        var clicks = ListAttention.Clicks([0.5, 0.2, 0.1]);

        // Reached: 1; 0.5 · 0.88 + 0.5 · 0.5 = 0.69; 0.69 · (0.8 · 0.88 + 0.2 · 0.5) = 0.55476.
        clicks[0].ShouldBe(0.5, 1e-12);
        clicks[1].ShouldBe(0.138, 1e-12);
        clicks[2].ShouldBe(0.055476, 1e-12);
    }

    [Fact]
    public void Clicks_OfTheSameProducts_AreFewerFurtherDown()
    {
        var clicks = ListAttention.Clicks([0.1, 0.1, 0.1, 0.1]);

        clicks.ShouldBe(clicks.OrderDescending());
        clicks[3].ShouldBeLessThan(0.7 * clicks[0]);
    }

    [Fact]
    public void Tiredness_OfWhatWasShownSeenAndBought_ByHand()
    {
        var lasting = Shop.Products.First(product => product.Kind.RepeatDays == 0);
        var memory = new ListMemory();
        Attraction.Tiredness(memory, lasting, 0).ShouldBe(1);

        memory.Show(lasting, 0);
        memory.Show(lasting, 7 * Day);
        var shown = Math.Exp(-1) + 1;
        memory.ImpressionsOf(lasting, 7 * Day).ShouldBe(shown, 1e-12);
        Attraction.Tiredness(memory, lasting, 7 * Day).ShouldBe(Math.Pow(0.9, shown), 1e-12);

        memory.See(lasting, 7 * Day);
        Attraction.Tiredness(memory, lasting, 7 * Day).ShouldBe(Math.Pow(0.9, shown) * 0.7, 1e-12);
        memory.Buy(lasting, 7 * Day);
        Attraction.Tiredness(memory, lasting, 7 * Day).ShouldBe(Math.Pow(0.9, shown) * 0.7 * 0.05, 1e-12);
        Attraction.Tiredness(memory, lasting, 700 * Day).ShouldBe(1, 0.01);
    }

    [Fact]
    public void Tiredness_OfWhatIsUsedUp_EndsWhenItIsDue()
    {
        var tea = Shop.Products.First(product => product.Kind.RepeatDays > 20);
        var memory = new ListMemory();
        memory.Buy(tea, 0);

        Attraction.Tiredness(memory, tea, 0).ShouldBe(0, 1e-12);
        Attraction.Tiredness(memory, tea, tea.Kind.RepeatDays * Day).ShouldBe(1 - Math.Exp(-1), 1e-12);
    }

    [Fact]
    public void CompanionShare_OverAllThatGoesWithAProduct_IsTheShareThatStaysWithThem()
    {
        var product = Shop.Products.First(product => product.GoesWith.Count >= 4 && product.GoesWith.Distinct().Count() == product.GoesWith.Count);

        product.GoesWith.Sum(other => Attraction.CompanionShare(product, other)).ShouldBe(0.88, 1e-12);
        Attraction.CompanionShare(product, product.GoesWith[0]).ShouldBe(3 * Attraction.CompanionShare(product, product.GoesWith[1]), 1e-12);
        Attraction.CompanionShare(product, product.GoesWith[0]).ShouldBeGreaterThan(Attraction.CompanionShare(product, product.GoesWith[^2]));
    }

    /// <summary>Odds are ease · products · q, and q sums to one over the shop: the mean of the odds is the ease itself.</summary>
    [Fact]
    public void Attraction_OverTheWholeShop_HasOddsOfTheEaseOnAverage()
    {
        var attraction = OnTheFrontPage(out var trip);
        var odds = Shop.Products.Select(product => attraction.Of(product, null)).Select(a => a / (1 - a)).ToList();

        odds.Average().ShouldBe(Attraction.Ease, 0.03 * Attraction.Ease);
        odds.Max().ShouldBeGreaterThan(20 * Attraction.Ease, "tastes differ");
        trip.Demand.IsOnSale(Shop.Products[0]).ShouldBeTrue();
    }

    [Fact]
    public void Attraction_OnAProductsPage_IsHigherForItsKindAndNoneForItself()
    {
        var attraction = OnTheFrontPage(out _);
        var page = Shop.Products.First(product => product.GoesWith.Count > 0 && product.AvailableFrom < DemoShopFixture.End.AddDays(-300).ToUnixTimeMilliseconds());
        var alternative = Shop.Products.First(product => product.Kind == page.Kind && product != page);

        attraction.Of(page, page).ShouldBe(0);
        attraction.Of(alternative, page).ShouldBeGreaterThan(attraction.Of(alternative, null));
        attraction.Of(page.GoesWith[0], page).ShouldBeGreaterThan(attraction.Of(page.GoesWith[0], null));
    }

    [Fact]
    public void Visits_OfOneSeed_AreTheSameAndOnlyOfThoseWhoStillCome()
    {
        var shoppers = Shop.MakeShoppers();
        var end = DemoShopFixture.End.ToUnixTimeMilliseconds();
        var visits = VisitPlan.Create(shoppers, 400, 7, end, 3);

        visits.SelectMany(times => times).ShouldBe(VisitPlan.Create(shoppers, 400, 7, end, 3).SelectMany(times => times));
        visits.SelectMany(times => times).ShouldNotBe(VisitPlan.Create(shoppers, 400, 7, end, 4).SelectMany(times => times));
        visits.Sum(times => times.Length).ShouldBeInRange(360, 440);
        visits.SelectMany(times => times).ShouldAllBe(time => time < end && time >= end - (7 * Day));
        for (var i = 0; i < shoppers.Count; i++)
            if (shoppers[i].Days.Last > 0) visits[i].ShouldBeEmpty();
    }

    [Fact]
    public void Assign_Arms_AreDrawnInEqualNumbers()
    {
        var arms = VisitPlan.Assign(300, 3, 1);

        arms.GroupBy(arm => arm).Select(arm => arm.Count()).ShouldBe([100, 100, 100]);
        arms.ShouldNotBe(VisitPlan.Assign(300, 3, 2));
    }

    [Fact]
    public void Trip_WithEmptyLists_DiffersInNothing()
    {
        var plain = Shop.PlayYear();
        var paged = Shop.PlayYear();
        paged.Trip.PageShown = _ => 0;

        paged.Events().SequenceEqual(plain.Events()).ShouldBeTrue();
    }

    private static Attraction OnTheFrontPage(out ShoppingTrip trip)
    {
        var made = new ShoppingTrip(Assortment.Instance, Shop.Products, new Chance(1), 1, _ => { }, (_, _) => { });
        var attraction = new Attraction(Assortment.Instance, Shop.Products, made);
        made.Run(new Visit(Shop.MakeShoppers()[20], null), DemoShopFixture.End.AddDays(-1).ToUnixTimeMilliseconds());
        attraction.Begin(new ListMemory());
        trip = made;
        return attraction;
    }
}
