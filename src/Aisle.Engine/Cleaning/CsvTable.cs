using CsvHelper;

namespace Aisle.Engine.Cleaning;

/// <summary>How a delimited file is laid out.</summary>
internal sealed record CsvShape(IReadOnlyList<FileField> Fields)
{
    /// <summary>Null: the one of , ; tab | that stands most often in the first line.</summary>
    public string? Separator { get; init; }

    public bool HasHeader { get; init; } = true;

    /// <summary>Whether the caller's mapping of columns is meant for this file.</summary>
    public bool TakesMap { get; init; } = true;

    /// <summary>False: quotes are ordinary characters.</summary>
    public bool Quoted { get; init; } = true;
}

/// <summary>A delimited file read row by row through its format's fields. Spans hold until the next <see cref="Read"/>.</summary>
internal sealed class CsvTable : IRows
{
    /// <summary>A longer row is no row: a quote was opened and never closed, or someone means harm.</summary>
    public const int MaxRowBytes = 1 << 20;

    private readonly ImportRun _run;
    private readonly string _name;
    private readonly SourceReading _reading;
    private readonly CsvReader _csv;
    private readonly int[] _columns;
    private CsvMalformedRecord _flaw;

    public CsvTable(ImportRun run, SourceFile file, CsvShape shape)
    {
        this._run = run;
        this._name = file.Name;
        this._reading = file.Open();
        var separator = shape.Separator ?? MostFrequent(file.FirstLine);
        var options = new CsvReaderOptions
        {
            Separator = separator.Length == 1 ? separator[0] : CsvSeparatorStream.DefaultReplacement,
            HasHeader = shape.HasHeader,
            Mode = shape.Quoted ? CsvMode.Rfc4180 : CsvMode.NoEscape,
            MaxRecordSize = MaxRowBytes,
            TrackLineNumbers = true,
            IncludeValuesInExceptions = false,
            Encoding = file.Encoding,
            OnMalformedRecord = flaw => this._flaw = flaw,
        };
        this._csv = CsvReader.Create(separator.Length == 1 ? this._reading.Stream : new CsvSeparatorStream(this._reading.Stream, separator), options);
        this.Headers = shape.HasHeader ? this.ReadHeader() : [.. shape.Fields.Select(field => field.Name)];
        var map = shape.TakesMap ? run.Columns : new Dictionary<string, string>();
        if (!shape.HasHeader && map.Count > 0)
            throw new ImportException($"{file.Name} has no header, so there is no column '{map.First().Key}' to map. Leave --map out, or give the file a header.");
        this._columns = shape.HasHeader
            ? ColumnLayout.Resolve(this.Headers, shape.Fields, map, file.Name, run.Format)
            : [.. Enumerable.Range(0, shape.Fields.Count)];
    }

    public IReadOnlyList<string> Headers { get; }

    public double Fraction => this._reading.Fraction;

    public long Line => this._csv.LineNumber;

    public ReadOnlySpan<byte> Raw => this._csv.RawRecord;

    public RowProblem? Problem { get; private set; }

    public bool Read()
    {
        this._run.Cancellation.ThrowIfCancellationRequested();
        try
        {
            if (!this._csv.Read()) return false;
        }
        catch (CsvFormatException problem)
        {
            throw this.Unreadable(problem);
        }

        var flawed = this._flaw.LineNumber == this._csv.LineNumber;
        if (flawed && this._flaw.Reason == CsvMalformedReason.UnterminatedQuote)
        {
            throw new ImportException(
                $"{this._name}, line {this.Line}: a quote is opened and never closed; the file is half written or the quote should be doubled. Export the file again or mend the line.");
        }

        this.Problem = flawed && this._flaw.Reason == CsvMalformedReason.TextAfterClosingQuote ? RowProblem.Quoting
            : this._csv.FieldCount != this.Headers.Count ? RowProblem.WrongColumns(this._csv.FieldCount, this.Headers.Count)
            : null;
        return true;
    }

    /// <summary>A field of the row without the spaces around it; empty where the file lacks the column.</summary>
    public ReadOnlySpan<byte> this[int field]
    {
        get
        {
            var column = this._columns[field];
            return column < 0 ? default : this._csv.GetSpan(column).Trim((byte)' ');
        }
    }

    /// <summary>A field exactly as it stands in the file.</summary>
    public ReadOnlySpan<byte> Untrimmed(int field) => this._columns[field] < 0 ? default : this._csv.GetSpan(this._columns[field]);

    /// <summary>A field as text, null where it is empty or the file lacks the column.</summary>
    public string? Text(int field)
    {
        var span = this[field];
        return span.IsEmpty ? null : System.Text.Encoding.UTF8.GetString(span);
    }

    /// <summary>A column by its place in the header.</summary>
    public string Column(int column) => this._csv.GetString(column).Trim();

    public bool IsField(int column) => Array.IndexOf(this._columns, column) >= 0;

    public void Dispose()
    {
        this._csv.Dispose();
        this._reading.Dispose();
    }

    private IReadOnlyList<string> ReadHeader()
    {
        try
        {
            this._csv.ReadHeader();
            return this._csv.Headers;
        }
        catch (CsvFormatException problem)
        {
            throw this.Unreadable(problem);
        }
    }

    private ImportException Unreadable(CsvFormatException problem) => new(
        $"{this._name}, line {Math.Max(problem.LineNumber, 1)}: {problem.Message} A row may have at most {MaxRowBytes >> 20} MiB; is a quote not closed? "
        + "Nothing was stored. Mend the line and import again.",
        problem);

    private static string MostFrequent(string line)
    {
        var best = ",";
        foreach (var candidate in (string[])[";", "\t", "|"])
            if (line.Count(letter => letter == candidate[0]) > line.Count(letter => letter == best[0])) best = candidate;
        return best;
    }
}
