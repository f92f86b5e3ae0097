using System.Collections.Concurrent;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>What a <see cref="TwoTowerTrainer"/> learned: a vector of length 1 for every item and known user, and the user tower for everyone else. Scores are cosines.</summary>
public sealed class TwoTowerModel : ScoringModel
{
    private const int LayoutVersion = 1;

    private readonly UserTower _tower;
    private readonly bool _isOrdered;
    private readonly float[] _inputs;
    private readonly float[] _items;
    private readonly float[] _users;
    private readonly byte[] _isKnown;
    private readonly int _width;
    private readonly PackedMatrix _packedItems;
    private readonly int[] _unknownItems;
    private readonly ConcurrentBag<Tape> _tapes = [];

    /// <param name="inputs">What the user tower reads of each item, items × dimensions.</param>
    /// <param name="items">Items × dimensions.</param>
    /// <param name="users">Users × dimensions; zeros for someone who did nothing.</param>
    /// <param name="isKnown">By item: 1 where anyone touched it or anything is told of it, else 0.</param>
    internal TwoTowerModel(UserTower tower, bool isOrdered, float[] inputs, float[] items, float[] users, byte[] isKnown)
    {
        this._tower = tower;
        this._isOrdered = isOrdered;
        this._inputs = inputs;
        this._items = items;
        this._users = users;
        this._isKnown = isKnown;
        this._width = items.Length / isKnown.Length;
        this._packedItems = PackedMatrix.FromColumns(items, this._width, isKnown.Length, this._width);
        this._unknownItems = [.. Enumerable.Range(0, isKnown.Length).Where(item => isKnown[item] == 0)];
    }

    public override string Name => TwoTowerTrainer.ModelName;

    public override int Users => this._users.Length / this._width;

    public override int Items => this._isKnown.Length;

    /// <summary>An item's place in the space of both towers, length 1: for nearest-neighbour search outside.</summary>
    public ReadOnlySpan<float> VectorOf(int item) => this._items.AsSpan(item * this._width, this._width);

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        var hidden = this._tower.Parameters.Count > 1 ? this._tower.Parameters[1].Columns : 0;
        foreach (var number in (int[])[this.Users, this.Items, this._width, hidden, this._tower.HistoryLength, this._isOrdered ? 1 : 0]) writer.Write(number);
        writer.WriteArray<byte>(this._isKnown);
        ParameterSource.Save(this._tower.Parameters, writer);
        foreach (var vectors in (float[][])[this._inputs, this._items, this._users]) writer.WriteArray<float>(vectors);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static TwoTowerModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, TwoTowerTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var width = reader.ReadInt32("dimensions", 1, 1024);
        var hidden = reader.ReadInt32("the width of the dense layer", 0, 4096);
        var length = reader.ReadInt32("the length of histories", 1, 10_000);
        var isOrdered = reader.ReadInt32("the mark whether histories are in order", 0, 1) == 1;
        var isKnown = reader.ReadArray<byte>("the marks of known items", items);
        if (isKnown.AsSpan().ContainsAnyExcept((byte)0, (byte)1)) throw reader.Broken("a mark of a known item is neither 0 nor 1");
        var tower = new UserTower(new ParameterSource(reader), width, hidden, length);
        var inputs = reader.ReadFiniteArray("what is read of items", (long)items * width);
        var vectors = reader.ReadFiniteArray("the items", (long)items * width);
        return new TwoTowerModel(tower, isOrdered, inputs, vectors, reader.ReadFiniteArray("the users", (long)users * width), isKnown);
    }

    private protected override bool ReadsRows => this._isOrdered;

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        var rows = new float[users.Length * this._width];
        for (var i = 0; i < users.Length; i++) this._users.AsSpan(users[i] * this._width, this._width).CopyTo(rows.AsSpan(i * this._width));
        this.Score(rows, scores);
    }

    private protected override void Score(History history, Span<float> scores) => this.Score(this.VectorOf(history.Items), scores);

    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        if (this._isKnown[item] == 0) scores.Fill(float.NegativeInfinity);
        else this.Score(this.VectorOf(item), scores);
    }

    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        LeaveOneOut.Explain(history, items, contributions, (events, asked) =>
        {
            var user = this.VectorOf(events.AsSpan());
            return Array.ConvertAll(asked, item => this._isKnown[item] == 0 || !IsSomeone(user) ? float.NegativeInfinity : Vectors.Dot(user, this.VectorOf(item)));
        });
        return true;
    }

    /// <summary>A shopper's vector; zeros where nothing of the history is known.</summary>
    private float[] VectorOf(ReadOnlySpan<int> history)
    {
        List<int> known = [];
        foreach (var item in history)
        {
            if (this._isKnown[item] != 0) known.Add(item);
        }

        var values = HistoryExamples.Last(known.ToArray(), this._tower.HistoryLength).ToArray();
        if (values.Length == 0) return new float[this._width];
        if (!this._tapes.TryTake(out var tape)) tape = new Tape(threads: 1, isTraining: false);
        tape.Begin(0);
        var inputs = tape.New(values.Length, this._width, needsGradient: false);
        for (var i = 0; i < values.Length; i++)
        {
            this._inputs.AsSpan(values[i] * this._width, this._width).CopyTo(inputs.Row(i));
            values[i] = i;
        }

        var vector = this._tower.Apply(tape, inputs, [0, values.Length], values, this._isOrdered, told: null, dropRate: 0f).Values.ToArray();
        this._tapes.Add(tape);
        return vector;
    }

    private static bool IsSomeone(ReadOnlySpan<float> user) => user.IndexOfAnyExcept(0f) >= 0;

    private void Score(ReadOnlySpan<float> rows, Span<float> scores)
    {
        var count = rows.Length / this._width;
        Gemm.Multiply(rows, count, this._width, this._packedItems, scores);
        for (var i = 0; i < count; i++)
        {
            var row = scores.Slice(i * this.Items, this.Items);
            if (!IsSomeone(rows.Slice(i * this._width, this._width))) row.Fill(float.NegativeInfinity);
            else foreach (var item in this._unknownItems) row[item] = float.NegativeInfinity;
        }
    }
}
