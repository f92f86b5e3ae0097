using System.Globalization;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;

namespace Aisle.Engine.Cleaning.CatalogueFiles;

/// <summary>Turns the current row of a catalogue file into an item.</summary>
internal sealed class CatalogueRow
{
    private const int Id = 0, Title = 1, Description = 2, Category = 3, Brand = 4, Price = 5, Stock = 6, Image = 7, Tags = 8, AvailableFrom = 9;
    private const char LevelSeparator = '>';
    private const char TagSeparator = '|';

    private readonly CsvTable _table;
    private readonly List<(int Column, string Name)> _attributes = [];
    private readonly Dictionary<string, int[]> _languages = [];

    public CatalogueRow(CsvTable table, string fileName)
    {
        this._table = table;
        for (var column = 0; column < table.Headers.Count; column++)
        {
            if (table.IsField(column)) continue;
            var name = table.Headers[column].Trim();
            if (name.Length == 0) throw new ImportException($"{fileName}, line 1: column {column + 1} has no name. Name it, or remove it.");
            if (!this.TakeTranslation(name, column)) this._attributes.Add((column, name));
        }
    }

    public static IReadOnlyList<FileField> Fields { get; } =
    [
        new("id", Required: true, "item_id", "product_id", "sku"),
        new("title", Required: true, "name"),
        new("description"),
        new("category", Required: false, "category_path"),
        new("brand"),
        new("price"),
        new("stock"),
        new("image", Required: false, "image_url"),
        new("tags"),
        new("available_from"),
    ];

    public RowProblem? Read(out Item? item)
    {
        item = null;
        if (this._table.Problem is { } malformed) return malformed;
        var id = this._table.Text(Id);
        var title = this._table.Text(Title);
        if (id is null) return RowProblem.Missing("id");
        if (id.Length > ItemId.MaxLength || id.Any(char.IsControl)) return RowProblem.Bad("id", $"at most {ItemId.MaxLength} characters, none of them a control character");
        if (title is null) return RowProblem.Missing("title");
        if (title.Length > Item.MaxTitleLength) return RowProblem.Bad("title", $"at most {Item.MaxTitleLength} characters");
        if (this.ReadPrice(out var price) is { } badPrice) return badPrice;
        if (this.ReadStock(out var stock) is { } badStock) return badStock;
        if (this.ReadAvailableFrom(out var availableFrom) is { } badTime) return badTime;

        item = new Item
        {
            Id = new ItemId(id),
            Title = title,
            Description = this._table.Text(Description),
            Category = Split(this._table.Text(Category), LevelSeparator),
            Brand = this._table.Text(Brand),
            Price = price,
            Stock = stock,
            Image = this._table.Text(Image),
            Tags = Split(this._table.Text(Tags), TagSeparator),
            Attributes = this.ReadAttributes(),
            Translations = this.ReadTranslations(),
            AvailableFrom = availableFrom,
        };
        return null;
    }

    private static string[] Split(string? text, char separator) =>
        text?.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private RowProblem? ReadPrice(out double? price)
    {
        price = null;
        var text = this._table[Price];
        if (text.IsEmpty) return null;
        if (!FieldValues.TryNumber(text, out var value) || value < 0 || value > EventRules.MaxPrice)
            return RowProblem.Bad("price", $"a number from 0 to {EventRules.MaxPrice:0}, with a point for decimals and no currency");
        price = value;
        return null;
    }

    private RowProblem? ReadStock(out int? stock)
    {
        stock = null;
        var text = this._table[Stock];
        if (text.IsEmpty) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return RowProblem.Bad("stock", "a whole number, 0 or more");
        stock = value;
        return null;
    }

    private RowProblem? ReadAvailableFrom(out DateTimeOffset? time)
    {
        time = null;
        var text = this._table[AvailableFrom];
        if (text.IsEmpty) return null;
        if (!FieldValues.TryTime(text, out var value)) return RowProblem.Bad("available_from", "ISO 8601 (2024-05-06) or Unix time in seconds or milliseconds");
        time = value;
        return null;
    }

    private Dictionary<string, string> ReadAttributes()
    {
        var attributes = new Dictionary<string, string>();
        foreach (var (column, name) in this._attributes)
            if (this._table.Column(column) is { Length: > 0 } value) attributes[name] = value;
        return attributes;
    }

    private Dictionary<string, ItemText> ReadTranslations()
    {
        var translations = new Dictionary<string, ItemText>();
        foreach (var (language, columns) in this._languages)
        {
            if (this.Translated(columns[Title]) is not { } title || title.Length > Item.MaxTitleLength) continue;
            translations[language] = new ItemText(title, this.Translated(columns[Description]), Split(this.Translated(columns[Category]), LevelSeparator));
        }

        return translations;
    }

    private string? Translated(int column) => column >= 0 && this._table.Column(column) is { Length: > 0 } text ? text : null;

    /// <summary>Takes a column such as <c>title:zh</c>; a language without a title column has nothing to show, and its columns are attributes.</summary>
    private bool TakeTranslation(string name, int column)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return false;
        var field = Array.FindIndex((string[])["title", "description", "category"], each => name.AsSpan(0, colon).Equals(each, StringComparison.OrdinalIgnoreCase));
        var language = name[(colon + 1)..].Trim().ToLowerInvariant();
        if (field < 0 || language.Length is 0 or > 16) return false;
        if (!this._languages.TryGetValue(language, out var columns)) this._languages.Add(language, columns = [-1, -1, -1, -1]);
        columns[field + Title] = column;
        return true;
    }
}
