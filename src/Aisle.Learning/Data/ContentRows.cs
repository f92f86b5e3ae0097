using System.Text.Json;

namespace Aisle.Learning.Data;

/// <summary>One value of one field.</summary>
/// <param name="IsList">Whether the field gives several values in this row, or might: such a field is never a measured number.</param>
internal sealed record ContentCell(string Field, string Word, bool IsList);

/// <param name="Wrong">An error that names where the row stands.</param>
internal sealed record ContentRow(string Id, List<ContentCell> Cells, Func<string, FormatException> Wrong);

/// <summary>Reads the rows of a <see cref="ContentTable"/> from a table or from JSON.</summary>
internal static class ContentRows
{
    private const char Between = '|';

    /// <summary>The field of values that are given without a name.</summary>
    private const string Nameless = "attribute";

    private const string JsonLayout = "{\"id\": [value, …]} or {\"id\": {\"title\": \"…\", \"field\": value or [value, …]}}";

    public static bool IsText(string field) => field.ToLowerInvariant() is "title" or "description" or "text";

    public static bool IsTitle(string field) => field.Equals("title", StringComparison.OrdinalIgnoreCase);

    public static IEnumerable<ContentRow> OfTable(NamedText text, bool ofUsers)
    {
        var rows = ofUsers
            ? new DelimitedRows(text, "a table of users", "user,attribute,attribute…, several values of one cell between |", linesInQuotes: true)
            : new DelimitedRows(text, "a table of items", "item,title,description,attribute,attribute…, several values of one cell between |", linesInQuotes: true);
        CheckHeader(rows);
        var names = ofUsers ? RatingsTable.UserNames : RatingsTable.ItemNames;
        var id = Math.Max(0, rows.Header.ToList().FindIndex(name => DelimitedRows.Plain(name) is var plain && (plain == "id" || names.Contains(plain))));
        while (rows.Next())
        {
            if (rows.Fields[id].Length == 0) throw rows.Wrong($"the column {rows.Header[id]} is empty, which has to hold the id");
            var cells = new List<ContentCell>();
            for (var column = 0; column < rows.Header.Count; column++)
            {
                if (column != id) cells.AddRange(Cells(rows.Header[column], rows.Fields[column], mayBeText: !ofUsers));
            }

            yield return new ContentRow(rows.Fields[id], cells, rows.Wrong);
        }
    }

    public static IEnumerable<ContentRow> OfJson(NamedText text)
    {
        using var document = Parse(text);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            FormatException Wrong(string what) => new($"{text.Name}, '{DelimitedRows.Shown(member.Name)}': {what}. The layout is {JsonLayout}.");
            List<ContentCell> cells = member.Value.ValueKind switch
            {
                JsonValueKind.Array => [.. Cells(Nameless, member.Value, Wrong)],
                JsonValueKind.Object => [.. member.Value.EnumerateObject().SelectMany(field => Cells(field.Name, field.Value, Wrong))],
                _ => throw Wrong("there is neither a list nor an object"),
            };
            yield return new ContentRow(member.Name, cells, Wrong);
        }
    }

    private static void CheckHeader(DelimitedRows rows)
    {
        if (rows.Header.Any(name => name.Length == 0)) throw rows.Wrong("a column of the header has no name");
        if (rows.Header.GroupBy(name => name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw rows.Wrong($"there are {twice.Count()} columns '{twice.Key}'; give each a name of its own");
    }

    private static IEnumerable<ContentCell> Cells(string field, string cell, bool mayBeText)
    {
        if ((mayBeText && IsText(field)) || !cell.Contains(Between, StringComparison.Ordinal)) return [new ContentCell(field, cell, IsList: false)];
        return cell.Split(Between, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(word => new ContentCell(field, word, IsList: true));
    }

    private static IEnumerable<ContentCell> Cells(string field, JsonElement value, Func<string, FormatException> wrong) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().Select(one => new ContentCell(field, Word(field, one, wrong), IsList: true)),
        _ => [new ContentCell(field, Word(field, value, wrong), IsList: false)],
    };

    private static string Word(string field, JsonElement value, Func<string, FormatException> wrong) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!.Trim(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => "",
        _ => throw wrong($"{DelimitedRows.Shown(field)} holds {(value.ValueKind == JsonValueKind.Object ? "an object" : "a list")} where a text, a number, true or false is allowed"),
    };

    private static JsonDocument Parse(NamedText text)
    {
        try
        {
            return JsonDocument.Parse(text.Reader.ReadToEnd());
        }
        catch (JsonException failure)
        {
            throw new FormatException($"{text.Name}, line {failure.LineNumber + 1}: this is no valid JSON. The layout is {JsonLayout}.", failure);
        }
    }
}
