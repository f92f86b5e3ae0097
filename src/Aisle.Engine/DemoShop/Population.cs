using System.Globalization;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.DemoShop;

/// <summary>Makes the shoppers: one to three personas each, and a temper of their own.</summary>
internal static class Population
{
    public const int FullSize = 5000;

    /// <summary>Shoppers that the storefront offers to slip into: one clear persona each, here all year.</summary>
    private static readonly string[] FeaturedPersonas =
        ["tea-lover", "gardener", "hers", "techie", "parent", "reader", "runner", "nester", "home-cook", "beauty-fan", "camper", "writer"];

    private static readonly string[] AgeBands = ["18-24", "25-34", "35-44", "45-54", "55-64", "65+"];
    private static readonly float[] AgeShares = [12, 26, 24, 18, 12, 8];

    public static List<Shopper> Create(Assortment assortment, int size, Chance chance)
    {
        var shares = assortment.Personas.Select(persona => (float)persona.Share).ToArray();
        var shoppers = new List<Shopper>(size);
        for (var i = 0; i < size; i++)
        {
            List<Persona> personas;
            if (i < FeaturedPersonas.Length)
            {
                personas = [assortment.Personas.Single(persona => persona.Key == FeaturedPersonas[i])];
            }
            else
            {
                var count = chance.Happens(0.45) ? 1 : chance.Happens(0.75) ? 2 : 3;
                personas = [.. Enumerable.Range(0, count).Select(_ => assortment.Personas[chance.PickByWeight(shares)]).Distinct()];
            }

            shoppers.Add(Make(assortment, chance, i, personas));
        }

        return shoppers;
    }

    /// <summary>The shoppers that the storefront offers to slip into come first.</summary>
    public static IEnumerable<UserId> FeaturedIds => Enumerable.Range(0, FeaturedPersonas.Length).Select(IdOf);

    private static UserId IdOf(int index) => new($"shopper-{index + 1:0000}");

    private static Shopper Make(Assortment assortment, Chance chance, int index, List<Persona> personas)
    {
        var featured = index < FeaturedPersonas.Length;
        var country = ShopperNames.Countries[chance.PickByWeight(ShopperNames.CountryShares)];
        var attributes = new Dictionary<string, string>();
        ShopperNames.AddName(attributes, country, chance);
        attributes["country"] = country.Code;
        attributes["language"] = country.Language;
        attributes["age"] = AgeBands[chance.PickByWeight(AgeShares)];
        attributes["interests"] = string.Join(" · ", personas.Select(persona => persona.Name.English));
        attributes["interests.zh"] = string.Join(" · ", personas.Select(persona => persona.Name.Chinese));
        if (featured) attributes["featured"] = (index + 1).ToString(CultureInfo.InvariantCulture);

        var first = featured ? 365 : chance.Happens(0.62) ? 365 : chance.Between(0, 365);
        var last = featured || chance.Happens(0.75) ? 0 : chance.Between(0, first);
        return new Shopper
        {
            User = new User { Id = IdOf(index), Attributes = attributes },
            ReadsChinese = country.Language == "zh",
            KindInterest = Interests(assortment, chance, personas),
            BrandLiking = BrandLikings(assortment, chance),
            ColourLiking = [.. Enumerable.Range(0, 7).Select(_ => (float)(0.45 * chance.Normal()))],
            Budget = Math.Clamp(chance.Normal() * 0.5, -1, 1),
            Curiosity = Math.Exp(0.5 * chance.Normal()),
            Decision = Math.Exp(0.45 * chance.Normal()),
            VisitsPerYear = featured ? chance.Between(30, 45) : Math.Exp(0.85 * chance.Normal()),
            Days = (first, last),
            Hour = chance.Happens(0.35) ? 12.5 - country.UtcOffset : 20 - country.UtcOffset,
        };
    }

    /// <summary>Spreads the personas' interest in departments and categories over kinds, with a personal lot for each kind and category.</summary>
    private static float[] Interests(Assortment assortment, Chance chance, List<Persona> personas)
    {
        var kindsIn = assortment.Kinds.GroupBy(kind => kind.Category).ToDictionary(group => group.Key, group => group.Count());
        var categories = assortment.Categories
            .Select(category => 0.05 + personas.Sum(persona => persona.Interests.GetValueOrDefault(category.Key)) / personas.Count)
            .Select(weight => weight * Math.Exp(0.6 * chance.Normal()))
            .ToArray();
        var kinds = assortment.Kinds
            .Select(kind => categories[kind.Category] / kindsIn[kind.Category] * Math.Exp(0.7 * chance.Normal()))
            .ToArray();
        var sum = kinds.Sum();
        return [.. kinds.Select(weight => (float)(weight / sum))];
    }

    /// <summary>One style is liked most; six brands are favourites whatever their style.</summary>
    private static float[] BrandLikings(Assortment assortment, Chance chance)
    {
        var likedStyle = chance.Below(6);
        var styles = Enumerable.Range(0, 6).Select(style => 0.75 * (chance.Normal() * 0.8 + (style == likedStyle ? 1.4 : -0.2))).ToArray();
        var likings = new float[assortment.BrandCount];
        foreach (var brand in assortment.Departments.SelectMany(department => department.Brands)) likings[brand.Index] = (float)styles[(int)brand.Style];
        for (var i = 0; i < 6; i++) likings[chance.Below(likings.Length)] += 1.1f;
        return likings;
    }
}
