using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Aisle.Engine.Cleaning;

/// <summary>Numbers and times as files write them: culture-free, whole field or nothing.</summary>
internal static class FieldValues
{
    // Unix times above it are milliseconds: as seconds it is the year 5138.
    private const long LargestUnixSeconds = 100_000_000_000;

    public static bool TryNumber(ReadOnlySpan<byte> text, out double value) =>
        Utf8Parser.TryParse(text, out value, out var used) && used == text.Length && double.IsFinite(value);

    /// <summary>ISO 8601 (UTC where no offset is given; a date alone is its midnight) or Unix time in seconds or milliseconds.</summary>
    public static bool TryTime(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length is 0 or > 40) return false;
        if (TryNumber(text, out var number)) return TryUnixTime(number, out time);

        Span<char> chars = stackalloc char[40];
        if (!Ascii.IsValid(text)) return false;
        var length = Encoding.ASCII.GetChars(text, chars);
        return char.IsAsciiDigit(chars[0]) && length >= 10 && chars[4] == '-'
            && DateTimeOffset.TryParse(
                chars[..length], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    public static bool TryUnixTime(double number, out DateTimeOffset time)
    {
        var milliseconds = Math.Abs(number) >= LargestUnixSeconds ? number : number * 1000;
        var possible = milliseconds is >= 0 and < 1e14;
        time = possible ? DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(milliseconds)) : default;
        return possible;
    }
}
