using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Aisle.Engine.Catalog;

namespace Aisle.Engine.DemoShop;

/// <summary>
/// Draws a product of the demo shop as SVG: the drawing of its kind in its colour, before its department's background. The same item gives
/// the same picture. Nothing of the item's text gets into the picture, so nothing needs escaping.
/// </summary>
/// <remarks>
/// Drawings are files whose colours are words: <c>$main</c>, lighter <c>$light</c> and <c>$pale</c>, darker <c>$dark</c> and <c>$deep</c>,
/// <c>$accent</c>, shaded bodies <c>$body</c> (takes the collection's pattern) and <c>$side</c> (plain), and materials such as <c>$wood</c>.
/// The class <c>flat</c> marks drawings of things that lie or hang and throw no shadow on the floor.
/// </remarks>
public static partial class ProductPicture
{
    private const string Folder = "DemoShop.Drawings.";
    private const string UnknownDrawing = "box";

    private static readonly string[] Accents = ["#d8645a", "#e9b44c", "#3f7fb5", "#5c8a5a", "#b0729b", "#e08a4f", "#4a9c9a"];
    private static readonly FrozenDictionary<string, Drawing> Drawings = DrawingNames.ToFrozenDictionary(name => name, Drawing.Read);

    /// <param name="item">Its attributes <c>drawing</c> and <c>tint</c> decide; an item without them is drawn as a box.</param>
    public static string Svg(Item item)
    {
        var drawing = Drawings.GetValueOrDefault(item.Attributes.GetValueOrDefault("drawing") ?? "") ?? Drawings[UnknownDrawing];
        var assortment = Assortment.Instance;
        var hash = Hash(item.Attributes.GetValueOrDefault("collection") ?? item.Id.Value);
        var main = Tint.Parse(assortment.Colours.TryGetValue(item.Attributes.GetValueOrDefault("tint") ?? "", out var colour)
            ? colour.Hex
            : Accents[(int)(hash % (ulong)Accents.Length)]);
        var department = assortment.Departments.FirstOrDefault(one => item.Category.Count > 0 && one.Name.English == item.Category[0]) ?? assortment.Departments[1];
        var accent = Tint.Parse(Accents[(int)(hash / 7 % (ulong)Accents.Length)]);
        // An accent of nearly the body's colour would vanish in it.
        if (accent.IsNear(main)) accent = Tint.Parse(Accents[(int)((hash / 7 + 3) % (ulong)Accents.Length)]);

        var pattern = HasPlainSurfaces(department) ? null : PatternOf(item, hash);
        var picture = new StringBuilder(4096);
        picture.Append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 400 400\"><defs>");
        AppendPaints(picture, main, department);
        if (pattern is not null) picture.Append(pattern.Replace("$ink", main.IsLight ? main.Mixed(Tint.Black, 0.45).Hex : "#fff", StringComparison.Ordinal));
        picture.Append("</defs><rect width=\"400\" height=\"400\" fill=\"url(#bg)\"/>");
        picture.Append((hash / 91 % 3) switch
        {
            0 => "<circle cx=\"200\" cy=\"196\" r=\"150\" fill=\"#fff\" fill-opacity=\".42\"/>",
            1 => "<path d=\"M64 400V200a136 136 0 0 1 272 0v200z\" fill=\"#fff\" fill-opacity=\".38\"/>",
            _ => "<path d=\"M0 318H400V400H0z\" fill=\"#fff\" fill-opacity=\".4\"/>",
        });
        if (!drawing.IsFlat) picture.Append("<ellipse cx=\"200\" cy=\"332\" rx=\"140\" ry=\"17\" fill=\"url(#floor)\"/>");
        picture.Append("<g filter=\"url(#lift)\">");
        drawing.AppendTo(picture, Palette(main, accent, department), pattern is not null);
        return picture.Append("</g></svg>").ToString();
    }

    /// <summary>Names of all drawings.</summary>
    internal static IEnumerable<string> DrawingNames => typeof(ProductPicture).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Folder, StringComparison.Ordinal))
        .Select(name => name[Folder.Length..^".svg".Length]);

    private static void AppendPaints(StringBuilder picture, Tint main, Department department)
    {
        picture.Append(CultureInfo.InvariantCulture, $"""
            <radialGradient id="bg" cx=".5" cy=".42" r=".8"><stop offset="0" stop-color="{department.Light}"/><stop offset="1" stop-color="{department.Deep}"/></radialGradient><radialGradient id="floor"><stop offset="0" stop-opacity=".3"/><stop offset="1" stop-opacity="0"/></radialGradient><linearGradient id="m"><stop offset="0" stop-color="{main.Mixed(Tint.White, 0.16).Hex}"/><stop offset=".45" stop-color="{main.Hex}"/><stop offset="1" stop-color="{main.Mixed(Tint.Black, 0.2).Hex}"/></linearGradient><linearGradient id="metal"><stop offset="0" stop-color="#e8ebee"/><stop offset=".5" stop-color="#b4bac1"/><stop offset="1" stop-color="#8f969e"/></linearGradient><linearGradient id="glass"><stop offset="0" stop-color="#fff" stop-opacity=".78"/><stop offset=".5" stop-color="#e8f1f3" stop-opacity=".5"/><stop offset="1" stop-color="#c3d5da" stop-opacity=".72"/></linearGradient><linearGradient id="lens" x2="0" y2="1"><stop offset="0" stop-color="#2b3540"/><stop offset="1" stop-color="#6e8296"/></linearGradient><radialGradient id="ball" cx=".36" cy=".3" r=".8"><stop offset=".5" stop-opacity="0"/><stop offset="1" stop-opacity=".3"/></radialGradient><radialGradient id="glow" cx=".5" cy=".85" r=".8"><stop offset="0" stop-color="#ffdf86" stop-opacity=".9"/><stop offset="1" stop-color="#ffdf86" stop-opacity="0"/></radialGradient><filter id="lift" x="-10%" y="-10%" width="120%" height="125%"><feDropShadow dx="0" dy="5" stdDeviation="6" flood-color="#2a2320" flood-opacity=".2"/></filter>
            """);
    }

    private static Dictionary<string, string> Palette(Tint main, Tint accent, Department department) => new()
    {
        ["main"] = main.Hex,
        ["light"] = main.Mixed(Tint.White, 0.3).Hex,
        ["pale"] = main.Mixed(Tint.White, 0.62).Hex,
        ["dark"] = main.Mixed(Tint.Black, 0.26).Hex,
        ["deep"] = main.Mixed(Tint.Black, 0.46).Hex,
        ["side"] = "url(#m)",
        ["body"] = "url(#m)",
        ["accent"] = accent.Hex,
        ["accentdark"] = accent.Mixed(Tint.Black, 0.2).Hex,
        ["metal"] = "url(#metal)",
        ["glass"] = "url(#glass)",
        ["silver"] = "#b9c0c8",
        ["gold"] = "#cba653",
        ["wood"] = "#c79c69",
        ["deepwood"] = "#8d6a48",
        ["leather"] = "#8a5a3a",
        ["ink"] = "#363a42",
        ["bg"] = department.Light,
    };

    /// <summary>Playful, bold, natural and classic collections may carry a pattern; minimal and luxurious ones never do.</summary>
    private static string? PatternOf(Item item, ulong hash)
    {
        if (!item.Attributes.ContainsKey("collection") || hash % 5 == 0) return null;
        var shape = item.Tags.Count > 1 ? item.Tags[1] : "";
        var (size, marks) = shape switch
        {
            "playful" when hash % 2 == 0 => (44, "<circle cx=\"11\" cy=\"11\" r=\"6\"/><circle cx=\"33\" cy=\"33\" r=\"6\"/>"),
            "playful" => (36, "<path d=\"M0 0h36v12H0z\"/>"),
            "bold" => (48, "<path d=\"M0 12l12 12 12 -12 12 12 12 -12v12l-12 12 -12 -12 -12 12 -12 -12z\"/>"),
            "natural" => (64, "<path d=\"M16 40q2 -20 16 -30q6 20 -16 30zM14 42q-10 -12 -6 -26q14 8 6 26zM46 62q2 -20 14 -26q4 18 -14 26z\"/>"),
            "classic" => (40, "<path d=\"M0 0h20v40H0z\" fill-opacity=\".5\"/><path d=\"M0 0h40v20H0z\" fill-opacity=\".5\"/>"),
            _ => (0, ""),
        };
        return size == 0
            ? null
            : $"<pattern id=\"p\" width=\"{size}\" height=\"{size}\" patternUnits=\"userSpaceOnUse\" fill=\"$ink\" fill-opacity=\".28\">{marks}</pattern>";
    }

    /// <summary>Nobody sells a checked mouse or a dotted padlock.</summary>
    private static bool HasPlainSurfaces(Department department) => department.Key is "electronics" or "sports";

    private static ulong Hash(string text)
    {
        var hash = 17UL;
        foreach (var character in text) hash = Chance.Hash(hash, character);
        return hash;
    }

    /// <summary>A drawing cut at its colour words.</summary>
    private sealed partial class Drawing
    {
        private readonly string[] _plain;
        private readonly string[] _patterned;

        private Drawing(string file)
        {
            var start = file.IndexOf('>', StringComparison.Ordinal);
            this.IsFlat = file[..start].Contains("class=\"flat\"", StringComparison.Ordinal);
            var content = LineBreaks().Replace(file[(start + 1)..file.LastIndexOf("</svg>", StringComparison.Ordinal)], "").Trim();
            this._plain = ColourWords().Split(content);
            // A body with a pattern is painted twice: its colour, then the pattern over it.
            this._patterned = ColourWords().Split(Bodies().Replace(content, "$0<${shape}${before}fill=\"url(#p)\"${after}/>"));
        }

        public bool IsFlat { get; }

        public static Drawing Read(string name)
        {
            using var stream = typeof(ProductPicture).Assembly.GetManifestResourceStream($"{Folder}{name}.svg")!;
            using var reader = new StreamReader(stream);
            return new Drawing(reader.ReadToEnd());
        }

        public void AppendTo(StringBuilder picture, Dictionary<string, string> palette, bool patterned)
        {
            var parts = patterned ? this._patterned : this._plain;
            for (var i = 0; i < parts.Length; i++) picture.Append(i % 2 == 0 ? parts[i] : palette[parts[i]]);
        }

        [GeneratedRegex(@"\$(?<word>[a-z]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
        private static partial Regex ColourWords();

        [GeneratedRegex(@"<(?<shape>\w+)(?<before>[^>]*)fill=""\$body""(?<after>[^>]*)/>", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
        private static partial Regex Bodies();

        [GeneratedRegex(@"\n\s*", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
        private static partial Regex LineBreaks();
    }

    private readonly record struct Tint(double Red, double Green, double Blue)
    {
        public static readonly Tint White = new(255, 255, 255);
        public static readonly Tint Black = new(20, 16, 18);

        public string Hex => $"#{(int)Math.Round(this.Red):x2}{(int)Math.Round(this.Green):x2}{(int)Math.Round(this.Blue):x2}";

        public bool IsLight => 0.3 * this.Red + 0.59 * this.Green + 0.11 * this.Blue > 165;

        public static Tint Parse(string hex)
        {
            var number = int.Parse(hex.AsSpan(1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            return new Tint(number >> 16, (number >> 8) & 255, number & 255);
        }

        public Tint Mixed(Tint other, double share) => new(
            this.Red + (other.Red - this.Red) * share, this.Green + (other.Green - this.Green) * share, this.Blue + (other.Blue - this.Blue) * share);

        public bool IsNear(Tint other) =>
            Math.Abs(this.Red - other.Red) + Math.Abs(this.Green - other.Green) + Math.Abs(this.Blue - other.Blue) < 120;
    }
}
