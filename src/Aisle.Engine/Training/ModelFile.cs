using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace Aisle.Engine.Training;

/// <summary>
/// The layout of a model file: magic and format version, the id maps, each model's numbers, the manifest, where the manifest starts,
/// and the SHA-256 of all that.
/// </summary>
internal static class ModelFile
{
    private const int FormatVersion = 1;
    private const int HeaderLength = 12;
    private const int FooterLength = 8 + SHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Magic => "AISLEMDL"u8;

    /// <summary>Writes the whole file durably; <paramref name="parts"/> come without offsets and get them here.</summary>
    public static void Write(
        string path, ModelManifest manifest, IdMap users, IdMap items, IReadOnlyList<(ModelPart Part, Action<Stream> Save)> parts)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 20);
        stream.Write(Magic);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(number, FormatVersion);
        stream.Write(number[..4]);
        users.Save(stream);
        items.Save(stream);

        var placed = new List<ModelPart>();
        foreach (var (part, save) in parts)
        {
            var offset = stream.Position;
            save(stream);
            placed.Add(part with { Offset = offset, Length = stream.Position - offset });
        }

        var manifestAt = stream.Position;
        JsonSerializer.Serialize(stream, manifest with { Parts = placed }, ModelJson.Default.ModelManifest);
        BinaryPrimitives.WriteInt64LittleEndian(number, manifestAt);
        stream.Write(number);

        stream.Flush();
        stream.Position = 0;
        stream.Write(SHA256.HashData(stream));
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Checks all of a file before anything of it is believed.</summary>
    /// <exception cref="InvalidDataException">Not a model file, of another format version, cut off or changed.</exception>
    public static ModelManifest ReadManifest(FileStream stream)
    {
        var name = Path.GetFileName(stream.Name);
        if (stream.Length < HeaderLength + FooterLength) throw new InvalidDataException($"{name} is cut off: it has only {stream.Length} bytes.");

        Span<byte> header = stackalloc byte[HeaderLength];
        stream.Position = 0;
        stream.ReadExactly(header);
        if (!header.StartsWith(Magic)) throw new InvalidDataException($"{name} is not a model file of Aisle.");
        var version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (version != FormatVersion)
            throw new InvalidDataException($"{name} has format version {version}; this program reads version {FormatVersion}. Train again, or use the program that wrote it.");

        Span<byte> footer = stackalloc byte[FooterLength];
        stream.Position = stream.Length - FooterLength;
        stream.ReadExactly(footer);
        if (!footer[8..].SequenceEqual(HashOfAllButTheHash(stream)))
            throw new InvalidDataException($"{name} is damaged: its checksum does not match.");

        var manifestAt = BinaryPrimitives.ReadInt64LittleEndian(footer);
        var manifest = new byte[stream.Length - FooterLength - manifestAt];
        stream.Position = manifestAt;
        stream.ReadExactly(manifest);
        return JsonSerializer.Deserialize(manifest, ModelJson.Default.ModelManifest)
            ?? throw new InvalidDataException($"{name} has no manifest.");
    }

    /// <summary>The id maps of a file that <see cref="ReadManifest"/> has checked.</summary>
    public static (IdMap Users, IdMap Items) ReadIds(FileStream stream)
    {
        stream.Position = HeaderLength;
        return (IdMap.Load(stream), IdMap.Load(stream));
    }

    internal static byte[] HashOfAllButTheHash(FileStream stream)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var left = stream.Length - SHA256.HashSizeInBytes;
        var buffer = new byte[1 << 20];
        stream.Position = 0;
        while (left > 0)
        {
            var read = stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0) break;
            hash.AppendData(buffer, 0, read);
            left -= read;
        }

        return hash.GetHashAndReset();
    }
}
