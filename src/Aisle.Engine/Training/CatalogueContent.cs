using System.Globalization;
using System.Text;
using Aisle.Engine.Catalog;
using Aisle.Learning.Data;

namespace Aisle.Engine.Training;

/// <summary>
/// What the catalogue tells of the items that training knows, in the form in which models learn from it: a text each (every language), and attributes
/// (category levels, brand, price band, tags, free attributes).
/// </summary>
public sealed class CatalogueContent
{
    /// <summary>Free attributes that become fields: the most used ones. Beyond that they are ids and measurements, which link nothing.</summary>
    private const int MostFreeAttributes = 50;

    /// <summary>Characters of a description that are read: what stands behind is small print.</summary>
    private const int MostDescription = 4000;

    private CatalogueContent(string[] texts, Attributes attributes)
    {
        this.Texts = texts;
        this.Attributes = attributes;
    }

    public static CatalogueContent None { get; } = new([], Attributes.From([]));

    /// <summary>One per item, empty where the catalogue does not know it. The title stands there twice: it weighs more than the description.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>A row per item, empty where the catalogue does not know it.</summary>
    public Attributes Attributes { get; }

    /// <summary>Vectors of the texts, where an embeddings endpoint gave them.</summary>
    public ItemVectors? Vectors { get; init; }

    /// <summary>True where the catalogue tells anything of any item.</summary>
    public bool IsTold => this.Texts.Any(text => text.Length > 0);

    public static CatalogueContent Of(Catalogue catalogue, IdMap items)
    {
        var known = Enumerable.Range(0, items.Count).Select(index => catalogue.Find(new ItemId(items[index]))).ToArray();
        var free = known.SelectMany(item => item?.Attributes.Keys ?? [])
            .CountBy(name => name).OrderByDescending(count => count.Value).ThenBy(count => count.Key, StringComparer.Ordinal)
            .Take(MostFreeAttributes).Select(count => count.Key).ToHashSet();
        return new CatalogueContent(Array.ConvertAll(known, item => item is null ? "" : TextOf(item)), Attributes.From(known.Select(item => item is null ? [] : AttributesOf(item, free))));
    }

    /// <summary>The interactions with what is told of their items; the data of a shop without a catalogue stay as they are.</summary>
    public Dataset With(Interactions interactions) =>
        this.IsTold ? new Dataset(interactions) { ItemTexts = this.Texts, ItemAttributes = this.Attributes, ItemVectors = this.Vectors } : new Dataset(interactions);

    /// <param name="vectors">One per item, all of one length.</param>
    public CatalogueContent WithVectors(IReadOnlyList<float[]> vectors) =>
        new([.. this.Texts], this.Attributes) { Vectors = new ItemVectors(vectors[0].Length, [.. vectors.SelectMany(vector => vector)]) };

    private static string TextOf(Item item)
    {
        var text = new StringBuilder().AppendLine(item.Title).AppendLine(item.Title).AppendLine(Shortened(item.Description));
        foreach (var (_, translation) in item.Translations.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            text.AppendLine(translation.Title).AppendLine(translation.Title).AppendLine(Shortened(translation.Description));
        return text.ToString();
    }

    private static string Shortened(string? description) => description is null ? "" : description[..Math.Min(description.Length, MostDescription)];

    private static IEnumerable<(string Field, string Word)> AttributesOf(Item item, HashSet<string> free)
    {
        // A subcategory is told with its path: "Mugs" of the kitchen are not those of the nursery.
        for (var level = 0; level < item.Category.Count; level++)
            yield return (string.Create(CultureInfo.InvariantCulture, $"category {level + 1}"), string.Join(" > ", item.Category.Take(level + 1)));
        if (item.Brand is { } brand) yield return ("brand", brand.Trim().ToUpperInvariant());
        if (item.Price is { } price) yield return ("price", PriceBand(price));
        foreach (var tag in item.Tags) yield return ("tag", tag.Trim().ToUpperInvariant());
        foreach (var (name, value) in item.Attributes)
            if (free.Contains(name)) yield return ($"attribute {name}", value.Trim().ToUpperInvariant());
    }

    /// <summary>Bands of equal ratio, two to a doubling: 10 and 12 are as near as 1,000 and 1,200.</summary>
    private static string PriceBand(double price) =>
        price <= 0 ? "free" : ((int)Math.Round(2 * Math.Log2(price))).ToString(CultureInfo.InvariantCulture);
}
