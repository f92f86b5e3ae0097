using System.Text.Encodings.Web;
using System.Text.Json;
using Aisle.Engine.Catalog;

namespace Aisle.Engine.Storage;

/// <summary>
/// Lists and dictionaries as JSON text for a column. Keys ascend, so that equal content is equal text and an unchanged row can be told
/// by comparing columns.
/// </summary>
internal static class StoredJson
{
    // The text goes into a database column, never into a page; without this Chinese titles would be stored as escapes, six bytes a character.
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(IReadOnlyList<string> list) => JsonSerializer.Serialize(list, Options);

    public static string Write<T>(IReadOnlyDictionary<string, T> values) =>
        values.Count == 0 ? "{}" : JsonSerializer.Serialize(new SortedDictionary<string, T>(values.ToDictionary(), StringComparer.Ordinal), Options);

    public static IReadOnlyList<string> ReadList(string json) => json == "[]" ? [] : JsonSerializer.Deserialize<string[]>(json, Options)!;

    public static IReadOnlyDictionary<string, string> ReadValues(string json) => JsonSerializer.Deserialize<Dictionary<string, string>>(json, Options)!;

    public static IReadOnlyDictionary<string, ItemText> ReadTexts(string json) => JsonSerializer.Deserialize<Dictionary<string, ItemText>>(json, Options)!;
}
