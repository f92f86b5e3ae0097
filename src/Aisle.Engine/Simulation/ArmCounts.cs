using Aisle.Engine.Events;

namespace Aisle.Engine.Simulation;

/// <summary>What one shopper did, or many; the sums of disjoint shoppers are added.</summary>
internal sealed class ArmCounts
{
    public long Sessions { get; set; }

    public long SessionsWithPurchase { get; set; }

    public long Lists { get; set; }

    public long Impressions { get; private set; }

    public long Clicks { get; private set; }

    public long Views { get; private set; }

    public long Carts { get; private set; }

    public long Purchases { get; private set; }

    /// <summary>Purchases of what a list of the same visit led to.</summary>
    public long ListPurchases { get; private set; }

    public double Revenue { get; private set; }

    /// <summary>Σ over places shown of the true probability of a click where examined.</summary>
    public double TrueAttraction { get; set; }

    /// <summary>Clicks that the model expects of the lists shown.</summary>
    public double ExpectedClicks { get; set; }

    /// <summary>Purchases in the same visit that the model expects of those clicks; what is bought along with them not counted.</summary>
    public double ExpectedPurchases { get; set; }

    public void Count(Event happened)
    {
        switch (happened.Type)
        {
            case EventType.Impression: this.Impressions++; break;
            case EventType.Click: this.Clicks++; break;
            case EventType.View: this.Views++; break;
            case EventType.Cart: this.Carts++; break;
            case EventType.Purchase:
                this.Purchases++;
                if (happened.Placement is not null) this.ListPurchases++;
                this.Revenue += happened.Quantity * (happened.Price ?? 0);
                break;
            default: break;
        }
    }
}
