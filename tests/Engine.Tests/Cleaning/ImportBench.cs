using System.IO.Compression;
using System.Text;
using Aisle.Engine.Cleaning;
using Aisle.Engine.Events;
using Aisle.Engine.Storage.Sqlite;
using Aisle.Engine.Tests.Storage;
using CsvHelper;

namespace Aisle.Engine.Tests.Cleaning;

/// <summary>A store and a place for files to import into it.</summary>
internal sealed class ImportBench : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ImportBench() => this.Store = SqliteStore.Open(this._folder.File("store"), TimeProvider.System);

    public SqliteStore Store { get; }

    public string RejectsPath => this._folder.File("rejects.csv");

    public string FolderPath => this._folder.Path;

    public string Write(string name, string content, Encoding? encoding = null) => this.Write(name, (encoding ?? new UTF8Encoding(false)).GetBytes(content));

    public string Write(string name, byte[] content)
    {
        var path = this._folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public static byte[] Gzip(string content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(content));
        return packed.ToArray();
    }

    public Task<ImportReport> ImportAsync(string path, string format, params (string Column, string Field)[] map) =>
        this.ImportAsync(path, format, null, map);

    public Task<ImportReport> ImportAsync(string path, string format, IProgress<ImportStep>? progress, params (string Column, string Field)[] map)
    {
        var request = new ImportRequest
        {
            Path = path,
            Format = format,
            Columns = map.ToDictionary(pair => pair.Column, pair => pair.Field),
            RejectsPath = this.RejectsPath,
        };
        return new FileImport(this.Store.Events, this.Store.Catalog, this.Store.Users, TimeProvider.System).RunAsync(request, progress, CancellationToken.None);
    }

    /// <summary>Imports a file that must be refused; returns the message and makes sure that the store holds nothing.</summary>
    public async Task<string> RefusedAsync(string path, string format, params (string Column, string Field)[] map)
    {
        var failure = await Should.ThrowAsync<ImportException>(() => this.ImportAsync(path, format, map));
        this.Store.Events.LastSequence().ShouldBe(0);
        this.Store.Catalog.ReadAll().ShouldBeEmpty();
        this.Store.Users.List(null, 10).ShouldBeEmpty();
        File.Exists(this.RejectsPath).ShouldBeFalse();
        return failure.Message;
    }

    public List<Event> Events() => [.. this.Store.Events.Read().Select(stored => stored.Event)];

    /// <summary>Line, reason and row of each entry of the rejects file.</summary>
    public List<(long Line, string Reason, string Row)> Rejects()
    {
        using var csv = CsvReader.FromFile(this.RejectsPath, CsvReaderOptions.Default with { Separator = ',' });
        var rejects = new List<(long, string, string)>();
        while (csv.Read()) rejects.Add((csv.Parse<long>(0), csv.GetString(1), csv.GetString(3)));
        return rejects;
    }

    public void Dispose()
    {
        this.Store.Dispose();
        this._folder.Dispose();
    }
}
