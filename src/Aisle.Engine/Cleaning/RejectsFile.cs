using CsvHelper;

namespace Aisle.Engine.Cleaning;

/// <summary>
/// The rows that were left out, as CSV: line, reason, detail, row. Written beside its final name and moved there at the end, so that a
/// reader never sees half of it. It repeats rows as they are, personal data included: only the owner may read it.
/// </summary>
internal sealed class RejectsFile : IDisposable
{
    private readonly string _path;
    private readonly string _partial;
    private readonly CsvWriter _writer;
    private bool _committed;

    private RejectsFile(string path)
    {
        this._path = path;
        this._partial = $"{path}.partial";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        this._writer = CsvWriter.Create(new FileStream(this._partial, options), CsvWriterOptions.Default with { NewLine = "\n" });
        this._writer.WriteHeader(["line", "reason", "detail", "row"]);
    }

    /// <exception cref="ImportException">The file cannot be written there.</exception>
    public static RejectsFile Create(string path)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
            return new RejectsFile(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ImportException($"The rejects file {path} cannot be written: {failure.Message} Name another place with --rejects.", failure);
        }
    }

    public void Add(long line, RowProblem problem, ReadOnlySpan<byte> row)
    {
        this._writer.WriteField(line, default);
        this._writer.WriteField(problem.Reason);
        this._writer.WriteField(problem.Message);
        this._writer.WriteField(row);
        this._writer.EndRecord();
    }

    public void Commit()
    {
        this._writer.Dispose();
        File.Move(this._partial, this._path, overwrite: true);
        this._committed = true;
    }

    public void Dispose()
    {
        this._writer.Dispose();
        if (!this._committed) File.Delete(this._partial);
    }
}
