namespace Aisle.Engine.DemoShop;

/// <summary>A text in the shop's two languages.</summary>
internal sealed record Words(string English, string Chinese);

internal enum Style
{
    Minimal,
    Classic,
    Natural,
    Playful,
    Bold,
    Luxe,
}

internal enum ColourFamily
{
    Neutral,
    Earth,
    Dark,
    Green,
    Blue,
    Pink,
    Warm,
}

internal sealed record Colour(string Key, Words Name, string Hex, ColourFamily Family);

internal sealed record Brand(int Index, string Name, Style Style, double PriceFactor, IReadOnlyList<Words> Collections);

/// <param name="Variant">Colour of the picture for models that come in one colour, else null.</param>
/// <param name="Drawing">Picture of the model where it differs from its kind's.</param>
internal sealed record ProductModel(Words Name, double Price, Words? Material, Colour? Variant, string? Drawing);

internal sealed record Size(Words Name, double PriceFactor);

/// <summary>A family of products that are bought for the same purpose, e.g. mugs.</summary>
/// <param name="Palette">Colours to choose from; empty where the colour is not part of the product.</param>
/// <param name="RepeatDays">Days until it is used up and bought again; 0 for what lasts.</param>
internal sealed record Kind(
    int Index,
    string Key,
    int Category,
    string Drawing,
    IReadOnlyList<Colour> Palette,
    IReadOnlyList<Size> Sizes,
    Season Season,
    int RepeatDays,
    IReadOnlyList<string> Complements)
{
    public List<ProductModel> Models { get; } = [];

    public List<Words> Sentences { get; } = [];
}

internal sealed record ProductCategory(int Index, string Key, Words Name, Department Department);

/// <param name="Light">Background of the department's pictures (hex).</param>
/// <param name="Deep">Deeper tint of the same background (hex).</param>
/// <param name="NamesCollections">Whether titles begin with the collection.</param>
internal sealed record Department(string Key, Words Name, string Light, string Deep, bool NamesCollections)
{
    public List<Brand> Brands { get; } = [];

    public List<Words> Authors { get; } = [];

    public List<Words> Closings { get; } = [];
}

/// <summary>A typical shopper: which departments and categories they care for, and how much.</summary>
internal sealed record Persona(string Key, Words Name, double Share, IReadOnlyDictionary<string, double> Interests);

/// <summary>Everything that the demo shop could sell, and to whom; read from the text files beside this one.</summary>
internal sealed class Assortment
{
    public static readonly Assortment Instance = AssortmentReader.Read();

    public List<Department> Departments { get; } = [];

    public List<ProductCategory> Categories { get; } = [];

    public List<Kind> Kinds { get; } = [];

    public List<Persona> Personas { get; } = [];

    public Dictionary<string, Colour> Colours { get; } = [];

    public Dictionary<string, IReadOnlyList<Colour>> Palettes { get; } = [];

    public int BrandCount { get; set; }

    public Department DepartmentOf(Kind kind) => this.Categories[kind.Category].Department;
}
