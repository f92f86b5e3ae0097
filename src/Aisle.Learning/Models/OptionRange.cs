using System.Globalization;
using System.Runtime.CompilerServices;

namespace Aisle.Learning.Models;

/// <summary>Refuses option values outside their range, naming option and range.</summary>
internal static class OptionRange
{
    /// <param name="option">Filled in by the compiler: the property as written.</param>
    public static void Check(string model, double value, double minimum, double maximum, [CallerArgumentExpression(nameof(value))] string option = "")
    {
        if (value >= minimum && value <= maximum) return;
        var name = option[(option.LastIndexOf('.') + 1)..];
        throw new ArgumentException(string.Create(
            CultureInfo.InvariantCulture,
            $"{model}: {char.ToLowerInvariant(name[0])}{name[1..]} is {value}; allowed are {minimum} to {maximum}."));
    }
}
