namespace Aisle.Engine.Carts;

/// <summary>What the model of abandonment is told of a cart: names, and words for people. All of it is known at the moment that it speaks of.</summary>
internal static class CartFeatures
{
    public const int MinutesSince = 0;
    public const int MinutesSinceLook = 1;
    public const int Lines = 2;
    public const int Removed = 3;
    public const int RelativeValue = 4;
    public const int NoUsualBasket = 5;
    public const int DeliveryGap = 6;
    public const int Looks = 7;
    public const int PriceChange = 8;
    public const int Orders = 9;
    public const int DaysSinceOrder = 10;
    public const int EarlierCarts = 11;
    public const int CartsLeft = 12;
    public const int HourSine = 13;
    public const int HourCosine = 14;
    public const int CartAge = 15;

    /// <summary>By place. A kept model of others is refused, so that a change here asks for training.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "minutes-since-cart", "minutes-since-anything", "lines", "removed", "relative-value", "no-usual-basket", "delivery-gap", "looks", "price-change", "orders", "days-since-order",
        "earlier-carts", "carts-left", "hour-sine", "hour-cosine", "cart-age",
    ];

    public static int Count => Names.Count;

    /// <summary>Features that speak of one thing, with words for it.</summary>
    public static IReadOnlyList<CartFactorWords> Factors { get; } =
    [
        // A cart that was changed once is as old as its last change: apart, the three would share out the same thing at random.
        new("time", [MinutesSince, MinutesSinceLook, CartAge], "how old the cart is and how long nothing has happened", "购物车存在的时间与距上次操作的时间"),
        new("lines", [Lines], "how many products lie in it", "购物车中的商品种数"),
        new("removed", [Removed], "what was taken out again", "被移出的商品"),
        new("value", [RelativeValue], "its value beside the shopper's usual order", "相对平常订单的金额"),
        new("delivery", [DeliveryGap], "what is missing for free delivery", "距免运费的差额"),
        new("looks", [Looks], "how often the products were looked at", "商品被浏览的次数"),
        new("prices", [PriceChange], "prices that changed since", "加入购物车后的价格变动"),
        new("orders", [NoUsualBasket, Orders, DaysSinceOrder], "earlier orders", "以往的订单"),
        new("carts", [EarlierCarts, CartsLeft], "what became of earlier carts", "以往购物车的结局"),
        new("hour", [HourSine, HourCosine], "the hour of the day", "一天中的时刻"),
    ];
}

/// <param name="Features">Places in <see cref="CartFeatures.Names"/>.</param>
internal sealed record CartFactorWords(string Name, IReadOnlyList<int> Features, string English, string Chinese);
