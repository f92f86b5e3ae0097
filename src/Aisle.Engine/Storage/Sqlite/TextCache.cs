using System.Text;

namespace Aisle.Engine.Storage.Sqlite;

/// <summary>
/// Gives equal texts that follow each other closely (the lines of an invoice, the placements of a page) one string. Direct-mapped: a text
/// takes its slot from whatever stood there. Used by one thread at a time.
/// </summary>
internal sealed class TextCache
{
    private const int Slots = 1024;

    /// <summary>Longer texts are rarely repeated.</summary>
    private const int LongestKept = 64;

    private readonly (byte[] Utf8, string Text)[] _slots = new (byte[], string)[Slots];

    public string? Get(Statement row, int column)
    {
        if (row.IsNull(column)) return null;
        var utf8 = row.Bytes(column);
        if (utf8.Length is 0 or > LongestKept) return Encoding.UTF8.GetString(utf8);

        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref var slot = ref this._slots[(uint)hash.ToHashCode() % Slots];
        if (slot.Utf8 is null || !utf8.SequenceEqual(slot.Utf8)) slot = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return slot.Text;
    }
}
