namespace Aisle.Engine.Cleaning;

/// <summary>A field of a format.</summary>
/// <param name="Aliases">Other headers that mean the same, beside <paramref name="Name"/>.</param>
internal sealed record FileField(string Name, bool Required = false, params string[] Aliases);

/// <summary>Finds the column of each field by the header and the caller's mapping; case, spaces, _ and - do not count.</summary>
internal static class ColumnLayout
{
    /// <returns>The column of each field, −1 where the file has none.</returns>
    /// <exception cref="ImportException">A mapped column or a required field is missing, or two columns claim one field.</exception>
    public static int[] Resolve(
        IReadOnlyList<string> headers, IReadOnlyList<FileField> fields, IReadOnlyDictionary<string, string> map, string fileName, string format)
    {
        var columns = new int[fields.Count];
        Array.Fill(columns, -1);
        var mapped = new HashSet<int>();
        foreach (var (column, field) in map)
        {
            var at = Find(headers, column);
            if (at < 0) throw new ImportException($"{fileName}, line 1: there is no column '{column}' to map. The file has {Quote(headers)}.");
            columns[IndexOf(fields, field)] = at;
            mapped.Add(at);
        }

        for (var at = 0; at < headers.Count; at++)
        {
            if (mapped.Contains(at)) continue;
            var field = FieldOf(fields, headers[at]);
            if (field < 0 || (columns[field] >= 0 && mapped.Contains(columns[field]))) continue;
            if (columns[field] >= 0)
            {
                throw new ImportException(
                    $"{fileName}, line 1: columns {columns[field] + 1} and {at + 1} are both '{fields[field].Name}'. Remove one, or say which counts with --map COLUMN={fields[field].Name}.");
            }

            columns[field] = at;
        }

        RequireAll(columns, headers, fields, fileName, format);
        return columns;
    }

    /// <summary>The field that a mapping names; the mapping was checked when the import was asked for.</summary>
    public static int IndexOf(IReadOnlyList<FileField> fields, string name)
    {
        for (var i = 0; i < fields.Count; i++)
            if (string.Equals(fields[i].Name, name, StringComparison.OrdinalIgnoreCase)) return i;
        return -1;
    }

    private static void RequireAll(int[] columns, IReadOnlyList<string> headers, IReadOnlyList<FileField> fields, string fileName, string format)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i] >= 0 || !fields[i].Required) continue;
            var needed = Quote([.. fields.Where(field => field.Required).Select(field => field.Name)]);
            throw new ImportException(
                $"{fileName}, line 1: column '{fields[i].Name}' is missing. {format} needs {needed}; the file has {Quote(headers)}. "
                + $"Name the column that holds it with --map COLUMN={fields[i].Name}, or choose another --format.");
        }
    }

    private static int Find(IReadOnlyList<string> headers, string column)
    {
        for (var i = 0; i < headers.Count; i++)
            if (string.Equals(headers[i].Trim(), column.Trim(), StringComparison.OrdinalIgnoreCase)) return i;
        return -1;
    }

    private static int FieldOf(IReadOnlyList<FileField> fields, string header)
    {
        var plain = Plain(header);
        for (var i = 0; i < fields.Count; i++)
            if (Plain(fields[i].Name) == plain || fields[i].Aliases.Any(alias => Plain(alias) == plain)) return i;
        return -1;
    }

    private static string Plain(string name) =>
        new([.. name.Where(letter => letter is not (' ' or '_' or '-' or '\t')).Select(char.ToLowerInvariant)]);

    private static string Quote(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(30).Select(name => $"'{(name.Length > 60 ? name[..60] + "…" : name)}'")) + (names.Count > 30 ? ", …" : "");
}
