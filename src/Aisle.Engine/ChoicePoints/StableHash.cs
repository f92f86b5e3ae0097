using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Aisle.Engine.ChoicePoints;

/// <summary>A number for a text, the same in every process: the first 8 bytes of its SHA-256.</summary>
internal static class StableHash
{
    public static long Of(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}
