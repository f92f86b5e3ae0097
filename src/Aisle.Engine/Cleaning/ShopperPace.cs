namespace Aisle.Engine.Cleaning;

/// <summary>
/// How much one user does in a day, to tell crawlers and test robots from people. Things that cost nothing count one each (views, clicks,
/// searches, carts…); an order counts one however many lines it has, so that a wholesaler with a thousand lines is one thing done.
/// Impressions do not count: the shop makes them.
/// </summary>
/// <remarks>
/// Only the days over the limit are remembered, so memory stays with the users. A user's rows are expected in time order; where days
/// alternate, each run of rows counts for itself and the rule finds less. Deciding by day keeps the decision the same in a file that overlaps.
/// </remarks>
internal sealed class ShopperPace
{
    /// <summary>One thing every 43 seconds, day and night. Shoppers stay below some hundreds.</summary>
    public const int MostPerDay = 2000;

    private int _day;
    private int _done;
    private string? _basket;
    private List<int>? _busyDays;

    /// <param name="basket">The order that the event belongs to; null where each event counts.</param>
    public void Add(DateTimeOffset time, string? basket)
    {
        var day = DayOf(time);
        if (day != this._day)
        {
            this._day = day;
            this._done = 0;
            this._basket = null;
        }

        if (basket is not null && basket == this._basket) return;
        this._basket = basket;
        if (++this._done == MostPerDay + 1) (this._busyDays ??= []).Add(day);
    }

    public bool IsBotLikeOn(DateTimeOffset time) => this._busyDays?.Contains(DayOf(time)) == true;

    private static int DayOf(DateTimeOffset time) => (int)(time.UtcTicks / TimeSpan.TicksPerDay);
}
