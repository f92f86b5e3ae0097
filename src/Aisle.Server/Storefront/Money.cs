using System.Globalization;

namespace Aisle.Server.Storefront;

/// <summary>Prices as the storefront writes them. A shop has one currency; the storefront shows it as euros.</summary>
internal static class Money
{
    public const double FreeDeliveryFrom = 50;
    public const double DeliveryPrice = 4.90;

    public static string Of(double amount) => "€" + amount.ToString("#,##0.00", CultureInfo.InvariantCulture);

    public static double Delivery(double goods) => goods is 0 or >= FreeDeliveryFrom ? 0 : DeliveryPrice;
}
