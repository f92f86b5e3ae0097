namespace Aisle.Engine.Cleaning;

/// <summary>
/// What became of a file's rows. Each row ends in exactly one place: <see cref="RowsRead"/> = <see cref="EventsStored"/> +
/// <see cref="Duplicates"/> + the sum of <see cref="Rejected"/> (for catalogue-csv: items stored instead of events).
/// </summary>
public sealed record ImportReport
{
    public required string Format { get; init; }

    public required long RowsRead { get; init; }

    public required long EventsStored { get; init; }

    /// <summary>Rows that repeat an earlier row of the file.</summary>
    public required long RepeatedRows { get; init; }

    /// <summary>Events that the store held already.</summary>
    public required long KnownEvents { get; init; }

    public long Duplicates => this.RepeatedRows + this.KnownEvents;

    /// <summary>Distinct shoppers whom the file names.</summary>
    public required long Users { get; init; }

    /// <summary>Distinct items of the rows that were kept.</summary>
    public required long Items { get; init; }

    /// <summary>Catalogue items that were added or changed.</summary>
    public required long ItemsChanged { get; init; }

    /// <summary>Rows left out, by reason; the reasons are explained in docs/import.md.</summary>
    public required IReadOnlyDictionary<string, long> Rejected { get; init; }

    /// <summary>What the cleaning saw and did, by name: dirt counted before any row was left out, rows kept in another shape.</summary>
    public required IReadOnlyDictionary<string, long> Found { get; init; }

    public required double Seconds { get; init; }

    public required string? RejectsPath { get; init; }
}
