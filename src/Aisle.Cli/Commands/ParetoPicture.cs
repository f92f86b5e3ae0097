using System.Globalization;
using System.Net;
using System.Text;

namespace Aisle.Cli.Commands;

/// <param name="Seconds">Time of the fit.</param>
/// <param name="Score">Larger is better; Low and High are the ends of its interval, NaN without one.</param>
internal readonly record struct ParetoPoint(string Name, double Seconds, double Score, double Low, double High);

/// <summary>
/// Accuracy against fit time as SVG: time on a logarithmic axis, the frontier (models that none is both faster and better than) as a
/// stepped line. Colours follow the reader's light or dark setting. Labels are laid where they hit neither each other nor a point.
/// </summary>
internal static class ParetoPicture
{
    private const double Width = 860;
    private const double Height = 500;
    private const double Left = 70;
    private const double Right = 30;
    private const double Top = 50;
    private const double Bottom = 60;
    private const double LetterWidth = 7.4;
    private const double LineHeight = 16;
    private const double Radius = 5;

    /// <summary>Shorter fits are drawn here: a logarithm has no zero.</summary>
    private const double ShortestSeconds = 0.001;

    private const string Style = """
        <style>
          .back { fill: #ffffff } .ink { fill: #1f2328 } .soft { fill: #59636e } .grid { stroke: #d8dee4 } .line { stroke: #0969da; fill: none } .best { fill: #0969da; stroke: #0969da } .other { fill: #ffffff; stroke: #818b98 } .bar { stroke: #818b98 } .lead { stroke: #818b98 } .name { paint-order: stroke; stroke: #ffffff; stroke-width: 3px; stroke-linejoin: round }
          text { font-family: system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif; font-size: 13px }
          @media (prefers-color-scheme: dark) { .back { fill: #0d1117 } .ink { fill: #f0f6fc } .soft { fill: #9198a1 } .grid { stroke: #2a313c } .line { stroke: #4493f8 } .best { fill: #4493f8; stroke: #4493f8 } .other { fill: #0d1117; stroke: #9198a1 } .bar { stroke: #656c76 } .lead { stroke: #656c76 } .name { stroke: #0d1117 } }
        </style>
        """;

    public static string Draw(IReadOnlyList<ParetoPoint> points, string title, string horizontal, string vertical)
    {
        var axes = Axes.Of(points);
        var frontier = Frontier(points);
        var svg = new StringBuilder();
        svg.AppendLine(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Text(title)}\">"));
        svg.AppendLine(Style);
        svg.AppendLine(Invariant($"<rect class=\"back\" width=\"{Width}\" height=\"{Height}\"/>"));
        svg.AppendLine(Invariant($"<text class=\"ink\" x=\"{Left}\" y=\"28\" style=\"font-size:16px;font-weight:600\">{Text(title)}</text>"));
        DrawAxes(svg, axes, horizontal, vertical);
        DrawFrontier(svg, axes, frontier);
        foreach (var point in points.OrderBy(point => frontier.Contains(point))) DrawPoint(svg, axes, point, frontier.Contains(point));
        foreach (var label in Labels(points, axes)) DrawLabel(svg, label);
        return svg.AppendLine("</svg>").ToString();
    }

    /// <summary>By rising time, each better than all that are faster.</summary>
    public static List<ParetoPoint> Frontier(IReadOnlyList<ParetoPoint> points)
    {
        var frontier = new List<ParetoPoint>();
        foreach (var point in points.OrderBy(point => point.Seconds).ThenByDescending(point => point.Score))
        {
            if (frontier.Count == 0 || point.Score > frontier[^1].Score) frontier.Add(point);
        }

        return frontier;
    }

    /// <summary>A place for each name: around its point, near before far, where it covers the least of labels laid before, points, edges and the frontier.</summary>
    public static IReadOnlyList<Label> Labels(IReadOnlyList<ParetoPoint> points, Axes axes)
    {
        var marks = points.Select(point => new Box(axes.X(point.Seconds) - Radius - 1, axes.Y(point.Score) - Radius - 1, (2 * Radius) + 2, (2 * Radius) + 2)).ToList();
        var lines = Lines(Frontier(points), axes);
        var labels = new List<Label>();

        // The most crowded points choose first; the others have more room.
        foreach (var point in points.OrderByDescending(point => points.Count(other => Math.Abs(axes.X(point.Seconds) - axes.X(other.Seconds)) < 90 && Math.Abs(axes.Y(point.Score) - axes.Y(other.Score)) < 30)))
        {
            var (x, y) = (axes.X(point.Seconds), axes.Y(point.Score));
            var best = Candidates(point.Name, x, y).MinBy(candidate => Cost(candidate, labels, marks, lines));
            labels.Add(best!);
        }

        return labels;
    }

    private static IEnumerable<Label> Candidates(string name, double x, double y)
    {
        var (width, height) = (name.Length * LetterWidth, LineHeight);
        for (var ring = 0; ring < 9; ring++)
        {
            var away = Radius + 3 + (ring * 13);
            for (var side = 0; side < 16; side++)
            {
                var angle = side * Math.PI / 8;
                var (cosine, sine) = (Math.Cos(angle), Math.Sin(angle));

                // The box touches the ring with the edge or corner that faces the point.
                var centreX = x + (cosine * (away + (Math.Abs(cosine) * width / 2)));
                var centreY = y - (sine * (away + (Math.Abs(sine) * height / 2)));
                yield return new Label(name, new Box(centreX - (width / 2), centreY - (height / 2), width, height), x, y, ring);
            }
        }
    }

    /// <summary>The stretches of the frontier's line.</summary>
    private static List<Box> Lines(List<ParetoPoint> frontier, Axes axes)
    {
        const double thick = 4;
        var lines = new List<Box>();
        for (var i = 0; i < frontier.Count; i++)
        {
            var (x, y) = (axes.X(frontier[i].Seconds), axes.Y(frontier[i].Score));
            var end = i + 1 < frontier.Count ? axes.X(frontier[i + 1].Seconds) : Width - Right;
            lines.Add(new Box(x, y - (thick / 2), end - x, thick));
            if (i + 1 < frontier.Count) lines.Add(new Box(end - (thick / 2), axes.Y(frontier[i + 1].Score), thick, y - axes.Y(frontier[i + 1].Score)));
        }

        return lines;
    }

    /// <summary>Leaving the picture and covering others is worst, lying on the frontier's line is worse than being far away.</summary>
    private static double Cost(Label candidate, List<Label> labels, List<Box> marks, List<Box> lines)
    {
        var inside = new Box(Left, Top - 10, Width - Left - 4, Height - Top - Bottom + 10);
        var outside = candidate.Box.Area - candidate.Box.Overlap(inside);
        var covered = labels.Sum(label => candidate.Box.Overlap(label.Box)) + marks.Sum(candidate.Box.Overlap);
        return (1000 * (outside + covered)) + (10 * lines.Sum(candidate.Box.Overlap)) + candidate.Ring;
    }

    private static void DrawAxes(StringBuilder svg, Axes axes, string horizontal, string vertical)
    {
        foreach (var (value, text) in axes.HorizontalTicks())
        {
            var x = axes.X(value);
            svg.AppendLine(Invariant($"<line class=\"grid\" x1=\"{x:0.#}\" y1=\"{Top}\" x2=\"{x:0.#}\" y2=\"{Height - Bottom}\"/><text class=\"soft\" x=\"{x:0.#}\" y=\"{Height - Bottom + 20}\" text-anchor=\"middle\">{text}</text>"));
        }

        foreach (var (value, text) in axes.VerticalTicks())
        {
            var y = axes.Y(value);
            svg.AppendLine(Invariant($"<line class=\"grid\" x1=\"{Left}\" y1=\"{y:0.#}\" x2=\"{Width - Right}\" y2=\"{y:0.#}\"/><text class=\"soft\" x=\"{Left - 8}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{text}</text>"));
        }

        svg.AppendLine(Invariant($"<text class=\"soft\" x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 14}\" text-anchor=\"middle\">{Text(horizontal)} (logarithmic)</text>"));
        svg.AppendLine(Invariant($"<text class=\"soft\" x=\"16\" y=\"{(Top + Height - Bottom) / 2}\" text-anchor=\"middle\" transform=\"rotate(-90 16 {(Top + Height - Bottom) / 2})\">{Text(vertical)}</text>"));
    }

    private static void DrawFrontier(StringBuilder svg, Axes axes, List<ParetoPoint> frontier)
    {
        var path = new StringBuilder(Invariant($"M{axes.X(frontier[0].Seconds):0.#} {axes.Y(frontier[0].Score):0.#}"));
        foreach (var point in frontier.Skip(1)) path.Append(Invariant($"H{axes.X(point.Seconds):0.#}V{axes.Y(point.Score):0.#}"));
        path.Append(Invariant($"H{Width - Right}"));
        svg.AppendLine(Invariant($"<path class=\"line\" stroke-width=\"2\" d=\"{path}\"/>"));
    }

    private static void DrawPoint(StringBuilder svg, Axes axes, ParetoPoint point, bool isBest)
    {
        var (x, y) = (axes.X(point.Seconds), axes.Y(point.Score));
        if (double.IsFinite(point.Low) && double.IsFinite(point.High))
            svg.AppendLine(Invariant($"<line class=\"bar\" stroke-width=\"1.5\" x1=\"{x:0.#}\" y1=\"{axes.Y(point.Low):0.#}\" x2=\"{x:0.#}\" y2=\"{axes.Y(point.High):0.#}\"/>"));
        svg.AppendLine(Invariant($"<circle class=\"{(isBest ? "best" : "other")}\" stroke-width=\"1.5\" cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"{Radius}\"><title>{Text(point.Name)}: {point.Score:0.0000} in {point.Seconds:0.##} s</title></circle>"));
    }

    private static void DrawLabel(StringBuilder svg, Label label)
    {
        var box = label.Box;
        if (label.Ring > 0)
        {
            var (edgeX, edgeY) = (Math.Clamp(label.PointX, box.X, box.X + box.Width), Math.Clamp(label.PointY, box.Y, box.Y + box.Height));
            svg.AppendLine(Invariant($"<line class=\"lead\" stroke-width=\"0.8\" x1=\"{label.PointX:0.#}\" y1=\"{label.PointY:0.#}\" x2=\"{edgeX:0.#}\" y2=\"{edgeY:0.#}\"/>"));
        }

        svg.AppendLine(Invariant($"<text class=\"ink name\" x=\"{box.X + (box.Width / 2):0.#}\" y=\"{box.Y + 12:0.#}\" text-anchor=\"middle\">{Text(label.Name)}</text>"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    internal readonly record struct Box(double X, double Y, double Width, double Height)
    {
        public double Area => this.Width * this.Height;

        public double Overlap(Box other) =>
            Math.Max(0, Math.Min(this.X + this.Width, other.X + other.Width) - Math.Max(this.X, other.X))
            * Math.Max(0, Math.Min(this.Y + this.Height, other.Y + other.Height) - Math.Max(this.Y, other.Y));
    }

    /// <param name="Ring">How far from its point, from 0; from 1 on a line leads there.</param>
    internal sealed record Label(string Name, Box Box, double PointX, double PointY, int Ring);

    /// <summary>Places on the picture for seconds and scores.</summary>
    internal sealed record Axes(double FirstDecade, double LastDecade, double Lowest, double Highest, double Step)
    {
        private const int VerticalLines = 6;

        public static Axes Of(IReadOnlyList<ParetoPoint> points)
        {
            var logs = points.Select(point => Math.Log10(Math.Max(point.Seconds, ShortestSeconds))).ToArray();
            var scores = points.SelectMany(point => new[] { point.Score, point.Low, point.High }).Where(double.IsFinite).ToArray();
            var (low, high) = (scores.Min(), scores.Max());
            var step = NiceStep(Math.Max(high - low, 1e-4) / VerticalLines);
            return new Axes(Math.Floor(logs.Min() - 0.05), Math.Ceiling(logs.Max() + 0.05), Math.Floor(low / step) * step, (Math.Floor(high / step) + 1) * step, step);
        }

        public double X(double seconds) =>
            Left + ((Math.Log10(Math.Max(seconds, ShortestSeconds)) - this.FirstDecade) / (this.LastDecade - this.FirstDecade) * (Width - Left - Right));

        public double Y(double score) => Height - Bottom - ((score - this.Lowest) / (this.Highest - this.Lowest) * (Height - Top - Bottom));

        public IEnumerable<(double Value, string Text)> HorizontalTicks()
        {
            for (var decade = this.FirstDecade; decade <= this.LastDecade; decade++)
            {
                yield return (Math.Pow(10, decade), Math.Pow(10, decade).ToString("#,0.###", CultureInfo.InvariantCulture));
                if (decade == this.LastDecade || this.LastDecade - this.FirstDecade > 2) continue;
                foreach (var between in new[] { 2, 5 }) yield return (between * Math.Pow(10, decade), (between * Math.Pow(10, decade)).ToString("#,0.###", CultureInfo.InvariantCulture));
            }
        }

        public IEnumerable<(double Value, string Text)> VerticalTicks()
        {
            var format = this.Step >= 0.1 ? "0.0" : this.Step >= 0.01 ? "0.00" : this.Step >= 0.001 ? "0.000" : "0.0000";
            for (var line = 0; line <= Math.Round((this.Highest - this.Lowest) / this.Step); line++)
                yield return (this.Lowest + (line * this.Step), (this.Lowest + (line * this.Step)).ToString(format, CultureInfo.InvariantCulture));
        }

        /// <summary>The next of 1, 2, 5, 10 … times a power of ten.</summary>
        private static double NiceStep(double least)
        {
            var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
            return power * (least / power <= 1 ? 1 : least / power <= 2 ? 2 : least / power <= 5 ? 5 : 10);
        }
    }
}
