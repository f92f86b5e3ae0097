using System.Collections.Concurrent;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>By what a number is brought to mean 0 and variance 1.</summary>
internal readonly record struct NumberScale(float Mean, float Deviation)
{
    /// <summary>Logarithms that differ by less are alike: without it, the first history of another length would be out of all range.</summary>
    private const double LeastDeviation = 0.3;

    /// <summary>Deviations beyond which a number says no more than that it is far out.</summary>
    private const float Farthest = 3f;

    public static NumberScale Of(IEnumerable<double> numbers)
    {
        var all = numbers.ToArray();
        if (all.Length == 0) return new NumberScale(0, 1);
        var mean = all.Average();
        return new NumberScale((float)mean, (float)Math.Max(LeastDeviation, Math.Sqrt(all.Average(number => (number - mean) * (number - mean)))));
    }

    public float Of(float number) => float.IsFinite(number) ? Math.Clamp((number - this.Mean) / this.Deviation, -Farthest, Farthest) : 0f;
}

/// <summary>A trained <see cref="ClickTrainer"/> network. Beside scoring all items for a shopper it predicts explicit rows of features.</summary>
public sealed class ClickModel : ScoringModel
{
    private const int LayoutVersion = 1;

    /// <summary>Rows that go through the network at a time.</summary>
    private const int Block = 1024;

    private const int MostFields = 256;

    private readonly ClickNetwork _network;
    private readonly ClickFeatures _features;
    private readonly NumberScale[] _scales;
    private readonly Sequences _recent;
    private readonly int[] _knownItems;
    private readonly ConcurrentBag<Tape> _tapes = [];

    /// <param name="recent">The last events of each user.</param>
    internal ClickModel(ClickNetwork network, ClickFeatures features, NumberScale[] scales, Sequences recent)
    {
        this._network = network;
        this._features = features;
        this._scales = scales;
        this._recent = recent;
        this._knownItems = [.. Enumerable.Range(0, recent.Items).Where(features.IsKnown)];
    }

    public override string Name => ClickTrainer.ModelName;

    public override int Users => this._recent.Users;

    public override int Items => this._recent.Items;

    /// <summary>The categorical features of a row, in order.</summary>
    public IReadOnlyList<ClickField> Fields => this._features.Fields;

    /// <summary>The numeric features of a row, in order.</summary>
    public static IReadOnlyList<string> Numbers => ClickFeatures.Numbers;

    /// <summary>Rows for a shopper and some items.</summary>
    /// <param name="user">A known user, whose attributes are read; −1 for someone unknown.</param>
    /// <param name="when">The moment at which the items are shown; null where it does not matter.</param>
    public ClickRows RowsFor(History history, ReadOnlySpan<int> items, int user = -1, DateTimeOffset? when = null)
    {
        TrainingInput.CheckHistory(this, history);
        foreach (var item in items) TrainingInput.CheckItem(this, item);
        if (user != -1) TrainingInput.CheckUsers(this, [user]);
        return this.Rows(this.Read(history.Items), items, user, when?.ToUnixTimeSeconds());
    }

    /// <summary>Rows of features that the caller made.</summary>
    /// <exception cref="ArgumentException">A row has another number of fields or numbers than the model, or a value that there is not; the message names it.</exception>
    public ClickRows RowsOf(IReadOnlyList<ClickRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var made = this._features.New(rows.Count);
        for (var row = 0; row < rows.Count; row++)
        {
            var given = rows[row];
            if (given.Values.Count != this.Fields.Count || given.Numbers.Length != Numbers.Count)
                throw new ArgumentException($"{this.Name}: row {row} has {given.Values.Count} fields and {given.Numbers.Length} numbers; the model reads {this.Fields.Count} and {Numbers.Count}.");
            for (var field = 0; field < this.Fields.Count; field++)
            {
                var wrong = Array.FindIndex(given.Values[field], value => (uint)value >= (uint)this.Fields[field].Values);
                if (wrong >= 0) throw new ArgumentException($"{this.Name}: row {row} has value {given.Values[field][wrong]} of {this.Fields[field].Name}; values are 0 to {this.Fields[field].Values - 1}.");
                if (given.Values[field].Length > 0) made.Fields[field].Bags[row] = made.Fields[field].Add(given.Values[field]);
            }

            given.Numbers.CopyTo(made.Numbers, row * Numbers.Count);
        }

        return made;
    }

    /// <summary>
    /// The chance of each row to be taken up, beside as many drawn items as in training: right in order and in proportion, but not the rate of a
    /// shop, where other things are shown. Calibrate it on what was shown.
    /// </summary>
    /// <param name="probabilities">One a row; overwritten.</param>
    public void Predict(ClickRows rows, Span<float> probabilities)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (probabilities.Length != rows.Count) throw new ArgumentException($"{this.Name}: room for {probabilities.Length} probabilities was given; {rows.Count} rows need {rows.Count}.");
        if (rows.Fields.Count != this.Fields.Count) throw new ArgumentException($"{this.Name}: the rows have {rows.Fields.Count} fields, the model {this.Fields.Count}; make them by the same model.");
        this.ScoreRows(rows, probabilities);
        foreach (ref var probability in probabilities) probability = 1f / (1f + MathF.Exp(-probability));
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        var shape = this._network.Shape;
        int[] numbers =
        [
            this.Users, this.Items, (int)shape.Interaction, shape.Dimensions, shape.CrossLayers, shape.Hidden, shape.Layers,
            this._features.HistoryLength, this._features.IsOrdered ? 1 : 0, this._features.ItemFields.Count, this._features.UserFields.Count,
        ];
        foreach (var number in numbers) writer.Write(number);
        writer.WriteArray<int>(this._features.Counts);
        writer.WriteSequences(this._recent);
        foreach (var field in this._features.ItemFields.Concat(this._features.UserFields))
        {
            writer.WriteText(field.Name);
            writer.Write(field.Rows.Items);
            writer.WriteSparseRows(field.Rows);
        }

        foreach (var scale in this._scales)
        {
            writer.Write(scale.Mean);
            writer.Write(scale.Deviation);
        }

        ParameterSource.Save(this._network.Parameters, writer);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static ClickModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, ClickTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var interaction = (ClickInteraction)reader.ReadInt32("the kind of interaction", 0, (int)ClickInteraction.DeepFm);
        var dimensions = reader.ReadInt32("dimensions", 1, 256);
        var crossLayers = reader.ReadInt32("the number of cross layers", 1, 6);
        var hidden = reader.ReadInt32("the width of the tower", 1, 4096);
        var layers = reader.ReadInt32("the layers of the tower", 1, 6);
        var historyLength = reader.ReadInt32("the length of histories", 1, 1000);
        var isOrdered = reader.ReadInt32("the mark whether histories are in order", 0, 1) == 1;
        int itemFields = reader.ReadInt32("the fields of items", 0, MostFields), userFields = reader.ReadInt32("the fields of users", 0, MostFields);
        var counts = reader.ReadArray<int>("the interactions of items", items);
        if (Array.Exists(counts, count => count < 0)) throw reader.Broken("an item was taken up less than never");
        var recent = reader.ReadSequences("the events", users, items);
        var told = Enumerable.Range(0, itemFields + userFields).Select(field => ReadField(reader, field < itemFields ? items : users)).ToArray();
        var features = new ClickFeatures(told[..itemFields], told[itemFields..], counts, isOrdered, historyLength);
        var scales = Numbers.Select(name => new NumberScale(reader.ReadSingle($"the mean of {name}", -1e6f, 1e6f), reader.ReadSingle($"the deviation of {name}", 1e-6f, 1e6f))).ToArray();
        var shape = new ClickShape([.. features.Fields.Select(field => field.Values)], Numbers.Count, interaction, dimensions, crossLayers, hidden, layers);
        return new ClickModel(new ClickNetwork(new ParameterSource(reader), shape), features, scales, recent);
    }

    /// <summary>Numbers brought to mean 0 and variance 1; 0 where one is not known.</summary>
    internal float[] Scaled(ClickRows rows)
    {
        var scaled = new float[rows.Numbers.Length];
        for (var i = 0; i < scaled.Length; i++) scaled[i] = this._scales[i % this._scales.Length].Of(rows.Numbers[i]);
        return scaled;
    }

    private protected override bool ReadsRows => this._features.IsOrdered;

    private protected override History HistoryOf(int user) => new(this._recent.ItemsOf(user));

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        for (var i = 0; i < users.Length; i++) this.ScoreAll(this._recent.ItemsOf(users[i]), users[i], scores.Slice(i * this.Items, this.Items));
    }

    private protected override void Score(History history, Span<float> scores) => this.ScoreAll(history.Items, -1, scores);

    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        LeaveOneOut.Explain(history, items, contributions, (events, asked) =>
        {
            var scores = new float[asked.Length];
            var read = this.Read(events);
            if (read.Length > 0) this.ScoreRows(this.Rows(read, asked, -1, null), scores);
            for (var i = 0; i < scores.Length; i++)
            {
                if (read.Length == 0 || !this._features.IsKnown(asked[i])) scores[i] = float.NegativeInfinity;
            }

            return scores;
        });
        return true;
    }

    private static ToldField ReadField(ModelReader reader, int rows)
    {
        var name = reader.ReadText("the name of a field", 10_000);
        var values = reader.ReadInt32("the values of a field", 0, int.MaxValue);
        return new ToldField(name, reader.ReadSparseRows(name, rows, values));
    }

    private void ScoreAll(ReadOnlySpan<int> history, int user, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        var read = this.Read(history);
        if (read.Length == 0) return;
        var part = new float[Block];
        for (var first = 0; first < this._knownItems.Length; first += Block)
        {
            var items = this._knownItems.AsSpan(first, Math.Min(Block, this._knownItems.Length - first));
            this.ScoreRows(this.Rows(read, items, user, null), part.AsSpan(0, items.Length));
            for (var i = 0; i < items.Length; i++) scores[items[i]] = part[i];
        }
    }

    private ClickRows Rows(int[] history, ReadOnlySpan<int> items, int user, long? when)
    {
        var rows = this._features.New(items.Length);
        this._features.WriteShopper(rows, 0, items.Length, history, user, when);
        for (var i = 0; i < items.Length; i++) this._features.WriteItem(rows, i, items[i], withId: true);
        return rows;
    }

    /// <summary>What is read of a history: the last events about which anything was learned.</summary>
    private int[] Read(ReadOnlySpan<int> history)
    {
        List<int> known = [];
        foreach (var item in history)
        {
            if (this._features.Counts[item] > 0) known.Add(item);
        }

        return HistoryExamples.Last(known.ToArray(), this._features.HistoryLength).ToArray();
    }

    private void ScoreRows(ClickRows rows, Span<float> scores)
    {
        if (!this._tapes.TryTake(out var tape)) tape = new Tape(threads: 1, isTraining: false);
        tape.Begin(0);
        this._network.Scores(tape, rows, this.Scaled(rows), dropRate: 0f).Values.CopyTo(scores);
        this._tapes.Add(tape);
    }
}
