using System.Collections.Concurrent;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>
/// The encoder's weights and the last events of each known user. Any shopper is scored from their events, known or not. Items that stand in
/// no sequence of training are unknown and score −∞.
/// </summary>
public sealed class SequenceModel : ScoringModel
{
    /// <summary>The latest events that explanations look at: with 16, they cost about what reading 270 events does.</summary>
    internal const int ExplainedEvents = 16;

    private const int LayoutVersion = 2;

    /// <summary>More numbers than this in one matrix cannot be meant.</summary>
    private const int MostNumbers = 1 << 30;

    private readonly string _name;
    private readonly ISequenceEncoder _encoder;
    private readonly ItemScoring _scoring;

    /// <summary>What states are multiplied with, items × dimensions.</summary>
    private readonly Tensor _table;
    private readonly Sequences _events;
    private readonly PackedMatrix _packedItems;
    private readonly float[] _lengths;
    private readonly byte[] _isKnown;
    private readonly int[] _unknownItems;

    /// <summary>One per thread that is scoring just now: their memory is used again.</summary>
    private readonly ConcurrentBag<Tape> _tapes = [];

    /// <param name="name">Of the family.</param>
    /// <param name="events">Of each user; the last ones are read, and saved.</param>
    /// <param name="isKnown">By item: 1 where it stands in a sequence of training, else 0.</param>
    internal SequenceModel(string name, ISequenceEncoder encoder, ItemScoring scoring, Sequences events, byte[] isKnown)
    {
        this._name = name;
        this._encoder = encoder;
        this._scoring = scoring;
        this._events = events;
        this._isKnown = isKnown;
        var items = encoder.Items;
        this._table = scoring.Items(new Tape(threads: 1, isTraining: false), items);
        this._packedItems = PackedMatrix.FromColumns(this._table.Values, items.Columns, items.Rows, items.Columns);
        this._lengths = new float[items.Rows];
        for (var item = 0; item < items.Rows; item++) this._lengths[item] = MathF.Sqrt(Vectors.Dot(items.Row(item), items.Row(item)));
        this._unknownItems = [.. Enumerable.Range(0, items.Rows).Where(item => isKnown[item] == 0)];
    }

    public override string Name => this._name;

    public override int Users => this._events.Users;

    public override int Items => this._encoder.Shape.Items;

    private protected override bool ReadsRows => true;

    private protected override History HistoryOf(int user) => new(this.RecentOf(user));

    /// <summary>All users in one pass.</summary>
    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        var starts = new int[users.Length + 1];
        for (var i = 0; i < users.Length; i++) starts[i + 1] = starts[i] + this.RecentOf(users[i]).Length;
        var items = new int[starts[^1]];
        for (var i = 0; i < users.Length; i++) this.RecentOf(users[i]).CopyTo(items.AsSpan(starts[i]));
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

    /// <summary>
    /// What a score loses when the event is left out of the latest few: an encoder has no sum over events, so these are shares, not parts. Each needs
    /// a pass of its own, which makes the cost grow with the square of the events.
    /// </summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        contributions.Clear();
        var count = history.Items.Length;
        var first = Math.Max(0, count - Math.Min(ExplainedEvents, this._encoder.Shape.Length));
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
        var states = this._scoring.States(tape, this._encoder.Next(tape, [.. events], [.. starts]));
        for (var row = 0; row < items.Length; row++)
        {
            var item = this._table.Row(items[row]);
            var whole = Vectors.Dot(states.Row(0), item);
            for (var left = 0; left < read.Length; left++) contributions[(row * count) + first + left] = whole - Vectors.Dot(states.Row(left + 1), item);
        }

        this._tapes.Add(tape);
        return true;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        this._encoder.Shape.Write(writer);
        writer.Write(this._scoring.Temperature);
        writer.WriteSequences(this._events, this._encoder.Shape.Length);
        writer.WriteArray<byte>(this._isKnown);
        foreach (var parameter in this._encoder.Parameters) writer.WriteArray<float>(parameter.Values);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    /// <param name="readShape">Reads what the family's shape wrote, for a number of items.</param>
    internal static SequenceModel Load(string name, Stream stream, Func<ModelReader, int, ISequenceShape> readShape)
    {
        using var reader = new ModelReader(stream, name, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var shape = readShape(reader, items);
        var temperature = reader.ReadSingle("the temperature", 0, 1);
        if ((long)items * shape.Dimensions > MostNumbers) throw reader.Broken($"{items} items of {shape.Dimensions} dimensions do not fit in memory");
        var recent = reader.ReadSequences("the events", users, items);
        for (var user = 0; user < users; user++)
        {
            if (recent.CountOf(user) > shape.Length) throw reader.Broken($"user {user} has {recent.CountOf(user)} events of which {shape.Length} are read");
        }

        var isKnown = reader.ReadArray<byte>("the marks of known items", items);
        if (isKnown.AsSpan().ContainsAnyExcept((byte)0, (byte)1)) throw reader.Broken("a mark of a known item is neither 0 nor 1");
        reader.CheckLeft("the weights", shape.LeastNumbers * sizeof(float));
        var encoder = shape.Encoder(seed: 0);
        foreach (var parameter in encoder.Parameters) reader.ReadFiniteArray(parameter.Name, parameter.Length).CopyTo(parameter.Values);
        return new SequenceModel(name, encoder, new ItemScoring(temperature), recent, isKnown);
    }

    /// <summary>A model of what an encoder learned from some sequences.</summary>
    internal static SequenceModel Of(string name, ISequenceEncoder encoder, ItemScoring scoring, Sequences sequences) =>
        new(name, encoder, scoring, sequences, [.. sequences.CountItems().Select(count => (byte)(count > 0 ? 1 : 0))]);

    /// <summary>What is read of a known user.</summary>
    private ReadOnlySpan<int> RecentOf(int user)
    {
        var items = this._events.ItemsOf(user);
        return items[Math.Max(0, items.Length - this._encoder.Shape.Length)..];
    }

    private void ScoreSequences(int[] items, int[] starts, Span<float> scores)
    {
        var tape = this.Tape();
        var states = this._scoring.States(tape, this._encoder.Next(tape, items, starts));
        var count = starts.Length - 1;
        Gemm.Multiply(states.Values, count, states.Columns, this._packedItems, scores);
        this._tapes.Add(tape);
        for (var i = 0; i < count; i++)
        {
            var row = scores.Slice(i * this.Items, this.Items);
            if (starts[i + 1] == starts[i]) row.Fill(float.NegativeInfinity);
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
