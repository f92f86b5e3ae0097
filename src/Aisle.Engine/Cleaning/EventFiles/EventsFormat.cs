using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Cleaning.EventFiles;

/// <summary>A file with an event a row, as CSV or as JSON Lines.</summary>
internal sealed class EventsFormat(SourceFile file, Func<ImportRun, IRows> open) : IImportFormat
{
    private const int RowsBetweenReports = 8192;

    private readonly EventCleaning _cleaning = new();

    public void Survey(ImportRun run)
    {
        var audit = new RowAudit(file.Name);
        var reader = new EventRow(run.Now);
        foreach (var row in this.Rows(run))
        {
            var problem = reader.Read(row, out var read);
            audit.Add(row.Line, problem);
            if (read is not null) this._cleaning.Learn(read);
        }

        audit.Finish(file);
    }

    public IEnumerable<Event> Clean(ImportRun run)
    {
        var reader = new EventRow(run.Now);
        foreach (var row in this.Rows(run))
        {
            run.Tally.RowsRead++;
            var problem = reader.Read(row, out var read) ?? this._cleaning.Judge(read!);
            if (problem is not null)
            {
                run.Reject(row.Line, problem, row.Raw);
                continue;
            }

            this._cleaning.Keep(read!, run.Tally);
            yield return read!;
        }

        this._cleaning.Summarise(run.Tally);
    }

    public IEnumerable<Item> Items(ImportRun run) => [];

    public IEnumerable<User> Users(ImportRun run) => [];

    private IEnumerable<IRows> Rows(ImportRun run)
    {
        using var rows = open(run);
        for (var read = 0; rows.Read(); read++)
        {
            if (read % RowsBetweenReports == 0) run.At(rows.Fraction);
            yield return rows;
        }
    }
}
