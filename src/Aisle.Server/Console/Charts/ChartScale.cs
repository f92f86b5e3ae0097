using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Components;

namespace Aisle.Server.Console.Charts;

/// <param name="Values">One per day of the chart.</param>
public sealed record ChartLine(string Name, IReadOnlyList<double> Values);

/// <param name="Name">Shown when pointed at.</param>
/// <param name="Label">Under the axis.</param>
/// <param name="Serving">Drawn larger: the version that answers now.</param>
public sealed record ChartPoint(string Name, string Label, double Value, Aisle.Engine.Training.ScoreInterval? Interval, bool Serving);

/// <summary>A value axis from 0 with round steps.</summary>
public sealed record ChartScale(double Top, IReadOnlyList<double> Ticks)
{
    private const int Steps = 4;

    /// <summary>The smallest axis of four steps of 1, 2, 2.5 or 5 times a power of ten that holds a value.</summary>
    public static ChartScale To(double largest)
    {
        var rough = Math.Max(1, largest) / Steps;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = new[] { 1, 2, 2.5, 5, 10 }.Select(factor => factor * power).First(candidate => candidate * Steps >= largest);
        return new ChartScale(step * Steps, [.. Enumerable.Range(0, Steps + 1).Select(i => i * step)]);
    }

    public static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>SVG's text element, its words encoded; Razor cannot write it, because it takes the tag for its own.</summary>
    public static MarkupString Text(double x, double y, string anchor, string words) =>
        new($"<text x=\"{Number(x)}\" y=\"{Number(y)}\" text-anchor=\"{anchor}\">{WebUtility.HtmlEncode(words)}</text>");
}
