using System.Globalization;
using System.Security.Cryptography;
using Aisle.Learning.Distributed;

namespace Aisle.Engine.Training;

/// <summary>
/// Checkpoints as files: the named one for the first fit of a program, and beside it <c>NAME.2</c>, <c>NAME.3</c>… for the others. A file is
/// either whole or not there: it is written beside its place, flushed to the disk and moved. It begins with a magic word and ends with the SHA-256
/// of all before.
/// </summary>
/// <param name="path">The first file.</param>
/// <param name="everySteps">Steps between checkpoints beside those at the end of each epoch; 0: none.</param>
public sealed class CheckpointFile(string path, int everySteps = 0)
{
    private static ReadOnlySpan<byte> Magic => "AISLECKP"u8;

    /// <summary>For the fits of one program run.</summary>
    /// <param name="identity">What they depend on: options and data.</param>
    public Checkpoints For(string identity) => new(this.Open, this.Replace, everySteps, identity);

    /// <summary>After success nothing is left to be taken up again.</summary>
    public void Delete()
    {
        for (var fit = 1; File.Exists(this.PathOf(fit)); fit++) File.Delete(this.PathOf(fit));
    }

    private string PathOf(int fit) => fit == 1 ? path : string.Create(CultureInfo.InvariantCulture, $"{path}.{fit}");

    private FileStream? Open(int fit)
    {
        var name = this.PathOf(fit);
        if (!File.Exists(name)) return null;
        var stream = new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        try
        {
            Check(stream);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private void Replace(int fit, Action<Stream> write)
    {
        var name = this.PathOf(fit);
        var unfinished = name + ".part";
        if (Path.GetDirectoryName(Path.GetFullPath(name)) is { } folder) Directory.CreateDirectory(folder);
        using (var stream = new FileStream(unfinished, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 20))
        {
            stream.Write(Magic);
            write(stream);
            stream.Flush();
            stream.Position = 0;
            stream.Write(SHA256.HashData(stream));
            stream.Flush(flushToDisk: true);
        }

        File.Move(unfinished, name, overwrite: true);
    }

    private static void Check(FileStream stream)
    {
        Span<byte> magic = stackalloc byte[Magic.Length];
        if (stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || !magic.SequenceEqual(Magic))
            throw new InvalidDataException($"{stream.Name} is not a checkpoint of Aisle. Name another file.");
        var kept = new byte[SHA256.HashSizeInBytes];
        if (stream.Length < Magic.Length + kept.Length) throw new InvalidDataException($"{stream.Name} is cut off: it has only {stream.Length} bytes. Delete it to start again.");
        stream.Position = stream.Length - kept.Length;
        stream.ReadExactly(kept);
        if (!kept.AsSpan().SequenceEqual(ModelFile.HashOfAllButTheHash(stream)))
            throw new InvalidDataException($"{stream.Name} is damaged: its checksum does not match. Delete it to start again.");
        stream.Position = Magic.Length;
    }
}
