using System.Globalization;

namespace Aisle.Server.Storefront;

/// <summary>Prices as the storefront writes them. A shop has one currency; the storefront shows it as euros.</summary>
internal static class Money
{
    public static string Of(double amount) => "€" + amount.ToString("#,##0.00", CultureInfo.InvariantCulture);
}
