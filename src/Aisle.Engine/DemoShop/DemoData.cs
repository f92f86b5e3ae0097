using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.DemoShop;

/// <summary>
/// A shop that does not exist: about 2,000 products in two languages, 5,000 shoppers with tastes, and a year of what they did
/// (about 300,000 events). Made from a seed alone, without network or files; the same seed and end give the same shop.
/// </summary>
public sealed class DemoData
{
    private readonly ulong _seed;
    private readonly DateTimeOffset _end;
    private readonly int _shoppers;
    private readonly List<Product> _products;

    private DemoData(int seed, DateTimeOffset end, int shoppers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shoppers, 12);
        this._shoppers = shoppers;
        this._seed = (ulong)seed;
        this._end = end.ToUniversalTime();
        this._products = ProductRange.Create(Assortment.Instance, new Chance(Chance.Hash(this._seed, 1)), this._end);

        // A catalogue sorted by kind would show ten mugs in a row wherever nothing else orders it.
        this.Items = [.. this._products.Select((product, i) => (product.Item, Key: Chance.Hash((ulong)i, this._seed))).OrderBy(pair => pair.Key).Select(pair => pair.Item)];
        this.Shoppers = [.. this.MakeShoppers().Select(shopper => shopper.User)];
    }

    /// <summary>Shoppers of every demo shop that people who try it out may slip into.</summary>
    public static IReadOnlyList<UserId> FeaturedShoppers { get; } = [.. Population.FeaturedIds];

    public IReadOnlyList<Item> Items { get; }

    /// <summary>
    /// Shoppers with <c>name</c>, <c>country</c>, <c>language</c>, <c>age</c> and <c>interests</c> (Chinese: <c>name.zh</c>, <c>interests.zh</c>).
    /// <see cref="FeaturedShoppers"/> come first and have <c>featured</c> = 1 … 12: clear tastes.
    /// </summary>
    public IReadOnlyList<User> Shoppers { get; }

    internal IReadOnlyList<Product> Products => this._products;

    /// <param name="end">The last moment of the year, normally now; events are earlier, a few products are announced for later.</param>
    /// <param name="shoppers">At least 12; about 60 events each. Tests that need only a little of everything take fewer.</param>
    public static DemoData Create(int seed, DateTimeOffset end, int shoppers = Population.FullSize) => new(seed, end, shoppers);

    /// <summary>Streams the events in time order; each enumeration plays the same year again.</summary>
    public IEnumerable<Event> Events() =>
        this.PlayYear().Events();

    internal ShoppingYear PlayYear() => new(Assortment.Instance, this._products, this.MakeShoppers(), this._seed, this._end);

    /// <summary>The shoppers as they are before the year.</summary>
    internal List<Shopper> MakeShoppers() => Population.Create(Assortment.Instance, this._shoppers, new Chance(Chance.Hash(this._seed, 2)));
}
