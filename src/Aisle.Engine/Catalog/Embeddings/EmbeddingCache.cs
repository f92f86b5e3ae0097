using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Aisle.Engine.Catalog.Embeddings;

/// <summary>
/// Vectors by the hash of model and text, in one file that only grows: hash (32 bytes), dimensions (4), numbers (4 each). A record cut off by
/// a crash, and what follows a damaged one, is dropped and fetched again.
/// </summary>
internal sealed class EmbeddingCache : IDisposable
{
    private const int HeadLength = SHA256.HashSizeInBytes + 4;
    private const int MostDimensions = 65_536;

    private readonly FileStream _file;
    private readonly Dictionary<string, float[]> _vectors = [];

    public EmbeddingCache(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        this._file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        this.Read();
    }

    public static string KeyOf(string model, string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{model}\n{text}")));

    public float[]? Find(string key) => this._vectors.GetValueOrDefault(key);

    public void Add(string key, float[] vector)
    {
        if (!this._vectors.TryAdd(key, vector)) return;
        var record = new byte[HeadLength + (vector.Length * sizeof(float))];
        Convert.FromHexString(key).CopyTo(record, 0);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(SHA256.HashSizeInBytes), vector.Length);
        MemoryMarshal.AsBytes(vector.AsSpan()).CopyTo(record.AsSpan(HeadLength));
        this._file.Write(record);
    }

    public void Flush() => this._file.Flush(flushToDisk: true);

    public void Dispose() => this._file.Dispose();

    private void Read()
    {
        var head = new byte[HeadLength];
        long end = 0;
        while (this._file.ReadAtLeast(head, HeadLength, throwOnEndOfStream: false) == HeadLength)
        {
            var dimensions = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(SHA256.HashSizeInBytes));
            if (dimensions is < 1 or > MostDimensions) break;
            var vector = new float[dimensions];
            var bytes = MemoryMarshal.AsBytes(vector.AsSpan());
            if (this._file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length || !vector.All(float.IsFinite)) break;
            this._vectors[Convert.ToHexString(head, 0, SHA256.HashSizeInBytes)] = vector;
            end = this._file.Position;
        }

        this._file.SetLength(end);
        this._file.Position = end;
    }
}
