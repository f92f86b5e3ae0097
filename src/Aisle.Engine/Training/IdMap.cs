using System.Text;

namespace Aisle.Engine.Training;

/// <summary>The only crossing between the shop's identifiers and Learning's dense indices. Saved with the model.</summary>
public sealed class IdMap
{
    private const int MaxIds = 1 << 30;

    private readonly List<string> _ids = [];
    private readonly Dictionary<string, int> _indices = [];

    public int Count => this._ids.Count;

    public string this[int index] => this._ids[index];

    public int? Find(string id) => this._indices.TryGetValue(id, out var index) ? index : null;

    /// <summary>The index of an id, the next free one if it is new.</summary>
    public int Add(string id)
    {
        if (this._indices.TryGetValue(id, out var index)) return index;
        index = this._ids.Count;
        this._ids.Add(id);
        this._indices.Add(id, index);
        return index;
    }

    public void Save(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(this._ids.Count);
        foreach (var id in this._ids) writer.Write(id);
    }

    /// <exception cref="InvalidDataException">The content is not an id map, or an id stands in it twice.</exception>
    public static IdMap Load(Stream stream)
    {
        using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        var count = reader.ReadInt32();
        if (count is < 0 or > MaxIds) throw new InvalidDataException($"An id map of {count} ids is not possible: the model file is damaged.");
        var map = new IdMap();
        for (var i = 0; i < count; i++)
            if (map.Add(reader.ReadString()) != i) throw new InvalidDataException("The id map holds an id twice: the model file is damaged.");
        return map;
    }
}
