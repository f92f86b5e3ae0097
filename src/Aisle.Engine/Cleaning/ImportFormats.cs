using Aisle.Engine.Cleaning.CatalogueFiles;
using Aisle.Engine.Cleaning.EventFiles;
using Aisle.Engine.Cleaning.MovieLens;
using Aisle.Engine.Cleaning.OnlineRetail;

namespace Aisle.Engine.Cleaning;

/// <summary>The formats by name.</summary>
public static class ImportFormats
{
    private sealed record Known(string Name, IReadOnlyList<FileField> Fields, Func<SourceFile, IImportFormat> Create);

    private static readonly Known[] All =
    [
        new("online-retail", SalesRows.Fields, file => new OnlineRetailFormat(file)),
        new("movielens", RatingsFile.Fields, file => new MovieLensFormat(file)),
        new("events-csv", EventFields.All, file => new EventsFormat(file, run => new CsvTable(run, file, new CsvShape(EventFields.All)))),
        new("events-jsonl", EventFields.All, file => new EventsFormat(file, run => new JsonRows(run, file))),
        new("catalogue-csv", CatalogueCsvFormat.Fields, file => new CatalogueCsvFormat(file)),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(format => format.Name)];

    /// <summary>What is wrong with a wish to import, or null: a sentence for the caller, known without opening the file.</summary>
    public static string? Check(string format, IReadOnlyDictionary<string, string> columns)
    {
        if (Find(format) is not { } known) return $"There is no format '{format}'. Choose one of {string.Join(", ", Names)}.";
        foreach (var field in columns.Values)
        {
            if (ColumnLayout.IndexOf(known.Fields, field) < 0)
                return $"{format} has no field '{field}' to map a column to. Its fields are {string.Join(", ", known.Fields.Select(each => each.Name))}.";
        }

        return columns.Values.GroupBy(field => field, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? $"Two columns are mapped to the field '{twice.Key}'. Map one."
            : null;
    }

    internal static IImportFormat Create(string format, SourceFile file) =>
        (Find(format) ?? throw new ArgumentException($"There is no format '{format}'.", nameof(format))).Create(file);

    private static Known? Find(string format) => Array.Find(All, known => known.Name == format);
}
