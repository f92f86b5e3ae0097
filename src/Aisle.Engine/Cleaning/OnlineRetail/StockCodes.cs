using System.Collections.Frozen;

namespace Aisle.Engine.Cleaning.OnlineRetail;

/// <summary>
/// Tells products from what else stands in the stock code column. A product's code is a number of 4 to 14 digits with up to three
/// letters behind it (85123A, 15056BL); everything else is postage, fees, vouchers, samples and corrections (POST, DOT, M, BANK CHARGES,
/// AMAZONFEE, gift_0001_20, DCGS0076…), whatever it is called in the next export.
/// </summary>
internal static class StockCodes
{
    // Charges that were given a number like a product's.
    private static readonly FrozenSet<string> NumberedCharges = FrozenSet.Create(
        "23444", // Next Day Carriage
        "23574"); // Packing charge

    /// <summary>Cases are one product: 85099b is 85099B.</summary>
    /// <param name="normalised">At least as long as <paramref name="code"/>.</param>
    public static ReadOnlySpan<byte> Normalise(ReadOnlySpan<byte> code, Span<byte> normalised)
    {
        for (var i = 0; i < code.Length; i++) normalised[i] = code[i] is >= (byte)'a' and <= (byte)'z' ? (byte)(code[i] - 32) : code[i];
        return normalised[..code.Length];
    }

    public static bool IsProduct(string normalised)
    {
        var digits = normalised.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits < 0) digits = normalised.Length;
        return digits is >= 4 and <= 14
            && normalised.Length - digits <= 3
            && normalised.AsSpan(digits).IndexOfAnyExceptInRange('A', 'Z') < 0
            && !NumberedCharges.Contains(normalised);
    }
}
