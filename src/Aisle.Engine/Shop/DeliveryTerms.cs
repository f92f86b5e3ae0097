using System.Globalization;

namespace Aisle.Engine.Shop;

/// <summary>What delivery costs, in the shop's currency.</summary>
/// <param name="Price">Of a delivery; 0 where it is always free.</param>
/// <param name="FreeFrom">From this value of a cart on delivery is free; null where it never is, or where the shop did not say.</param>
public sealed record DeliveryTerms(double Price, double? FreeFrom)
{
    public const double MaxAmount = 1e9;

    /// <summary>Of a shop that did not say.</summary>
    public static readonly DeliveryTerms Unknown = new(0, null);

    /// <summary>Of the demo shop.</summary>
    public static readonly DeliveryTerms Demo = new(4.90, 50);

    /// <summary>What delivery of a cart costs.</summary>
    public double Of(double value) => value <= 0 || value >= this.FreeFrom ? 0 : this.Price;

    /// <summary>What a cart lacks for free delivery; null where nothing is missing, or nothing would make it free.</summary>
    public double? Gap(double value) => this.FreeFrom is { } from && value > 0 && value < from ? from - value : null;

    /// <summary>The first limit that the terms break, or null if they keep to all.</summary>
    public FieldProblem? Check()
    {
        if (!(this.Price is >= 0 and <= MaxAmount)) return new FieldProblem("price", $"price must be a number from 0 to {MaxAmount:0}.");
        return this.FreeFrom is null or (>= 0 and <= MaxAmount) ? null : new FieldProblem("free_from", $"free_from must be a number from 0 to {MaxAmount:0}; leave it out where delivery never becomes free.");
    }

    internal string ToText() => string.Create(CultureInfo.InvariantCulture, $"{this.Price:R} {this.FreeFrom:R}");

    /// <summary>Null for what this program did not write.</summary>
    internal static DeliveryTerms? Parse(string text)
    {
        var parts = text.Split(' ');
        if (parts.Length != 2 || !TryRead(parts[0], out var price)) return null;
        if (parts[1].Length == 0) return new DeliveryTerms(price, null);
        return TryRead(parts[1], out var from) ? new DeliveryTerms(price, from) : null;
    }

    private static bool TryRead(string text, out double amount) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out amount) && amount is >= 0 and <= MaxAmount;
}

/// <summary>The shop's terms of delivery, kept in its settings; asked for at every page, so that they are held in memory.</summary>
public sealed class ShopDelivery(IShopSettings settings)
{
    private const string Setting = "shop.delivery";

    private volatile DeliveryTerms? _terms;

    public DeliveryTerms Terms => this._terms ?? this.Read();

    /// <summary>Takes in what another process set.</summary>
    public void Refresh() => this.Read();

    /// <exception cref="ArgumentException">The terms break a limit; the message names it.</exception>
    public async Task SetAsync(DeliveryTerms terms, CancellationToken cancellation)
    {
        if (terms.Check() is { } wrong) throw new ArgumentException(wrong.Message, nameof(terms));
        await settings.SetAsync(Setting, terms.ToText(), cancellation);
        this._terms = terms;
    }

    private DeliveryTerms Read() => this._terms = settings.Get(Setting) is { } kept && DeliveryTerms.Parse(kept) is { } terms
        ? terms
        : settings.Get(ShopKind.Setting) == ShopKind.Demo ? DeliveryTerms.Demo : DeliveryTerms.Unknown;
}
