using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Writes a model's numbers: a tag with the model's name and layout version, then counted little-endian arrays.</summary>
internal sealed class ModelWriter : IDisposable
{
    internal const uint Mark = 0x4C534941; // "AISL"

    private readonly BinaryWriter _writer;

    public ModelWriter(Stream stream, string model, int version)
    {
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("Model files are little-endian; this processor is not.");
        this._writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        this._writer.Write(Mark);
        this._writer.Write(model);
        this._writer.Write(version);
    }

    public void Write(int value) => this._writer.Write(value);

    public void Write(float value) => this._writer.Write(value);

    /// <summary>A text of any length, as UTF-8.</summary>
    public void WriteText(string text) => this.WriteArray<byte>(Encoding.UTF8.GetBytes(text));

    public void WriteArray<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        this.WriteLength(values.Length);
        this.WriteValues(values);
    }

    /// <summary>Begins an array whose values follow in parts.</summary>
    public void WriteLength(long length) => this._writer.Write(length);

    public void WriteValues<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        while (!values.IsEmpty)
        {
            var part = values[..Math.Min(values.Length, ModelReader.PartBytes / Unsafe.SizeOf<T>())];
            this._writer.Write(MemoryMarshal.AsBytes(part));
            values = values[part.Length..];
        }
    }

    /// <summary>Row starts, columns and weights; times are not kept.</summary>
    public void WriteSparseRows(Interactions rows)
    {
        this.WriteArray(rows.RowStarts);
        this.WriteLength(rows.Count);
        this.WriteArray(rows.AllItems);
        this.WriteArray(rows.AllWeights);
    }

    /// <summary>How often each item occurs, row starts, items, times (none: an empty array) and kinds, where there are any.</summary>
    /// <param name="latest">Of each row so many events at most, the last ones.</param>
    public void WriteSequences(Sequences sequences, int latest = int.MaxValue)
    {
        var counts = new int[sequences.Items];
        var starts = new long[sequences.Users + 1];
        for (var user = 0; user < sequences.Users; user++)
        {
            var row = Latest(sequences.ItemsOf(user), latest);
            foreach (var item in row) counts[item]++;
            starts[user + 1] = starts[user] + row.Length;
        }

        this.WriteArray<int>(counts);
        this.Write((sequences.HasTimes ? 1 : 0) + (sequences.HasKinds ? 2 : 0));
        this.WriteArray<long>(starts);
        this.WriteLength(starts[^1]);
        for (var user = 0; user < sequences.Users; user++) this.WriteValues(Latest(sequences.ItemsOf(user), latest));
        this.WriteLength(sequences.HasTimes ? starts[^1] : 0);
        for (var user = 0; user < sequences.Users; user++) this.WriteValues(Latest(sequences.TimesOf(user), latest));
        if (!sequences.HasKinds) return;
        this.WriteLength(starts[^1]);
        for (var user = 0; user < sequences.Users; user++) this.WriteValues(Latest(sequences.KindsOf(user), latest));
    }

    private static ReadOnlySpan<T> Latest<T>(ReadOnlySpan<T> row, int count) => row[Math.Max(0, row.Length - count)..];

    public void Dispose() => this._writer.Dispose();
}

/// <summary>
/// Reads what <see cref="ModelWriter"/> wrote. Trusts nothing: a length is compared with what the model's shape demands before
/// anything is allocated, and memory grows only with the bytes that really arrive.
/// </summary>
internal sealed class ModelReader : IDisposable
{
    internal const int PartBytes = 1 << 20;

    /// <summary>More users or items than this cannot be meant.</summary>
    private const int MaxRows = 1 << 30;

    private readonly BinaryReader _reader;
    private readonly string _model;

    public ModelReader(Stream stream, string model, int version)
    {
        this._model = model;
        this._reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        if (this.Read(r => r.ReadUInt32()) != ModelWriter.Mark) throw this.Broken("it does not begin with the mark of an Aisle model");
        var found = this.Read(ReadShortString);
        if (found != model) throw this.Broken($"it holds a model named '{found}'");
        var foundVersion = this.Read(r => r.ReadInt32());
        if (foundVersion != version) throw this.Broken($"its layout is version {foundVersion}; this program reads version {version}. Train the model again");
    }

    public int ReadRows(string what) => this.ReadInt32(what, 1, MaxRows);

    public int ReadInt32(string what, int minimum, int maximum)
    {
        var value = this.Read(r => r.ReadInt32());
        return value >= minimum && value <= maximum ? value : throw this.Broken($"{what} is {value}, allowed are {minimum} to {maximum}");
    }

    public float ReadSingle(string what, float minimum, float maximum)
    {
        var value = this.Read(r => r.ReadSingle());
        return value >= minimum && value <= maximum ? value : throw this.Broken($"{what} is {value}, allowed are {minimum} to {maximum}");
    }

    /// <summary>Reads a text of at most <paramref name="maxBytes"/> bytes.</summary>
    public string ReadText(string what, int maxBytes)
    {
        var length = this.Read(r => r.ReadInt64());
        if (length < 0 || length > maxBytes) throw this.Broken($"{what} has {length} bytes; at most {maxBytes} belong there");
        return Encoding.UTF8.GetString(this.ReadValues<byte>(what, length));
    }

    /// <summary>Reads an array that must have <paramref name="expected"/> entries.</summary>
    public T[] ReadArray<T>(string what, long expected)
        where T : unmanaged
    {
        var length = this.Read(r => r.ReadInt64());
        if (length < 0 || length != expected) throw this.Broken($"{what} has {length} entries where {expected} belong");
        if (length > Array.MaxLength) throw this.Broken($"{what} has {length} entries; at most {Array.MaxLength} fit in memory");
        return this.ReadValues<T>(what, length);
    }

    private T[] ReadValues<T>(string what, long length)
        where T : unmanaged
    {
        var stream = this._reader.BaseStream;
        if (stream.CanSeek && stream.Length - stream.Position < length * Unsafe.SizeOf<T>()) throw this.Broken($"it ends within {what}");

        var part = PartBytes / Unsafe.SizeOf<T>();
        var values = new T[stream.CanSeek ? length : Math.Min(length, part)];
        for (var read = 0; read < length;)
        {
            if (read == values.Length) Array.Resize(ref values, (int)Math.Min(length, values.Length * 2L));
            var target = values.AsSpan(read, Math.Min(part, values.Length - read));
            var bytes = MemoryMarshal.AsBytes(target);
            if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length) throw this.Broken($"it ends within {what}");
            read += target.Length;
        }

        return values;
    }

    /// <summary>Refuses a stream that cannot hold what is about to be made room for; one whose length is unknown is read to find out.</summary>
    public void CheckLeft(string what, long bytes)
    {
        var stream = this._reader.BaseStream;
        if (stream.CanSeek && stream.Length - stream.Position < bytes) throw this.Broken($"it ends within {what}");
    }

    public float[] ReadFiniteArray(string what, long expected)
    {
        var values = this.ReadArray<float>(what, expected);
        for (var i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i])) throw this.Broken($"entry {i} of {what} is {values[i]}");
        }

        return values;
    }

    public Interactions ReadSparseRows(string what, int rows, int columns)
    {
        var starts = this.ReadArray<long>($"{what} (row starts)", rows + 1L);
        var count = this.Read(r => r.ReadInt64());
        if (count < 0 || count > Array.MaxLength || count != starts[^1]) throw this.Broken($"{what} claim {count} entries but their rows end at {starts[^1]}");
        try
        {
            return Interactions.FromSortedRows(columns, starts, this.ReadArray<int>($"{what} (columns)", count), this.ReadArray<float>($"{what} (weights)", count));
        }
        catch (ArgumentException failure)
        {
            throw this.Broken($"{what}: {failure.Message}");
        }
    }

    public Sequences ReadSequences(string what, int rows, int items)
    {
        // The counts bind the number of items, which nothing else in the rows does, to bytes that are there.
        var counts = this.ReadArray<int>($"{what} (occurrences of items)", items);
        var marks = this.ReadInt32($"the marks whether {what} have times and kinds", 0, 3);
        var starts = this.ReadArray<long>($"{what} (row starts)", rows + 1L);
        var events = this.ReadArray<int>($"{what} (items)", starts[^1]);
        try
        {
            var sequences = Sequences.FromRows(
                items,
                starts,
                events,
                this.ReadArray<long>($"{what} (times)", (marks & 1) > 0 ? events.Length : 0),
                (marks & 2) > 0 ? this.ReadArray<byte>($"{what} (kinds)", events.Length) : []);
            return counts.AsSpan().SequenceEqual(sequences.CountItems()) ? sequences : throw this.Broken($"{what} do not hold each item as often as is said");
        }
        catch (ArgumentException failure)
        {
            throw this.Broken($"{what}: {failure.Message}");
        }
    }

    /// <summary>Checks options that were read as those that a caller gives are checked.</summary>
    /// <param name="check">Throws an <see cref="ArgumentException"/> for options out of range.</param>
    public void Validate(Action check)
    {
        try
        {
            check();
        }
        catch (ArgumentException failure)
        {
            throw this.Broken(failure.Message);
        }
    }

    public InvalidDataException Broken(string reason) => new($"This is not a usable {this._model} model: {reason}.");

    public void Dispose() => this._reader.Dispose();

    private T Read<T>(Func<BinaryReader, T> read)
    {
        try
        {
            return read(this._reader);
        }
        catch (EndOfStreamException)
        {
            throw this.Broken("it ends too early");
        }
    }

    /// <summary>A name of at most 64 bytes: BinaryReader.ReadString would believe any length.</summary>
    private static string ReadShortString(BinaryReader reader)
    {
        var length = reader.ReadByte();
        if (length > 64) return "?";
        var bytes = reader.ReadBytes(length);
        return bytes.Length == length ? Encoding.UTF8.GetString(bytes) : throw new EndOfStreamException();
    }
}
