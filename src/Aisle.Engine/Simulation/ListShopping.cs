using Aisle.Engine.DemoShop;

namespace Aisle.Engine.Simulation;

/// <summary>Puts lists on the pages of a trip, and plays and counts what shoppers do with them.</summary>
internal sealed class ListShopping
{
    /// <summary>Places of a list, on the front page and on a product's.</summary>
    public const int FrontCount = 12, ProductCount = 8;

    public const string FrontPlacement = "simulation/home", ProductPlacement = "simulation/product";

    /// <summary>A list comes into view: at the top of the front page more often than below a product.</summary>
    public const double FrontInView = 0.6, ProductInView = 0.25;

    /// <summary>A click in a list takes the time of a step of the shopper's own this often.</summary>
    public const double TakesAStep = 0.5;

    /// <summary>Clicks lead from list to list this deep at most.</summary>
    private const int MostDepth = 4;

    private readonly ShoppingTrip _trip;
    private readonly Attraction _attraction;
    private IListSource _lists = null!;
    private ListMemory _memory = null!;
    private ArmCounts _counts = null!;
    private Chance _chance = null!;
    private bool _begun;

    public ListShopping(Assortment assortment, IReadOnlyList<Product> products, ShoppingTrip trip)
    {
        this._trip = trip;
        this._attraction = new Attraction(assortment, products, trip);
        trip.PageShown = page => this.ShowPage(page, 0);
    }

    /// <summary>Before each visit; draws about lists are the visit's own, so that what shoppers do on their own stays as alike as it can between arms.</summary>
    public void Begin(IListSource lists, ListMemory memory, ArmCounts counts, Chance chance)
    {
        this._lists = lists;
        this._memory = memory;
        this._counts = counts;
        this._chance = chance;
        this._begun = false;
    }

    private int ShowPage(Product? page, int depth)
    {
        if (!this._chance.Happens(page is null ? FrontInView : ProductInView)) return 0;
        if (!this._begun) this._attraction.Begin(this._memory);
        this._begun = true;

        var list = this._lists.Fill(this._trip.Shopper, page, page is null ? FrontCount : ProductCount, this._chance, this._attraction);
        if (list.Items.Count == 0) return 0;
        var attractions = list.Items.Select(product => this._attraction.Of(product, page)).ToArray();
        this.CountTruth(list.Items, attractions);
        var placement = page is null ? FrontPlacement : ProductPlacement;
        this._trip.See(list.Items, placement, list.Recommendation);
        foreach (var product in list.Items) this._memory.Show(product, this._trip.Now);
        return this.Click(list, attractions, placement, depth);
    }

    private int Click(ShownList list, double[] attractions, string placement, int depth)
    {
        var steps = 0;
        for (var k = 0; k < list.Items.Count; k++)
        {
            var clicked = this._chance.Happens(attractions[k]);
            if (clicked)
            {
                this._trip.Follow(list.Items[k], placement, list.Recommendation);
                if (this._chance.Happens(TakesAStep)) steps++;
                if (depth < MostDepth) steps += this.ShowPage(list.Items[k], depth + 1);
            }

            if (!this._chance.Happens(clicked ? ListAttention.ComesBack : ListAttention.GoesOn)) break;
        }

        return steps;
    }

    private void CountTruth(IReadOnlyList<Product> list, double[] attractions)
    {
        var clicks = ListAttention.Clicks(attractions);
        this._counts.Lists++;
        for (var k = 0; k < list.Count; k++)
        {
            this._counts.TrueAttraction += attractions[k];
            this._counts.ExpectedClicks += clicks[k];
            this._counts.ExpectedPurchases += clicks[k] * Math.Min(1, ShoppingTrip.CartChance(this._trip.Shopper, list[k])) * ShoppingTrip.OrderChance(this._trip.Shopper);
        }
    }
}
