using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Aisle.Learning.Ranking;
using Microsoft.Extensions.Logging;

namespace Aisle.Engine.Ranking;

/// <summary>A ranker that serves.</summary>
public sealed record PublishedRanker(int Version, BoostedTrees Trees, RankerReport Report);

/// <summary>
/// The published ranker of a store, one file: magic, format version, version and report, the trees, and the SHA-256 of all that. Kept in memory and
/// swapped whole. A file that is damaged, or made for other features than this program has, is refused; what served goes on serving.
/// </summary>
public sealed class RankerRegistry
{
    private const string FileName = "ranker.trees";
    private const int FormatVersion = 1;
    private const int HeaderLength = 20;
    private const long LargestFile = 1L << 30;

    private readonly string _directory;
    private readonly FeatureSchema _schema;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private volatile PublishedRanker? _serving;
    private DateTime _read;

    public RankerRegistry(string directory, FeatureSchema schema, ILogger<RankerRegistry> log)
    {
        this._directory = directory;
        this._schema = schema;
        this._log = log;
        Directory.CreateDirectory(directory);
    }

    private static ReadOnlySpan<byte> Magic => "AISLERNK"u8;

    /// <summary>Null until the first is published.</summary>
    public PublishedRanker? Serving => this._serving;

    /// <summary>Loads the file if it is not what is in memory.</summary>
    /// <returns>Whether another ranker serves now.</returns>
    public bool Refresh()
    {
        lock (this._lock)
        {
            var path = Path.Combine(this._directory, FileName);
            if (!File.Exists(path) || File.GetLastWriteTimeUtc(path) is var written && written == this._read) return false;
            try
            {
                this._serving = this.Load(path);
                this._log.LogInformation("Ranker {Version} serves", this._serving.Version);
                return true;
            }
            catch (Exception failure) when (failure is InvalidDataException or IOException)
            {
                this._log.LogError("The ranker is refused, {Current} goes on serving: {Reason}", this._serving is { } current ? current.Version : "the order by score", failure.Message);
                return false;
            }
            finally
            {
                this._read = written;
            }
        }
    }

    /// <returns>The report with the version that the ranker got.</returns>
    internal RankerReport Publish(BoostedTrees trees, Func<int, RankerReport> report)
    {
        this._schema.RequireSame(trees.Schema);
        lock (this._lock)
        {
            var told = report((this._serving?.Version ?? 0) + 1);
            var path = Path.Combine(this._directory, FileName);
            using (var stream = new FileStream(path + ".writing", FileMode.Create, FileAccess.ReadWrite, FileShare.None)) Write(stream, trees, told);
            File.Move(path + ".writing", path, overwrite: true);
            this._serving = new PublishedRanker(told.Version!.Value, trees, told);
            this._read = File.GetLastWriteTimeUtc(path);
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

    private PublishedRanker Load(string path)
    {
        if (new FileInfo(path).Length is > LargestFile or < HeaderLength + SHA256.HashSizeInBytes) throw new InvalidDataException($"{FileName} is cut off or far too large.");
        var bytes = File.ReadAllBytes(path);
        var content = bytes.AsSpan(0, bytes.Length - SHA256.HashSizeInBytes);
        if (!content.StartsWith(Magic)) throw new InvalidDataException($"{FileName} is not a ranker of Aisle.");
        var format = BinaryPrimitives.ReadInt32LittleEndian(content[8..]);
        if (format != FormatVersion) throw new InvalidDataException($"{FileName} has format version {format}; this program reads version {FormatVersion}. Train the ranker again.");
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(content.Length))) throw new InvalidDataException($"{FileName} is damaged: its checksum does not match.");
        var length = BinaryPrimitives.ReadInt32LittleEndian(content[16..]);
        if (length < 0 || length > content.Length - HeaderLength) throw new InvalidDataException($"{FileName} is damaged: its report is longer than the file.");
        try
        {
            var report = JsonSerializer.Deserialize(content.Slice(HeaderLength, length), RankerJson.Default.RankerReport) ?? throw new InvalidDataException($"{FileName} has no report.");
            using var stream = new MemoryStream(bytes, HeaderLength + length, content.Length - HeaderLength - length);
            var trees = BoostedTrees.Load(stream);
            this._schema.RequireSame(trees.Schema);
            return new PublishedRanker(BinaryPrimitives.ReadInt32LittleEndian(content[12..]), trees, report);
        }
        catch (Exception failure) when (failure is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{FileName} does not fit: {failure.Message}", failure);
        }
    }
}
