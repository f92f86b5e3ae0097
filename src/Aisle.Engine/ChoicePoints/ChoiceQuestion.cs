using System.Text;

namespace Aisle.Engine.ChoicePoints;

/// <summary>One of those among which is chosen.</summary>
public sealed record ChoiceAction(string Id, IReadOnlyDictionary<string, FeatureValue> Features);

/// <summary>What is to be decided: checked by <see cref="ChoiceRules"/>.</summary>
/// <param name="Context">Features of the moment, and those of the shopper as they were then.</param>
/// <param name="Actions">In the caller's own order, best first.</param>
public sealed record ChoiceQuestion(IReadOnlyDictionary<string, FeatureValue> Context, IReadOnlyList<ChoiceAction> Actions)
{
    private const byte Layout = 1;
    private const int MostNames = 1000;
    private const int MostActions = 10_000;

    /// <summary>The actions' numbers in the policy.</summary>
    internal long[] Numbers() => [.. this.Actions.Select(action => StableHash.Of(action.Id))];

    /// <summary>Names of features once, then values with the numbers of their names.</summary>
    internal byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        var names = new Dictionary<string, int>();
        foreach (var known in this.Actions.Select(action => action.Features).Prepend(this.Context))
        {
            foreach (var name in known.Keys) names.TryAdd(name, names.Count);
        }

        writer.Write(Layout);
        writer.Write7BitEncodedInt(names.Count);
        foreach (var name in names.Keys) writer.Write(name);
        Write(writer, names, this.Context);
        writer.Write7BitEncodedInt(this.Actions.Count);
        foreach (var action in this.Actions)
        {
            writer.Write(action.Id);
            Write(writer, names, action.Features);
        }

        writer.Flush();
        return bytes.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no question.</exception>
    internal static ChoiceQuestion FromBytes(ReadOnlySpan<byte> given)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(given.ToArray()), Encoding.UTF8);
            if (reader.ReadByte() != Layout) throw new InvalidDataException("A logged decision was written by a newer Aisle; start a newer one.");
            var names = new string[Count(reader, MostNames)];
            for (var i = 0; i < names.Length; i++) names[i] = reader.ReadString();
            var context = Read(reader, names);
            var actions = new ChoiceAction[Count(reader, MostActions)];
            for (var i = 0; i < actions.Length; i++) actions[i] = new ChoiceAction(reader.ReadString(), Read(reader, names));
            return new ChoiceQuestion(context, actions);
        }
        catch (Exception failure) when (failure is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException("A logged decision is damaged; restore the store from a backup.", failure);
        }
    }

    private static void Write(BinaryWriter writer, Dictionary<string, int> names, IReadOnlyDictionary<string, FeatureValue> features)
    {
        writer.Write7BitEncodedInt(features.Count);
        foreach (var (name, value) in features)
        {
            writer.Write7BitEncodedInt(names[name]);
            writer.Write(value.Text is not null);
            if (value.Text is { } text) writer.Write(text);
            else writer.Write(value.Number);
        }
    }

    private static Dictionary<string, FeatureValue> Read(BinaryReader reader, string[] names)
    {
        var count = Count(reader, names.Length);
        var features = new Dictionary<string, FeatureValue>(count);
        for (var i = 0; i < count; i++)
        {
            var name = names[Math.Max(0, Math.Min(Count(reader, names.Length), names.Length - 1))];
            features[name] = reader.ReadBoolean() ? new FeatureValue(0, reader.ReadString()) : new FeatureValue(reader.ReadSingle(), null);
        }

        return features;
    }

    private static int Count(BinaryReader reader, int most) =>
        reader.Read7BitEncodedInt() is var count && count >= 0 && count <= most ? count : throw new InvalidDataException("A logged decision is damaged; restore the store from a backup.");
}

/// <summary>A decision as it is logged.</summary>
public sealed record ChoiceRecord
{
    /// <summary>Of the store; 0 before it is stored.</summary>
    public long Sequence { get; init; }

    public required string Choice { get; init; }

    public required string Id { get; init; }

    public string? User { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>From here on rewards are late.</summary>
    public required DateTimeOffset ClosesAt { get; init; }

    public required ChoiceMode Mode { get; init; }

    public required ChoiceQuestion Question { get; init; }

    /// <summary>Indices of the question's actions, from the top place down.</summary>
    public required int[] Chosen { get; init; }

    /// <summary>For each place the probability of what stands there, given what stands above.</summary>
    public required double[] Propensities { get; init; }

    /// <summary>For each place the reward that came; not a number where none did.</summary>
    public required double[] Rewards { get; init; }

    /// <summary>Its place in the order of learning; null while it waits.</summary>
    public long? Settled { get; init; }

    public DateTimeOffset? SettledAt { get; init; }
}
