namespace Aisle.Engine.DemoShop;

/// <summary>Where shoppers live and what they are called. Names are a given name and an initial, so that nobody real is meant.</summary>
internal static class ShopperNames
{
    internal sealed record Country(string Code, string Language, double UtcOffset);

    public static readonly Country[] Countries =
        [new("GB", "en", 0), new("DE", "en", 1), new("FR", "en", 1), new("NL", "en", 1), new("SE", "en", 1), new("US", "en", -5), new("CN", "zh", 8), new("SG", "zh", 8)];

    public static readonly float[] CountryShares = [30, 11, 8, 6, 4, 14, 20, 7];

    private static readonly string[] Given =
    [
        "Hannah", "Oliver", "Amelia", "Jonas", "Freya", "Mateo", "Clara", "Theo", "Ingrid", "Lucas", "Nora", "Felix", "Isla", "Emil", "Maya", "Hugo",
        "Elsa", "Arthur", "Leonie", "Samuel", "Zoe", "Anton", "Greta", "Noah", "Priya", "Elias", "Matilda", "Rafael", "Alice", "Benedict", "Sofia", "Tom",
        "Charlotte", "Marcus", "Eva", "Daniel", "Lotte", "Adrian", "Ruth", "Ivan", "Julia", "Paul", "Agnes", "Simon", "Rosa", "Victor", "Helena", "Max",
    ];

    private static readonly (string Pinyin, string Character)[] Family =
        [("Lin", "林"), ("Chen", "陈"), ("Zhou", "周"), ("Xu", "许"), ("He", "何"), ("Song", "宋"), ("Tang", "唐"), ("Shen", "沈"), ("Han", "韩"), ("Lu", "陆"), ("Fang", "方"), ("Bai", "白")];

    private static readonly (string Pinyin, string Characters)[] Nicknames =
    [
        ("Xiaoyu", "小雨"), ("Xiaoman", "小满"), ("Xiaohe", "小禾"), ("Xiaotang", "小棠"), ("Xiaonan", "小楠"), ("Xiaoqi", "小七"), ("Xiaomu", "小木"), ("Xiaozhou", "小舟"),
        ("Xiaoxing", "小星"), ("Xiaoman", "小蔓"), ("Xiaoye", "小叶"), ("Xiaobei", "小北"), ("Xiaochun", "小春"), ("Xiaoke", "小可"), ("Xiaolu", "小鹿"), ("Xiaoning", "小宁"),
    ];

    /// <summary>Adds <c>name</c> and, for those who have one, <c>name.zh</c>.</summary>
    public static void AddName(Dictionary<string, string> attributes, Country country, Chance chance)
    {
        if (country.Language == "zh")
        {
            var family = chance.Pick(Family);
            var nickname = chance.Pick(Nicknames);
            attributes["name"] = $"{family.Pinyin} {nickname.Pinyin}";
            attributes["name.zh"] = family.Character + nickname.Characters;
        }
        else
        {
            attributes["name"] = $"{chance.Pick(Given)} {(char)('A' + chance.Below(25))}.";
        }
    }
}
