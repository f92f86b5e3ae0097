using System.Globalization;

namespace Aisle.Engine.DemoShop;

/// <summary>
/// Reads the assortment's text files. A line begins with its word, fields are parted by <c>|</c>, <c>#</c> begins a comment:
/// <code>
/// department KEY | English | 中文 | light tint | deep tint | yes or no: titles begin with a collection
/// brand NAME | style | price factor | collection=系列, …
/// author NAME = 名字
/// close English | 中文                     ends some descriptions of the department
/// category KEY | English | 中文
/// kind KEY | drawing | options | season or - | days until bought again or 0 | kinds bought with it
/// * English | 中文 | price | material=材质 or picture colour | drawing, where it differs from the kind's
/// - English | 中文                         a sentence for descriptions of the kind
/// </code>
/// Options are a palette's key (the colour becomes part of the title), <c>plain</c>, or <c>sizes 100 g=100克=1, 250 g=250克=2.2</c>.
/// </summary>
internal static class AssortmentReader
{
    private static readonly string[] Files =
        ["palettes", "kitchen", "home", "garden", "fashion", "electronics", "sports", "beauty", "toys", "books", "food", "stationery", "personas"];

    public static Assortment Read()
    {
        var assortment = new Assortment();
        foreach (var file in Files)
        {
            var name = $"DemoShop.Assortment.{file}.txt";
            using var stream = typeof(AssortmentReader).Assembly.GetManifestResourceStream(name)
                ?? throw new InvalidOperationException($"The demo shop's file {name} is not embedded in this build; see Aisle.Engine.csproj.");
            using var reader = new StreamReader(stream);
            var number = 0;
            while (reader.ReadLine() is { } line)
            {
                number++;
                line = line.Trim();
                if (line.Length == 0 || line[0] == '#') continue;
                try
                {
                    AddLine(assortment, line);
                }
                catch (Exception cause) when (cause is FormatException or KeyNotFoundException or IndexOutOfRangeException or ArgumentException)
                {
                    throw new FormatException($"{name}, line {number}, cannot be read: {line}", cause);
                }
            }
        }

        return assortment;
    }

    private static void AddLine(Assortment assortment, string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var fields = line[(space + 1)..].Split('|', StringSplitOptions.TrimEntries);
        switch (line[..space])
        {
            case "colour":
                assortment.Colours.Add(fields[0], new Colour(fields[0], new Words(fields[1], fields[2]), fields[3], Enum.Parse<ColourFamily>(fields[4], ignoreCase: true)));
                break;
            case "palette":
                assortment.Palettes.Add(fields[0], [.. List(fields[1]).Select(key => assortment.Colours[key])]);
                break;
            case "department":
                assortment.Departments.Add(new Department(fields[0], new Words(fields[1], fields[2]), fields[3], fields[4], fields[5] == "yes"));
                break;
            case "brand":
                assortment.Departments[^1].Brands.Add(
                    new Brand(assortment.BrandCount++, fields[0], Enum.Parse<Style>(fields[1], ignoreCase: true), Number(fields[2]), [.. List(fields[3]).Select(Pair)]));
                break;
            case "author":
                assortment.Departments[^1].Authors.Add(Pair(fields[0]));
                break;
            case "close":
                assortment.Departments[^1].Closings.Add(new Words(fields[0], fields[1]));
                break;
            case "category":
                assortment.Categories.Add(new ProductCategory(assortment.Categories.Count, fields[0], new Words(fields[1], fields[2]), assortment.Departments[^1]));
                break;
            case "kind":
                assortment.Kinds.Add(ReadKind(assortment, fields));
                break;
            case "*":
                assortment.Kinds[^1].Models.Add(ReadModel(assortment, fields));
                break;
            case "-":
                assortment.Kinds[^1].Sentences.Add(new Words(fields[0], fields[1]));
                break;
            case "persona":
                assortment.Personas.Add(ReadPersona(fields));
                break;
            default:
                throw new FormatException($"'{line[..space]}' is not one of the words that begin a line.");
        }
    }

    private static Kind ReadKind(Assortment assortment, string[] fields)
    {
        var options = fields[2];
        IReadOnlyList<Size> sizes = [];
        IReadOnlyList<Colour> palette = [];
        if (options.StartsWith("sizes ", StringComparison.Ordinal)) sizes = [.. List(options[6..]).Select(ReadSize)];
        else if (options != "plain") palette = assortment.Palettes[options];

        return new Kind(
            assortment.Kinds.Count,
            fields[0],
            assortment.Categories.Count - 1,
            fields[1],
            palette,
            sizes,
            Season.Named(fields[3]),
            int.Parse(fields[4], CultureInfo.InvariantCulture),
            List(fields[5]));
    }

    private static ProductModel ReadModel(Assortment assortment, string[] fields)
    {
        var hasPalette = assortment.Kinds[^1].Palette.Count > 0;
        return new ProductModel(
            new Words(fields[0], fields[1]),
            Number(fields[2]),
            hasPalette ? Pair(fields[3]) : null,
            hasPalette ? null : assortment.Colours[fields[3]],
            fields.Length > 4 ? fields[4] : null);
    }

    private static Persona ReadPersona(string[] fields)
    {
        var interests = List(fields[4]).Select(entry => entry.Split('=')).ToDictionary(parts => parts[0], parts => Number(parts[1]));
        return new Persona(fields[0], new Words(fields[1], fields[2]), Number(fields[3]), interests);
    }

    private static Size ReadSize(string text)
    {
        var parts = text.Split('=', StringSplitOptions.TrimEntries);
        return new Size(new Words(parts[0], parts[1]), Number(parts[2]));
    }

    private static Words Pair(string text)
    {
        var parts = text.Split('=', StringSplitOptions.TrimEntries);
        return new Words(parts[0], parts[1]);
    }

    private static string[] List(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
