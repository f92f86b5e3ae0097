using Aisle.Engine.Catalog;

namespace Aisle.Engine.DemoShop;

/// <summary>Makes the shop's products out of the assortment: which brand makes which model, in which colours and sizes, at what price, since when.</summary>
internal sealed class ProductRange
{
    public const int Size = 2000;

    /// <summary>Products of each complementary kind in <see cref="Product.GoesWith"/>.</summary>
    public const int MatchesPerKind = 2;

    private const int BrandsOfPlainModel = 2;

    private readonly Assortment _assortment;
    private readonly Chance _chance;
    private readonly DateTimeOffset _end;
    private readonly Dictionary<string, int> _numbers = [];

    private ProductRange(Assortment assortment, Chance chance, DateTimeOffset end)
    {
        this._assortment = assortment;
        this._chance = chance;
        this._end = end;
    }

    public static List<Product> Create(Assortment assortment, Chance chance, DateTimeOffset end)
    {
        var products = new ProductRange(assortment, chance, end).MakeAll();
        RankPrices(products);
        Match(products, chance);
        return products;
    }

    private List<Product> MakeAll()
    {
        var products = new List<Product>(Size);
        foreach (var kind in this._assortment.Kinds.Where(kind => kind.Palette.Count == 0))
            foreach (var model in kind.Models) this.MakePlain(products, kind, model);

        // What the fixed part leaves of the range is shared evenly among the models that come in colours.
        var coloured = this._assortment.Kinds.Where(kind => kind.Palette.Count > 0).SelectMany(kind => kind.Models.Select(model => (kind, model))).ToList();
        var open = Size - products.Count;
        for (var i = 0; i < coloured.Count; i++)
        {
            var count = (int)((long)open * (i + 1) / coloured.Count - (long)open * i / coloured.Count);
            this.MakeColoured(products, coloured[i].kind, coloured[i].model, count);
        }

        return products;
    }

    /// <summary>Books appear with one publisher; other plain models with two brands, one for each size.</summary>
    private void MakePlain(List<Product> products, Kind kind, ProductModel model)
    {
        var department = this._assortment.DepartmentOf(kind);
        var colour = model.Variant!;
        if (kind.Sizes.Count > 0)
        {
            var brand = this._chance.Pick(department.Brands);
            var collection = this.CollectionOf(brand, department);
            var author = department.Authors.Count > 0 ? this._chance.Pick(department.Authors) : null;
            foreach (var size in kind.Sizes) products.Add(this.Make(kind, model, brand, collection, colour, size, author));
            return;
        }

        var first = this._chance.Below(department.Brands.Count);
        for (var i = 0; i < BrandsOfPlainModel; i++)
        {
            var brand = department.Brands[(first + i * 2) % department.Brands.Count];
            products.Add(this.Make(kind, model, brand, this.CollectionOf(brand, department), colour, null, null));
        }
    }

    private void MakeColoured(List<Product> products, Kind kind, ProductModel model, int count)
    {
        var department = this._assortment.DepartmentOf(kind);
        var collections = department.Brands.SelectMany(brand => brand.Collections.Select(words => (brand, words))).ToList();
        var taken = new HashSet<(Words, Colour)>();
        while (count > 0)
        {
            // A collection usually comes in two colours.
            var (brand, words) = this._chance.Pick(collections);
            for (var variants = Math.Min(count, 1 + this._chance.Below(2)); variants > 0; variants--)
            {
                var colour = this._chance.Pick(kind.Palette);
                if (!taken.Add((words, colour))) continue;
                products.Add(this.Make(kind, model, brand, words, colour, null, null));
                count--;
            }
        }
    }

    private Words? CollectionOf(Brand brand, Department department) =>
        department.NamesCollections ? this._chance.Pick(brand.Collections) : null;

    private Product Make(Kind kind, ProductModel model, Brand brand, Words? collection, Colour colour, Size? size, Words? author)
    {
        var number = this._numbers.GetValueOrDefault(kind.Key) + 1;
        this._numbers[kind.Key] = number;
        var id = new ItemId($"{kind.Key}-{number:000}");
        var available = this.AvailableFrom();
        var price = ShelfPrice(model.Price * brand.PriceFactor * (size?.PriceFactor ?? 1) * this._chance.Between(0.93, 1.07));
        var text = new ProductText(this._assortment, kind, model, collection, colour, size, author);
        var (description, chineseDescription) = text.Descriptions(this._chance);
        var category = this._assortment.Categories[kind.Category];
        return new Product
        {
            Kind = kind,
            Brand = brand,
            Collection = collection,
            Family = colour.Family,
            Appeal = Math.Exp(0.8 * this._chance.Normal()),
            AvailableFrom = available.ToUnixTimeMilliseconds(),
            FashionTime = this._chance.Happens(0.18) ? this._end.AddDays(-this._chance.Between(0, 365)).ToUnixTimeMilliseconds() : 0,
            Item = new Item
            {
                Id = id,
                Title = text.English,
                Description = description,
                Category = [category.Department.Name.English, category.Name.English],
                Brand = brand.Name,
                Price = price,
                Stock = this.StockOnHand(),
                Image = $"/images/products/{id}.svg",
                Tags = [kind.Key, brand.Style.ToString().ToLowerInvariant()],
                Attributes = text.Attributes(colour),
                Translations = new Dictionary<string, ItemText>
                {
                    ["zh"] = new(text.Chinese, chineseDescription, [category.Department.Name.Chinese, category.Name.Chinese]),
                },
                AvailableFrom = available,
            },
        };
    }

    /// <summary>Three quarters of the range are older than the year; the rest came during it, a few in the last weeks; some are announced.</summary>
    private DateTimeOffset AvailableFrom()
    {
        var draw = this._chance.Unit();
        var days = draw switch
        {
            < 0.74 => this._chance.Between(366, 1000),
            < 0.965 => this._chance.Between(15, 365),
            < 0.99 => this._chance.Between(1, 15),
            _ => -this._chance.Between(2, 30),
        };
        return new DateTimeOffset(this._end.UtcDateTime.Date, TimeSpan.Zero).AddDays(-Math.Floor(days)).AddHours(7);
    }

    private int StockOnHand()
    {
        var draw = this._chance.Unit();
        if (draw < 0.025) return 0;
        return draw < 0.08 ? 1 + this._chance.Below(4) : 5 + (int)(30 * Math.Exp(0.9 * this._chance.Normal()));
    }

    /// <summary>Prices as shops write them: 4.90, 18.50, 64.00, 129.00.</summary>
    private static double ShelfPrice(double price) => price switch
    {
        < 10 => Math.Max(1.9, Math.Round(price * 2, MidpointRounding.AwayFromZero) / 2 - 0.1),
        < 30 => Math.Round(price * 2, MidpointRounding.AwayFromZero) / 2,
        < 100 => Math.Round(price, MidpointRounding.AwayFromZero),
        _ => Math.Round(price / 10, MidpointRounding.AwayFromZero) * 10 - 1,
    };

    private static void RankPrices(List<Product> products)
    {
        foreach (var kind in products.GroupBy(product => product.Kind.Index))
        {
            var ordered = kind.OrderBy(product => product.Item.Price).ToList();
            for (var i = 0; i < ordered.Count; i++) ordered[i].PriceRank = ordered.Count == 1 ? 0 : 2.0 * i / (ordered.Count - 1) - 1;
        }
    }

    /// <summary>Finds, for each product, two of each complementary kind: the same collection before the same brand before the same style.</summary>
    private static void Match(List<Product> products, Chance chance)
    {
        var byKind = products.GroupBy(product => product.Kind.Key).ToDictionary(group => group.Key, group => group.ToList());
        foreach (var product in products)
        {
            foreach (var complement in product.Kind.Complements)
            {
                var best = byKind[complement]
                    .Select(other => (other, score: Likeness(product, other) + Math.Log(other.Appeal) * 0.9 + chance.Unit() * 0.5))
                    .OrderByDescending(pair => pair.score)
                    .Take(MatchesPerKind);
                product.GoesWith.AddRange(best.Select(pair => pair.other));
            }
        }
    }

    private static double Likeness(Product one, Product other)
    {
        var likeness = 0.0;
        if (one.Collection is not null && one.Collection == other.Collection) likeness += 2;
        if (one.Brand == other.Brand) likeness += 1;
        if (one.Brand.Style == other.Brand.Style) likeness += 0.7;
        if (one.Family == other.Family) likeness += 0.5;
        return likeness;
    }
}
