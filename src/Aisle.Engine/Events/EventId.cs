using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Aisle.Engine.Events;

/// <summary>
/// 128 bits that identify an event. Callers may send any text: a UUID is taken as it is, other text becomes the UUID (version 8)
/// of its SHA-256, so that a retry with the same text is the same event.
/// </summary>
public readonly record struct EventId(Guid Value)
{
    public const int MaxLength = 128;

    public static EventId From(string text)
    {
        if (Guid.TryParseExact(text, "D", out var uuid)) return new EventId(uuid);

        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        hash[6] = (byte)(0x80 | (hash[6] & 0x0F));
        hash[8] = (byte)(0x80 | (hash[8] & 0x3F));
        return new EventId(new Guid(hash[..16], bigEndian: true));
    }

    /// <summary>
    /// An id made from what an imported row says: the same row gives the same id in every import. The time leads (as in UUID version 7),
    /// so that ids of a file in time order lie beside each other in the store's index.
    /// </summary>
    public static EventId FromContent(DateTimeOffset time, UInt128 contentHash)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, contentHash);
        var milliseconds = (ulong)time.ToUnixTimeMilliseconds();
        for (var i = 0; i < 6; i++) bytes[i] = (byte)(milliseconds >> (40 - 8 * i));
        bytes[6] = (byte)(0x80 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new EventId(new Guid(bytes, bigEndian: true));
    }

    public override string ToString() => this.Value.ToString("D");
}
