namespace Aisle.Engine.Catalog;

/// <summary>A product (or any other thing that the shop shows).</summary>
public sealed record Item
{
    public const int MaxTitleLength = 512;

    public required ItemId Id { get; init; }

    /// <summary>At most <see cref="MaxTitleLength"/> characters.</summary>
    public required string Title { get; init; }

    public string? Description { get; init; }

    /// <summary>From the root down, e.g. ["Kitchen", "Mugs"]; empty where unknown.</summary>
    public IReadOnlyList<string> Category { get; init; } = [];

    public string? Brand { get; init; }

    /// <summary>In the shop's currency, ≥ 0; null where unknown.</summary>
    public double? Price { get; init; }

    /// <summary>Pieces on hand; 0 takes the item out of every list; null where the shop does not tell.</summary>
    public int? Stock { get; init; }

    public string? Image { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Free attributes, e.g. colour → red.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = EmptyAttributes;

    /// <summary>Titles, descriptions and categories in further languages, by language code, e.g. <c>zh</c>.</summary>
    public IReadOnlyDictionary<string, ItemText> Translations { get; init; } = EmptyTranslations;

    /// <summary>The item is not shown before this time; null means always. New arrivals are ordered by it.</summary>
    public DateTimeOffset? AvailableFrom { get; init; }

    /// <summary>The item's text in a language, in the default language where there is no translation.</summary>
    public ItemText TextIn(string language) =>
        this.Translations.TryGetValue(language, out var text) ? text : new ItemText(this.Title, this.Description, this.Category);

    private static readonly IReadOnlyDictionary<string, string> EmptyAttributes = new Dictionary<string, string>();
    private static readonly IReadOnlyDictionary<string, ItemText> EmptyTranslations = new Dictionary<string, ItemText>();
}

public sealed record ItemText(string Title, string? Description, IReadOnlyList<string> Category);
