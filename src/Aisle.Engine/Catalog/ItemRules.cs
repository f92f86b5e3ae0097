namespace Aisle.Engine.Catalog;

/// <summary>What every item must keep to, wherever it comes from: the API and the importers ask here before they store.</summary>
public static class ItemRules
{
    public const int MaxTitleLength = 512;
    public const int MaxDescriptionLength = 20_000;
    public const int MaxEntries = 100;
    public const int MaxEntryLength = 1000;
    public const double MaxPrice = 1e9;

    /// <summary>The first rule that the item breaks, or null if it keeps to all.</summary>
    public static FieldProblem? Check(Item item)
    {
        if (item.Id.Value.Length is 0 or > ItemId.MaxLength || HasControls(item.Id.Value))
            return new FieldProblem("id", $"id must have 1 to {ItemId.MaxLength} characters, without control characters.");
        if (string.IsNullOrWhiteSpace(item.Title) || item.Title.Length > MaxTitleLength || HasControls(item.Title))
            return new FieldProblem("title", $"title must have 1 to {MaxTitleLength} characters, without control characters.");
        if (item.Description?.Length > MaxDescriptionLength)
            return new FieldProblem("description", $"description must have at most {MaxDescriptionLength} characters; it has {item.Description.Length}.");
        if (item.Price is { } price && !(price >= 0 && price <= MaxPrice))
            return new FieldProblem("price", $"price must be a number from 0 to {MaxPrice:0}; leave it out where it is not known.");
        if (item.Stock < 0) return new FieldProblem("stock", "stock must not be negative; leave it out where the shop does not tell.");
        return CheckLists(item);
    }

    private static FieldProblem? CheckLists(Item item)
    {
        if (item.Brand?.Length > MaxEntryLength) return TooLong("brand");
        if (item.Image?.Length > MaxEntryLength) return TooLong("image");
        if (Breaks(item.Category)) return new FieldProblem("category", EntriesAllowed("category", "non-empty names"));
        if (Breaks(item.Tags)) return new FieldProblem("tags", EntriesAllowed("tags", "non-empty words"));
        if (Breaks(item.Attributes.Keys) || item.Attributes.Count > MaxEntries || item.Attributes.Values.Any(value => value is null || value.Length > MaxEntryLength))
            return new FieldProblem("attributes", EntriesAllowed("attributes", "names with text values"));
        foreach (var (language, text) in item.Translations)
        {
            if (language.Length is < 2 or > 20 || string.IsNullOrWhiteSpace(text.Title) || text.Title.Length > MaxTitleLength
                || text.Description?.Length > MaxDescriptionLength || Breaks(text.Category))
                return new FieldProblem("translations", $"translations must map a language code such as zh to a title of 1 to {MaxTitleLength} characters, and optionally description and category.");
        }

        return item.Translations.Count > MaxEntries ? new FieldProblem("translations", EntriesAllowed("translations", "languages")) : null;
    }

    private static bool Breaks(IEnumerable<string> entries)
    {
        var count = 0;
        foreach (var entry in entries)
            if (string.IsNullOrWhiteSpace(entry) || entry.Length > MaxEntryLength || HasControls(entry) || ++count > MaxEntries) return true;
        return false;
    }

    private static bool HasControls(string text) => text.Any(char.IsControl);

    private static FieldProblem TooLong(string field) => new(field, $"{field} must have at most {MaxEntryLength} characters.");

    private static string EntriesAllowed(string field, string what) => $"{field} must hold at most {MaxEntries} {what} of at most {MaxEntryLength} characters, without control characters.";
}
