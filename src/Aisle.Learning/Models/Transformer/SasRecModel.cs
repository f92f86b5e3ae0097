using System.Collections.Concurrent;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>
/// The encoder's weights and the last events of each known user. Any shopper is scored from their events, known or not. Items that stand in
/// no sequence of training are unknown and score −∞.
/// </summary>
public sealed class SasRecModel : ScoringModel
{
    private const int LayoutVersion = 1;

    /// <summary>More numbers than this in one matrix cannot be meant.</summary>
    private const int MostNumbers = 1 << 30;

    private readonly SequenceEncoder _encoder;
    private readonly Sequences _recent;
    private readonly PackedMatrix _packedItems;
    private readonly float[] _lengths;
    private readonly byte[] _isKnown;
    private readonly int[] _unknownItems;

    /// <summary>One per thread that is scoring just now: their memory is used again.</summary>
    private readonly ConcurrentBag<Tape> _tapes = [];

    /// <param name="recent">The last events of each user, no more than are read.</param>
    /// <param name="isKnown">By item: 1 where it stands in a sequence of training, else 0.</param>
    internal SasRecModel(SequenceEncoder encoder, Sequences recent, byte[] isKnown)
    {
        this._encoder = encoder;
        this._recent = recent;
        this._isKnown = isKnown;
        var items = encoder.Items;
        this._packedItems = PackedMatrix.FromColumns(items.Values, items.Columns, items.Rows, items.Columns);
        this._lengths = new float[items.Rows];
        for (var item = 0; item < items.Rows; item++) this._lengths[item] = MathF.Sqrt(Vectors.Dot(items.Row(item), items.Row(item)));
        this._unknownItems = [.. Enumerable.Range(0, items.Rows).Where(item => isKnown[item] == 0)];
    }

    public override string Name => SasRecTrainer.ModelName;

    public override int Users => this._recent.Users;

    public override int Items => this._encoder.Shape.Items;

    private protected override History HistoryOf(int user) => new(this._recent.ItemsOf(user));

    /// <summary>All users in one pass.</summary>
    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        var starts = new int[users.Length + 1];
        for (var i = 0; i < users.Length; i++) starts[i + 1] = starts[i] + this._recent.CountOf(users[i]);
        var items = new int[starts[^1]];
        for (var i = 0; i < users.Length; i++) this._recent.ItemsOf(users[i]).CopyTo(items.AsSpan(starts[i]));
        this.ScoreSequences(items, starts, scores);
    }

    private protected override void Score(History history, Span<float> scores)
    {
        var items = history.Items[Math.Max(0, history.Items.Length - this._encoder.Shape.Length)..].ToArray();
        this.ScoreSequences(items, [0, items.Length], scores);
    }

    /// <summary>Cosine of the two items' embeddings.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        if (this._isKnown[item] == 0) return;
        var own = this._encoder.Items.Row(item);
        for (var other = 0; other < scores.Length; other++) scores[other] = Vectors.Dot(own, this._encoder.Items.Row(other)) / (this._lengths[item] * this._lengths[other]);
        foreach (var unknown in this._unknownItems) scores[unknown] = float.NegativeInfinity;
    }

    /// <summary>What a score loses when the event is left out: attention has no sum over events, so these are shares, not parts.</summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        contributions.Clear();
        var count = history.Items.Length;
        var first = Math.Max(0, count - this._encoder.Shape.Length);
        var read = history.Items[first..];
        if (read.Length < 2) return true;

        // The whole first, then each sequence that lacks one event.
        var events = new List<int>(read.ToArray());
        List<int> starts = [0, read.Length];
        for (var left = 0; left < read.Length; left++)
        {
            events.AddRange(read[..left]);
            events.AddRange(read[(left + 1)..]);
            starts.Add(events.Count);
        }

        var tape = this.Tape();
        var states = this._encoder.Encode(tape, [.. events], [.. starts]);
        for (var row = 0; row < items.Length; row++)
        {
            var item = this._encoder.Items.Row(items[row]);
            var whole = Vectors.Dot(states.Row(starts[1] - 1), item);
            for (var left = 0; left < read.Length; left++) contributions[(row * count) + first + left] = whole - Vectors.Dot(states.Row(starts[left + 2] - 1), item);
        }

        this._tapes.Add(tape);
        return true;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        var shape = this._encoder.Shape;
        foreach (var number in (int[])[this.Users, shape.Items, shape.Dimensions, shape.Blocks, shape.Heads, shape.Length]) writer.Write(number);
        writer.Write(shape.DropRate);
        writer.WriteSequences(this._recent);
        writer.WriteArray<byte>(this._isKnown);
        foreach (var parameter in this._encoder.Parameters) writer.WriteArray<float>(parameter.Values);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static SasRecModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, SasRecTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var dimensions = reader.ReadInt32("dimensions", 4, 1024);
        var blocks = reader.ReadInt32("blocks", 1, 24);
        var heads = reader.ReadInt32("heads", 1, 32);
        var length = reader.ReadInt32("length", 2, 1024);
        var dropRate = reader.ReadSingle("the drop rate", 0, 0.9f);
        if (dimensions % heads != 0) throw reader.Broken($"{dimensions} dimensions cannot be shared by {heads} heads");
        if ((long)items * dimensions > MostNumbers) throw reader.Broken($"{items} items of {dimensions} dimensions do not fit in memory");
        var recent = reader.ReadSequences("the events", users, items);
        for (var user = 0; user < users; user++)
        {
            if (recent.CountOf(user) > length) throw reader.Broken($"user {user} has {recent.CountOf(user)} events of which {length} are read");
        }

        var isKnown = reader.ReadArray<byte>("the marks of known items", items);
        if (isKnown.AsSpan().ContainsAnyExcept((byte)0, (byte)1)) throw reader.Broken("a mark of a known item is neither 0 nor 1");
        var encoder = new SequenceEncoder(new SequenceShape(items, dimensions, blocks, heads, length, dropRate), seed: 0);
        foreach (var parameter in encoder.Parameters) reader.ReadFiniteArray(parameter.Name, parameter.Length).CopyTo(parameter.Values);
        return new SasRecModel(encoder, recent, isKnown);
    }

    /// <summary>A model of what an encoder learned from some sequences.</summary>
    internal static SasRecModel Of(SequenceEncoder encoder, Sequences sequences) =>
        new(encoder, sequences.Latest(encoder.Shape.Length), [.. sequences.CountItems().Select(count => (byte)(count > 0 ? 1 : 0))]);

    private void ScoreSequences(int[] items, int[] starts, Span<float> scores)
    {
        var tape = this.Tape();
        var states = this._encoder.Encode(tape, items, starts);
        var count = starts.Length - 1;
        int[] last = [.. Enumerable.Range(0, count).Select(i => starts[i + 1] > starts[i] ? starts[i + 1] - 1 : -1)];
        var asked = tape.Gather(states, last);
        Gemm.Multiply(asked.Values, count, asked.Columns, this._packedItems, scores);
        this._tapes.Add(tape);
        for (var i = 0; i < count; i++)
        {
            var row = scores.Slice(i * this.Items, this.Items);
            if (last[i] < 0) row.Fill(float.NegativeInfinity);
            else foreach (var item in this._unknownItems) row[item] = float.NegativeInfinity;
        }
    }

    private Tape Tape()
    {
        if (!this._tapes.TryTake(out var tape)) tape = new Tape(threads: 1, isTraining: false);
        tape.Begin(0);
        return tape;
    }
}
