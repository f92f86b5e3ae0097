namespace Aisle.Engine.DemoShop;

/// <summary>Words of one product: titles, descriptions and attributes in both languages.</summary>
internal sealed class ProductText
{
    private readonly Assortment _assortment;
    private readonly Kind _kind;
    private readonly ProductModel _model;
    private readonly Words? _collection;
    private readonly Size? _size;
    private readonly Words? _author;

    public ProductText(Assortment assortment, Kind kind, ProductModel model, Words? collection, Colour colour, Size? size, Words? author)
    {
        this._assortment = assortment;
        this._kind = kind;
        this._model = model;
        this._collection = collection;
        this._size = size;
        this._author = author;

        var english = collection is null ? model.Name.English : $"{collection.English} {model.Name.English}";
        var chinese = collection is null ? model.Name.Chinese : $"{collection.Chinese}系列{model.Name.Chinese}";
        if (author is not null) chinese = $"《{chinese}》";
        if (kind.Palette.Count > 0)
        {
            english += $" – {colour.Name.English}";
            chinese += $" {colour.Name.Chinese}";
        }

        if (size is not null)
        {
            english += author is null ? $", {size.Name.English}" : $" ({size.Name.English})";
            chinese += author is null ? $" {size.Name.Chinese}" : $"（{size.Name.Chinese}）";
        }

        this.English = english;
        this.Chinese = chinese;
    }

    public string English { get; }

    public string Chinese { get; }

    public (string English, string Chinese) Descriptions(Chance chance)
    {
        var sentences = this._kind.Sentences;
        var first = chance.Below(sentences.Count);
        var second = (first + 1 + chance.Below(sentences.Count - 1)) % sentences.Count;
        List<Words> parts = [sentences[Math.Min(first, second)], sentences[Math.Max(first, second)]];
        if (this._author is { } author) parts.Insert(0, new Words($"By {author.English}.", $"{author.Chinese} 著。"));
        if (chance.Happens(0.7)) parts.Add(chance.Pick(this._assortment.DepartmentOf(this._kind).Closings));
        return (string.Join(' ', parts.Select(part => part.English)), string.Concat(parts.Select(part => part.Chinese)));
    }

    /// <summary>
    /// Attributes in English, their Chinese values under the same name with <c>.zh</c>. <c>drawing</c> and <c>tint</c> say
    /// what the picture shows.
    /// </summary>
    public Dictionary<string, string> Attributes(Colour colour)
    {
        var attributes = new Dictionary<string, string>();
        if (this._kind.Palette.Count > 0) Add(attributes, "colour", colour.Name);
        Add(attributes, "material", this._model.Material);
        Add(attributes, "collection", this._collection);
        Add(attributes, "author", this._author);
        Add(attributes, this._author is null ? "size" : "format", this._size?.Name);
        attributes["drawing"] = this._model.Drawing ?? this._kind.Drawing;
        attributes["tint"] = colour.Key;
        return attributes;
    }

    private static void Add(Dictionary<string, string> attributes, string name, Words? value)
    {
        if (value is null) return;
        attributes[name] = value.English;
        attributes[name + ".zh"] = value.Chinese;
    }
}
