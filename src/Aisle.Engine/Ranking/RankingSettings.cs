using System.Globalization;
using Aisle.Engine.Catalog;
using Aisle.Engine.Configuration;

namespace Aisle.Engine.Ranking;

/// <summary>What the shop wants of its ranker. Immutable.</summary>
public sealed record RankingSettings
{
    public const string ConfigurationKind = "ranking";

    private const double MostWeight = 1_000_000;
    private const int MaxAttribute = 128;

    private static readonly Dictionary<string, MarginForm> Forms = new()
    {
        ["share"] = MarginForm.Share, ["amount"] = MarginForm.Amount, ["cost"] = MarginForm.Cost,
    };

    public GainWeights Gains { get; init; } = new();

    /// <summary>Where an item's margin stands; null where the shop does not tell.</summary>
    public MarginSource? Margin { get; init; }

    /// <summary>Rankers kept on disk, the serving one among them. In [1, 100], default 10.</summary>
    public int Keep { get; init; } = 10;

    /// <summary>Lists in which two neighbours change places by chance; null for none.</summary>
    public NeighbourExchange? Exchange { get; init; }

    /// <param name="document">The shop's YAML; null for what holds without one.</param>
    /// <exception cref="ConfigurationException">The document cannot be taken; the message says what is wrong, where, and what is allowed.</exception>
    public static RankingSettings Parse(string? document)
    {
        var settings = new RankingSettings();
        if (document is null) return settings;
        var map = ConfigurationNode.Parse(document).Map("gains", "margin", "keep", "exchange");
        var read = settings with
        {
            Gains = map["gains"] is { } gains ? ReadGains(gains) : settings.Gains,
            Margin = map["margin"] is { } margin ? ReadMargin(margin) : null,
            Keep = map["keep"]?.Whole(1, 100) ?? settings.Keep,
            Exchange = map["exchange"] is { } exchange ? ReadExchange(exchange.Map("share", "places")) : null,
        };
        if (read is { Gains.Margin: > 0, Margin: null })
            throw map["gains"]!.Wrong("gains.margin weighs more than 0, but nothing says what an item's margin is; add margin: {attribute: NAME, is: share} with an attribute of your items.");
        return read;
    }

    private static GainWeights ReadGains(ConfigurationNode node)
    {
        var map = node.Map("click", "cart", "purchase", "revenue", "margin");
        var usual = new GainWeights();
        var gains = new GainWeights
        {
            Click = Weight("click", usual.Click),
            Cart = Weight("cart", usual.Cart),
            Purchase = Weight("purchase", usual.Purchase),
            Revenue = Weight("revenue", usual.Revenue),
            Margin = Weight("margin", usual.Margin),
        };
        return gains.Named.Any(gain => gain.Value > 0) ? gains : throw node.Wrong("gains: all of them weigh 0, so there is nothing to learn; give at least one a weight above 0.");

        double Weight(string name, double otherwise) => map[name]?.Number(0, MostWeight) ?? otherwise;
    }

    private static MarginSource ReadMargin(ConfigurationNode node)
    {
        if (!node.IsMap) return new MarginSource(node.Text(MaxAttribute), MarginForm.Share);
        var map = node.Map("attribute", "is");
        return new MarginSource(map.Required("attribute").Text(MaxAttribute), map["is"]?.OneOf(Forms, "form") ?? MarginForm.Share);
    }

    private static NeighbourExchange? ReadExchange(ConfigurationMap map)
    {
        var share = map.Required("share").Number(0, 1);
        var places = map["places"]?.Whole(2, 50) ?? NeighbourExchange.UsualPlaces;
        return share > 0 ? new NeighbourExchange(share, places) : null;
    }
}

/// <summary>What each gain of a list weighs in what the ranker learns. From 0.</summary>
public sealed record GainWeights
{
    /// <summary>Default 1.</summary>
    public double Click { get; init; } = 1;

    /// <summary>An addition to the cart. Default 3.</summary>
    public double Cart { get; init; } = 3;

    /// <summary>Default 10.</summary>
    public double Purchase { get; init; } = 10;

    /// <summary>A unit of the shop's currency that was paid. Default 0: where items cost very differently, the dear ones would be all that counts.</summary>
    public double Revenue { get; init; }

    /// <summary>A unit of the shop's currency that was earned. Default 0.</summary>
    public double Margin { get; init; }

    /// <summary>In the order in which a list's gains are counted.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Named =>
        [new("click", this.Click), new("cart", this.Cart), new("purchase", this.Purchase), new("revenue", this.Revenue), new("margin", this.Margin)];
}

public enum MarginForm
{
    /// <summary>Of the price, from 0 to 1.</summary>
    Share,

    /// <summary>In the shop's currency, for a piece.</summary>
    Amount,

    /// <summary>What a piece cost the shop; the margin is what was paid beyond.</summary>
    Cost,
}

/// <param name="Attribute">Of the items; a number with a point for decimals.</param>
public sealed record MarginSource(string Attribute, MarginForm Form)
{
    /// <summary>What one piece of an item earns; null where the item does not tell.</summary>
    /// <param name="paid">For the piece; null where it is not known, and the item's price counts.</param>
    public double? Of(Item item, double? paid)
    {
        if (!item.Attributes.TryGetValue(this.Attribute, out var text)
            || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var told) || !double.IsFinite(told)) return null;
        return this.Form == MarginForm.Amount ? told
            : (paid ?? item.Price) is not { } price ? null
            : this.Form == MarginForm.Share ? price * told
            : price - told;
    }
}

/// <summary>Two neighbours of some lists change places with probability ½: where an item stands is then chance, and what it gains there tells how places are looked at.</summary>
/// <param name="Share">Of the lists that are drawn for it, above 0 to 1; half of them are exchanged.</param>
/// <param name="Places">The first places of a list, of which each pair of neighbours is as likely. In [2, 50].</param>
public sealed record NeighbourExchange(double Share, int Places)
{
    public const int UsualPlaces = 10;
}
