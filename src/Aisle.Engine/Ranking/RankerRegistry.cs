using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Aisle.Learning.Ranking;
using Microsoft.Extensions.Logging;

namespace Aisle.Engine.Ranking;

/// <summary>A ranker that serves.</summary>
public sealed record PublishedRanker(int Version, BoostedTrees Trees, RankerReport Report);

/// <summary>
/// The published rankers of a store, a file a version: magic, format version, version and report, the trees, and the SHA-256 of all that. The one that
/// serves is kept in memory and swapped whole. A file that is damaged, or made for other features than this program has, is refused; what served goes on serving.
/// </summary>
public sealed class RankerRegistry
{
    /// <summary>In the place of a version: no ranker, lists are ordered by their scores.</summary>
    public const int None = 0;

    private const int FormatVersion = 1;
    private const int HeaderLength = 20;
    private const long LargestFile = 1L << 30;

    private readonly VersionFolder _files;
    private readonly FeatureSchema _schema;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private volatile PublishedRanker? _serving;
    private string? _refused;

    public RankerRegistry(string directory, FeatureSchema schema, ILogger<RankerRegistry> log)
    {
        this._files = new VersionFolder(directory, "trees");
        this._schema = schema;
        this._log = log;
    }

    private static ReadOnlySpan<byte> Magic => "AISLERNK"u8;

    /// <summary>Null until the first is published, and while the order by score was chosen.</summary>
    public PublishedRanker? Serving => this._serving;

    /// <summary>Reports of the versions on disk, newest first; a damaged file is left out and logged.</summary>
    public IReadOnlyList<RankerReport> Versions()
    {
        var reports = new List<RankerReport>();
        foreach (var version in this._files.Versions().Reverse())
        {
            try
            {
                reports.Add(Read(this._files.PathOf(version)).Report with { Version = version });
            }
            catch (Exception failure) when (failure is InvalidDataException or IOException)
            {
                this._log.LogWarning("Ranker {Version} cannot be read: {Reason}", version, failure.Message);
            }
        }

        return reports;
    }

    /// <summary>Loads what the pointer names if it is not in memory yet. On failure the last good ranker goes on serving.</summary>
    /// <returns>Whether another ranker serves now.</returns>
    public bool Refresh()
    {
        lock (this._lock)
        {
            if (this._files.Serving() is not { } version || version == (this._serving?.Version ?? None)) return false;
            var key = $"{version}@{File.GetLastWriteTimeUtc(this._files.PathOf(version)).Ticks}";
            if (key == this._refused) return false;
            try
            {
                this._serving = version == None ? null : this.Load(version);
                this._refused = null;
                this._log.LogInformation("Ranker {Version} serves", version);
                return true;
            }
            catch (Exception failure) when (failure is InvalidDataException or IOException)
            {
                this._refused = key;
                this._log.LogError("Ranker {Version} is refused, {Current} goes on serving: {Reason}", version, this._serving is { } current ? current.Version : "the order by score", failure.Message);
                return false;
            }
        }
    }

    /// <summary>Makes a version on disk the serving one, or with <see cref="None"/> the order by score: a rollback, or its undoing.</summary>
    /// <exception cref="ArgumentException">There is no such version; the message lists those there are.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or made for other features; what served goes on serving.</exception>
    public PublishedRanker? Activate(int version)
    {
        lock (this._lock)
        {
            var versions = this._files.Versions();
            if (version != None && !versions.Contains(version))
                throw new ArgumentException($"There is no ranker version {version}. On disk: {(versions.Count == 0 ? "none" : string.Join(", ", versions))}; 0 is the order by score.");
            var ranker = version == None ? null : this.Load(version);
            this._files.Serve(version);
            return this._serving = ranker;
        }
    }

    /// <summary>Writes a new version, makes it the serving one and removes the oldest beyond <paramref name="keep"/>.</summary>
    /// <returns>The report with the version that the ranker got.</returns>
    internal RankerReport Publish(BoostedTrees trees, Func<int, RankerReport> report, int keep)
    {
        this._schema.RequireSame(trees.Schema);
        lock (this._lock)
        {
            var version = this._files.Next();
            var told = report(version);
            this._files.Write(version, path =>
            {
                using var stream = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
                Write(stream, trees, told);
            });
            this._files.Serve(version);
            this._serving = new PublishedRanker(version, trees, told);
            this._files.Keep(keep);
            return told;
        }
    }

    private static void Write(FileStream stream, BoostedTrees trees, RankerReport report)
    {
        var told = JsonSerializer.SerializeToUtf8Bytes(report, RankerJson.Default.RankerReport);
        Span<byte> header = stackalloc byte[HeaderLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], FormatVersion);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], report.Version!.Value);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], told.Length);
        stream.Write(header);
        stream.Write(told);
        trees.Save(stream);
        stream.Flush();
        stream.Position = 0;
        stream.Write(SHA256.HashData(stream));
        stream.Flush(flushToDisk: true);
    }

    private PublishedRanker Load(int version)
    {
        var path = this._files.PathOf(version);
        var (report, trees) = Read(path);
        try
        {
            this._schema.RequireSame(trees.Schema);
        }
        catch (ArgumentException other)
        {
            throw new InvalidDataException($"{Path.GetFileName(path)} does not fit: {other.Message}", other);
        }

        return new PublishedRanker(version, trees, report with { Version = version });
    }

    private static (RankerReport Report, BoostedTrees Trees) Read(string path)
    {
        var name = Path.GetFileName(path);
        if (new FileInfo(path).Length is > LargestFile or < HeaderLength + SHA256.HashSizeInBytes) throw new InvalidDataException($"{name} is cut off or far too large.");
        var bytes = File.ReadAllBytes(path);
        var content = bytes.AsSpan(0, bytes.Length - SHA256.HashSizeInBytes);
        if (!content.StartsWith(Magic)) throw new InvalidDataException($"{name} is not a ranker of Aisle.");
        var format = BinaryPrimitives.ReadInt32LittleEndian(content[8..]);
        if (format != FormatVersion) throw new InvalidDataException($"{name} has format version {format}; this program reads version {FormatVersion}. Train the ranker again.");
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(content.Length))) throw new InvalidDataException($"{name} is damaged: its checksum does not match.");
        var length = BinaryPrimitives.ReadInt32LittleEndian(content[16..]);
        if (length < 0 || length > content.Length - HeaderLength) throw new InvalidDataException($"{name} is damaged: its report is longer than the file.");
        try
        {
            var report = JsonSerializer.Deserialize(content.Slice(HeaderLength, length), RankerJson.Default.RankerReport) ?? throw new InvalidDataException($"{name} has no report.");
            using var stream = new MemoryStream(bytes, HeaderLength + length, content.Length - HeaderLength - length);
            return (report, BoostedTrees.Load(stream));
        }
        catch (Exception failure) when (failure is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{name} does not fit: {failure.Message}", failure);
        }
    }
}
