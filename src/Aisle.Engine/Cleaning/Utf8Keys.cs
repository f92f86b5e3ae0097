using System.Buffers;
using System.Text;

namespace Aisle.Engine.Cleaning;

/// <summary>Lets a dictionary with text keys be asked with UTF-8 bytes, so that a row's ids become strings only when they are new.</summary>
internal sealed class Utf8Keys : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
{
    public static readonly Utf8Keys Comparer = new();

    public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

    public int GetHashCode(string text)
    {
        var size = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = null;
        var buffer = size <= 512 ? stackalloc byte[512] : rented = ArrayPool<byte>.Shared.Rent(size);
        var hash = this.GetHashCode(buffer[..Encoding.UTF8.GetBytes(text, buffer)]);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = new HashCode();
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    public bool Equals(ReadOnlySpan<byte> alternate, string other) =>
        alternate.Length >= other.Length && alternate.Length <= other.Length * 3 && Same(alternate, other);

    public string Create(ReadOnlySpan<byte> alternate) => Encoding.UTF8.GetString(alternate);

    private static bool Same(ReadOnlySpan<byte> utf8, string text)
    {
        if (utf8.Length == text.Length) return Ascii.Equals(utf8, text);
        Span<byte> buffer = stackalloc byte[512];
        return Encoding.UTF8.TryGetBytes(text, buffer, out var written) ? utf8.SequenceEqual(buffer[..written]) : utf8.SequenceEqual(Encoding.UTF8.GetBytes(text));
    }
}

/// <summary>Gives the same string for the same bytes; bounded by the number of distinct values that it may hold.</summary>
internal sealed class Utf8Pool(int capacity)
{
    private readonly HashSet<string> _texts = new(Utf8Keys.Comparer);

    public string Get(ReadOnlySpan<byte> utf8)
    {
        var lookup = this._texts.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (lookup.TryGetValue(utf8, out var text)) return text;
        text = Encoding.UTF8.GetString(utf8);
        if (this._texts.Count < capacity) this._texts.Add(text);
        return text;
    }
}
