using System.Collections.Concurrent;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>A trained <see cref="DinTrainer"/> network and the last events of each known user. Anyone is scored from their events, known or not.</summary>
public sealed class DinModel : ScoringModel
{
    private const int LayoutVersion = 1;

    /// <summary>Numbers of the attention that are held at a time, whatever the catalogue.</summary>
    private const int BlockNumbers = 1 << 18;

    private readonly DinNetwork _network;
    private readonly bool _isOrdered;
    private readonly float[] _inputs;
    private readonly byte[] _isKnown;
    private readonly int[] _knownItems;
    private readonly Sequences _recent;
    private readonly ConcurrentBag<Tape> _tapes = [];

    /// <param name="inputs">What is read of each item, items × dimensions.</param>
    /// <param name="isKnown">By item: 1 where anyone touched it or anything is told of it, else 0.</param>
    /// <param name="recent">The last events of each user.</param>
    internal DinModel(DinNetwork network, bool isOrdered, float[] inputs, byte[] isKnown, Sequences recent)
    {
        this._network = network;
        this._isOrdered = isOrdered;
        this._inputs = inputs;
        this._isKnown = isKnown;
        this._knownItems = [.. Enumerable.Range(0, isKnown.Length).Where(item => isKnown[item] == 1)];
        this._recent = recent;
    }

    public override string Name => DinTrainer.ModelName;

    public override int Users => this._recent.Users;

    public override int Items => this._isKnown.Length;

    private int Width => this._network.Shape.Dimensions;

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        var shape = this._network.Shape;
        foreach (var number in (int[])[this.Users, this.Items, shape.Dimensions, shape.AttentionHidden, shape.Hidden, shape.HistoryLength, this._isOrdered ? 1 : 0]) writer.Write(number);
        writer.WriteArray<byte>(this._isKnown);
        writer.WriteSequences(this._recent);
        ParameterSource.Save(this._network.Parameters, writer);
        writer.WriteArray<float>(this._inputs);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static DinModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, DinTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var shape = new DinShape(
            items,
            reader.ReadInt32("dimensions", 1, 512),
            reader.ReadInt32("the width of the attention", 1, 512),
            reader.ReadInt32("the width of the dense layer", 1, 4096),
            reader.ReadInt32("the length of histories", 1, 1000));
        var isOrdered = reader.ReadInt32("the mark whether histories are in order", 0, 1) == 1;
        var isKnown = reader.ReadArray<byte>("the marks of known items", items);
        if (isKnown.AsSpan().ContainsAnyExcept((byte)0, (byte)1)) throw reader.Broken("a mark of a known item is neither 0 nor 1");
        var recent = reader.ReadSequences("the events", users, items);
        var network = new DinNetwork(new ParameterSource(reader), shape);
        return new DinModel(network, isOrdered, reader.ReadFiniteArray("what is read of items", (long)items * shape.Dimensions), isKnown, recent);
    }

    private protected override bool ReadsRows => this._isOrdered;

    private protected override History HistoryOf(int user) => new(this._recent.ItemsOf(user));

    private protected override void Score(History history, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        var asked = this.ScoresOf(history.Items.ToArray(), this._knownItems);
        for (var i = 0; i < asked.Length; i++) scores[this._knownItems[i]] = asked[i];
    }

    /// <summary>Cosine of what is read of the two items.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        if (this._isKnown[item] == 0) return;
        var own = this.Row(item);
        foreach (var other in this._knownItems)
            scores[other] = Vectors.Dot(own, this.Row(other)) / MathF.Sqrt(Math.Max(1e-30f, Vectors.Dot(own, own) * Vectors.Dot(this.Row(other), this.Row(other))));
    }

    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        LeaveOneOut.Explain(history, items, contributions, (events, asked) =>
        {
            var scores = this.ScoresOf(events, asked);
            for (var i = 0; i < asked.Length; i++)
            {
                if (this._isKnown[asked[i]] == 0) scores[i] = float.NegativeInfinity;
            }

            return scores;
        });
        return true;
    }

    /// <summary>Scores of some items; −∞ for a history of which nothing is known.</summary>
    private float[] ScoresOf(int[] history, int[] items)
    {
        var known = Array.FindAll(history, item => this._isKnown[item] == 1);
        var read = HistoryExamples.Last(known, this._network.Shape.HistoryLength).ToArray();
        var scores = new float[items.Length];
        if (read.Length == 0)
        {
            scores.AsSpan().Fill(float.NegativeInfinity);
            return scores;
        }

        if (!this._tapes.TryTake(out var tape)) tape = new Tape(threads: 1, isTraining: false);
        var block = Math.Clamp(BlockNumbers / (read.Length * this._network.Shape.AttentionHidden), 16, 1024);
        for (var first = 0; first < items.Length; first += block)
        {
            tape.Begin(0);
            var part = items.AsSpan(first, Math.Min(block, items.Length - first));
            this._network.ScoreBlock(tape, this.Rows(tape, part), this.Rows(tape, read), this._isOrdered).Values.CopyTo(scores.AsSpan(first));
        }

        this._tapes.Add(tape);
        return scores;
    }

    private ReadOnlySpan<float> Row(int item) => this._inputs.AsSpan(item * this.Width, this.Width);

    private Tensor Rows(Tape tape, ReadOnlySpan<int> items)
    {
        var rows = tape.New(items.Length, this.Width, needsGradient: false);
        for (var i = 0; i < items.Length; i++) this.Row(items[i]).CopyTo(rows.Row(i));
        return rows;
    }
}
