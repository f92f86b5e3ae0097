using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Aisle.Engine.Ranking;

/// <summary>
/// Feature values as they are stored: their number in a row, then row by row a bit for each that is known and the known ones as float32. Half of
/// them are usually missing; what is read is to the bit what was written.
/// </summary>
internal static class FeatureBlob
{
    private const int MaxColumns = 1024;

    public static byte[] Pack(ReadOnlySpan<float> features, int rows)
    {
        var columns = rows == 0 ? 0 : features.Length / rows;
        var maskLength = (columns + 7) / 8;
        var blob = new byte[2 + rows * maskLength + features.Length * sizeof(float)];
        BinaryPrimitives.WriteUInt16LittleEndian(blob, (ushort)columns);
        var at = 2;
        for (var row = 0; row < rows; row++)
        {
            var mask = blob.AsSpan(at, maskLength);
            at += maskLength;
            for (var column = 0; column < columns; column++)
            {
                var value = features[row * columns + column];
                if (float.IsNaN(value)) continue;
                mask[column >> 3] |= (byte)(1 << (column & 7));
                MemoryMarshal.Write(blob.AsSpan(at), value);
                at += sizeof(float);
            }
        }

        return blob[..at];
    }

    /// <returns>Null where the blob does not hold so many rows.</returns>
    public static float[]? Unpack(ReadOnlySpan<byte> blob, int rows)
    {
        if (blob.Length < 2) return null;
        int columns = BinaryPrimitives.ReadUInt16LittleEndian(blob);
        var maskLength = (columns + 7) / 8;
        if (columns > MaxColumns || blob.Length < 2 + (long)rows * maskLength) return null;
        var features = new float[rows * columns];
        features.AsSpan().Fill(float.NaN);
        var at = 2;
        for (var row = 0; row < rows; row++)
        {
            if (blob.Length - at < maskLength) return null;
            var mask = blob.Slice(at, maskLength);
            at += maskLength;
            for (var column = 0; column < columns; column++)
            {
                if ((mask[column >> 3] & (1 << (column & 7))) == 0) continue;
                if (blob.Length - at < sizeof(float)) return null;
                features[row * columns + column] = MemoryMarshal.Read<float>(blob[at..]);
                at += sizeof(float);
            }
        }

        return at == blob.Length ? features : null;
    }
}
