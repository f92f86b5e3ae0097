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
    public const int None = PublishedVersions<PublishedRanker>.None;

    private const int FormatVersion = 1;
    private const int HeaderLength = 20;
    private const long LargestFile = 1L << 30;

    private readonly PublishedVersions<PublishedRanker> _versions;
    private readonly FeatureSchema _schema;

    public RankerRegistry(string directory, FeatureSchema schema, ILogger<RankerRegistry> log)
    {
        this._schema = schema;
        this._versions = new PublishedVersions<PublishedRanker>(directory, "trees", "ranker", this.Load, log, none: "the order by score");
    }

    private static ReadOnlySpan<byte> Magic => "AISLERNK"u8;

    /// <summary>Null until the first is published, and while the order by score was chosen.</summary>
    public PublishedRanker? Serving => this._versions.Serving;

    /// <summary>Reports of the versions on disk, newest first; a damaged file is left out and logged.</summary>
    public IReadOnlyList<RankerReport> Versions() => this._versions.ReadAll((path, version) => Read(path).Report with { Version = version });

    /// <summary>Loads what the pointer names if it is not in memory yet. On failure the last good ranker goes on serving.</summary>
    /// <returns>Whether another ranker serves now.</returns>
    public bool Refresh() => this._versions.Refresh();

    /// <summary>Makes a version on disk the serving one, or with <see cref="None"/> the order by score: a rollback, or its undoing.</summary>
    /// <exception cref="ArgumentException">There is no such version; the message lists those there are.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or made for other features; what served goes on serving.</exception>
    public PublishedRanker? Activate(int version) => this._versions.Activate(version);

    /// <summary>Writes a new version, makes it the serving one and removes the oldest beyond <paramref name="keep"/>.</summary>
    /// <returns>The report with the version that the ranker got.</returns>
    internal RankerReport Publish(BoostedTrees trees, Func<int, RankerReport> report, int keep)
    {
        this._schema.RequireSame(trees.Schema);
        return this._versions.Publish(
            (path, version) =>
            {
                using var stream = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
                Write(stream, trees, report(version));
            },
            keep).Report;
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

    private PublishedRanker Load(string path, int version)
    {
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
