using System.IO.Compression;
using System.Text;
using System.Text.Unicode;

namespace Aisle.Engine.Cleaning;

/// <summary>
/// A file to import, looked through once from end to end before anything else: a damaged or half-copied archive, a binary file and the
/// text's encoding are known before a row is parsed.
/// </summary>
internal sealed class SourceFile
{
    private const int ChunkSize = 1 << 17;
    private const int FirstLineLimit = 1 << 16;

    private readonly long _length;
    private readonly DateTime _writtenAt;
    private bool _compressed;

    private SourceFile(string path)
    {
        this.Path = path;
        this.Name = System.IO.Path.GetFileName(path);
        var info = new FileInfo(path);
        this._length = info.Length;
        this._writtenAt = info.LastWriteTimeUtc;
    }

    public string Path { get; }

    public string Name { get; }

    /// <summary>False where the last line may be half written.</summary>
    public bool EndsWithLineBreak { get; private set; }

    /// <summary>Latin-1 where the bytes are not UTF-8 (exports of older shop systems); null means UTF-8.</summary>
    public Encoding? Encoding { get; private set; }

    /// <summary>The first line, at most 64 KiB of it, without a byte order mark.</summary>
    public string FirstLine { get; private set; } = "";

    /// <exception cref="ImportException">The file is missing, cannot be read, is damaged, empty or not text.</exception>
    public static SourceFile Inspect(string path, Action<double> progress, CancellationToken cancellation)
    {
        try
        {
            var file = new SourceFile(path);
            file.Inspect(progress, cancellation);
            return file;
        }
        catch (InvalidDataException damage)
        {
            throw Damaged(System.IO.Path.GetFileName(path), damage);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ImportException($"{path} cannot be read: {failure.Message} Name a file that exists and that you may read.", failure);
        }
    }

    public static ImportException Damaged(string name, Exception cause) =>
        new($"{name} is a gzip file that breaks off or is damaged. Copy or export it again; `gzip -t` checks it.", cause);

    /// <exception cref="ImportException">The file is not the one that was inspected.</exception>
    public SourceReading Open()
    {
        var stream = new FileStream(this.Path, FileMode.Open, FileAccess.Read, FileShare.Read, ChunkSize, FileOptions.SequentialScan);
        if (stream.Length == this._length && File.GetLastWriteTimeUtc(this.Path) == this._writtenAt) return new SourceReading(stream, this._compressed);
        stream.Dispose();
        throw new ImportException($"{this.Name} changed while it was read. Import it again once nothing writes to it.");
    }

    private void Inspect(Action<double> progress, CancellationToken cancellation)
    {
        this._compressed = IsGzip(this.Path);
        using var reading = this.Open();
        var buffer = new byte[ChunkSize];
        var firstLine = new MemoryStream();
        var carried = 0;
        long total = 0;
        byte last = 0;
        var isUtf8 = true;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var read = reading.Stream.Read(buffer, carried, buffer.Length - carried);
            if (read == 0) break;
            var chunk = buffer.AsSpan(0, carried + read);
            this.RefuseBinary(chunk, total == 0);
            if (total == 0 || (firstLine.Length < FirstLineLimit && !HasLineBreak(firstLine))) firstLine.Write(chunk[carried..]);
            total += read;
            last = chunk[^1];
            carried = isUtf8 ? IncompleteTail(chunk) : 0;
            isUtf8 = isUtf8 && Utf8.IsValid(chunk[..^carried]);
            chunk[^carried..].CopyTo(buffer);
            progress(reading.Fraction);
        }

        if (total == 0) throw new ImportException($"{this.Name} is empty. Export it again; even a file without rows has a header line.");
        this.EndsWithLineBreak = last is (byte)'\n' or (byte)'\r';
        this.Encoding = isUtf8 && carried == 0 ? null : Encoding.Latin1;
        this.FirstLine = ReadFirstLine(firstLine, this.Encoding ?? Encoding.UTF8);
    }

    private static bool IsGzip(string path)
    {
        Span<byte> magic = stackalloc byte[2];
        using var stream = File.OpenRead(path);
        return stream.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic[0] == 0x1F && magic[1] == 0x8B;
    }

    private void RefuseBinary(ReadOnlySpan<byte> chunk, bool atStart)
    {
        if (atStart && chunk.StartsWith("PK\u0003\u0004"u8))
            throw new ImportException($"{this.Name} is a ZIP archive or an Excel workbook. Unpack it, or save it as CSV (UTF-8).");
        if (chunk.Contains((byte)0))
            throw new ImportException($"{this.Name} is not text in UTF-8: it holds zero bytes. Save it as CSV or JSON Lines in UTF-8.");
    }

    /// <summary>Length of a character begun but not finished at the chunk's end, 0 to 3.</summary>
    private static int IncompleteTail(ReadOnlySpan<byte> chunk)
    {
        for (var back = 1; back <= 3 && back <= chunk.Length; back++)
        {
            var value = chunk[^back];
            if (value < 0x80) return 0;
            if (value >= 0xC0) return back < (value >= 0xF0 ? 4 : value >= 0xE0 ? 3 : 2) ? back : 0;
        }

        return 0;
    }

    private static bool HasLineBreak(MemoryStream text) => text.GetBuffer().AsSpan(0, (int)text.Length).IndexOfAny("\r\n"u8) >= 0;

    private static string ReadFirstLine(MemoryStream start, Encoding encoding)
    {
        var bytes = start.GetBuffer().AsSpan(0, (int)Math.Min(start.Length, FirstLineLimit));
        var end = bytes.IndexOfAny("\r\n"u8);
        return encoding.GetString(end < 0 ? bytes : bytes[..end]).TrimStart('\uFEFF');
    }
}

/// <summary>One reading of a source file, unpacked.</summary>
internal sealed class SourceReading : IDisposable
{
    private readonly FileStream _file;

    public SourceReading(FileStream file, bool compressed)
    {
        this._file = file;
        this.Stream = compressed ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    public Stream Stream { get; }

    /// <summary>Share of the file's bytes read so far.</summary>
    public double Fraction => this._file.Length == 0 ? 1 : (double)this._file.Position / this._file.Length;

    public void Dispose()
    {
        this.Stream.Dispose();
        this._file.Dispose();
    }
}
