using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Cleaning.CatalogueFiles;

/// <summary>
/// A CSV file with an item a row. Columns that are no field become attributes; <c>title:zh</c>, <c>description:zh</c> and <c>category:zh</c>
/// are translations. The last of several rows with one id counts.
/// </summary>
internal sealed class CatalogueCsvFormat(SourceFile file) : IImportFormat
{
    private const int RowsBetweenReports = 1024;

    private readonly HashSet<ItemId> _seen = [];

    public static IReadOnlyList<FileField> Fields => CatalogueRow.Fields;

    public void Survey(ImportRun run)
    {
        var audit = new RowAudit(file.Name);
        using var table = new CsvTable(run, file, new CsvShape(Fields));
        var reader = new CatalogueRow(table, file.Name);
        for (var rows = 0; table.Read(); rows++)
        {
            if (rows % RowsBetweenReports == 0) run.At(table.Fraction);
            audit.Add(table.Line, reader.Read(out _));
        }

        audit.Finish(file);
    }

    public IEnumerable<Event> Clean(ImportRun run) => [];

    public IEnumerable<Item> Items(ImportRun run)
    {
        using var table = new CsvTable(run, file, new CsvShape(Fields));
        var reader = new CatalogueRow(table, file.Name);
        while (table.Read())
        {
            if (run.Tally.RowsRead++ % RowsBetweenReports == 0) run.At(table.Fraction);
            if (reader.Read(out var item) is { } problem)
            {
                run.Reject(table.Line, problem, table.Raw);
                continue;
            }

            if (!this._seen.Add(item!.Id)) run.Tally.RepeatedRows++;
            yield return item;
        }

        run.Tally.Items = this._seen.Count;
    }

    public IEnumerable<User> Users(ImportRun run) => [];
}
