using System.Collections.Concurrent;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>A trained <see cref="NeuMfTrainer"/> network. Users and items whose vectors are zeros are unknown and score −∞.</summary>
public sealed class NeuMfModel : ScoringModel
{
    private const int LayoutVersion = 1;

    /// <summary>Items that go through the tower at a time.</summary>
    private const int Block = 1024;

    /// <summary>A step of the fold-in, as a share of the usual size of a shopper's numbers.</summary>
    private const double FoldInRate = 0.3;

    private const int FoldInStream = 0x464F;

    private readonly NeuMfNetwork _network;
    private readonly int _negatives;
    private readonly int _foldInSteps;

    /// <summary>What the tower's first layer makes of each item; empty without a tower.</summary>
    private readonly float[] _itemHidden;
    private readonly float[] _meanProduct;
    private readonly float[] _meanTower;
    private readonly double _foldInRate;
    private readonly int[] _knownItems;
    private readonly bool[] _isKnownItem;
    private readonly ConcurrentBag<Tape> _tapes = [];

    internal NeuMfModel(NeuMfNetwork network, int negatives, int foldInSteps)
    {
        this._network = network;
        this._negatives = negatives;
        this._foldInSteps = foldInSteps;
        this._isKnownItem = [.. Enumerable.Range(0, this.Items).Select(item => IsKnown(network.ProductItems, network.TowerItems, item))];
        this._knownItems = [.. Enumerable.Range(0, this.Items).Where(item => this._isKnownItem[item])];
        var knownUsers = Enumerable.Range(0, this.Users).Where(this.IsKnownUser).ToArray();
        this._meanProduct = Mean(network.ProductUsers, knownUsers, out var productSpread);
        this._meanTower = Mean(network.TowerUsers, knownUsers, out var towerSpread);
        this._foldInRate = FoldInRate * Math.Max(1e-3, Math.Max(productSpread, towerSpread));
        this._itemHidden = this.ItemHidden();
    }

    public override string Name => NeuMfTrainer.ModelName;

    public override int Users => this._network.Shape.Users;

    public override int Items => this._network.Shape.Items;

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        var shape = this._network.Shape;
        foreach (var value in (int[])[shape.Users, shape.Items, (int)shape.Parts, shape.Factors, shape.Hidden, shape.Layers, this._negatives, this._foldInSteps]) writer.Write(value);
        ParameterSource.Save(this._network.Parameters, writer);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static NeuMfModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, NeuMfTrainer.ModelName, LayoutVersion);
        var shape = new NeuMfShape(
            reader.ReadRows("the number of users"),
            reader.ReadRows("the number of items"),
            (NeuMfParts)reader.ReadInt32("the parts", 0, (int)NeuMfParts.Dense),
            reader.ReadInt32("the number of factors", 1, 1024),
            reader.ReadInt32("the width of the first layer", 1, 4096),
            reader.ReadInt32("the number of layers", 1, 8));
        var negatives = reader.ReadInt32("the number of draws", 1, 100);
        var foldInSteps = reader.ReadInt32("the steps of the fold-in", 1, 1000);
        return new NeuMfModel(new NeuMfNetwork(shape, new ParameterSource(reader)), negatives, foldInSteps);
    }

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        for (var i = 0; i < users.Length; i++)
        {
            var row = scores.Slice(i * this.Items, this.Items);
            if (this.IsKnownUser(users[i])) this.Score(RowOf(this._network.ProductUsers, users[i]), RowOf(this._network.TowerUsers, users[i]), row);
            else row.Fill(float.NegativeInfinity);
        }
    }

    private protected override void Score(History history, Span<float> scores)
    {
        var known = history.Items.ToArray().Where(item => this._isKnownItem[item]).Distinct().Order().ToArray();
        if (known.Length == 0)
        {
            scores.Fill(float.NegativeInfinity);
            return;
        }

        var (product, tower) = this.Place(known);
        this.Score(product, tower, scores);
    }

    /// <summary>Cosine of all that is known of both items: the vectors of both parts side by side.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        if (!this._isKnownItem[item]) return;
        foreach (var other in this._knownItems)
            scores[other] = this.Product(item, other) / MathF.Sqrt(Math.Max(1e-30f, this.Product(item, item) * this.Product(other, other)));
    }

    /// <summary>
    /// A shopper's vectors from what they touched: gradient steps from the mean shopper on the training's own loss, with draws that depend on the
    /// step alone. The network stays as it is.
    /// </summary>
    /// <param name="history">Known items, ascending and distinct.</param>
    private (float[] Product, float[] Tower) Place(int[] history)
    {
        var network = this._network;
        Parameter product = ParameterOf("product", this._meanProduct), tower = ParameterOf("tower", this._meanTower);
        var count = 1 + this._negatives;
        var items = new int[history.Length * count];
        var labels = new float[items.Length];
        var optimiser = new Adam([product, tower], threads: 1);
        var tape = new Tape(threads: 1);
        for (var step = 0; step < this._foldInSteps; step++)
        {
            tape.Begin(step);
            for (var i = 0; i < history.Length; i++)
            {
                var random = new RandomStream(FoldInStream, step, i);
                SampledItems.Fill(history[i], history, this._knownItems, ref random, items.AsSpan(i * count, count), labels.AsSpan(i * count, count));
            }

            Tensor? score = null;
            if (network.ProductItems is { } productItems)
            {
                var weights = tape.Constant(1, product.Columns, network.ProductWeights!.Values);
                score = tape.Linear(RowsOf(tape, productItems.Values, productItems.Columns, items), tape.Reshape(tape.Multiply(product, weights), product.Columns, 1));
            }

            if (network.Tower is { } layers)
            {
                var own = tape.Linear(tower, tape.Constant(tower.Columns, network.Shape.Hidden, network.UserLayer!.Values));
                var hidden = tape.Activate<Relu>(tape.AddRow(RowsOf(tape, this._itemHidden, network.Shape.Hidden, items), own));
                var said = layers.ApplyFrozen(tape, hidden);
                score = score is null ? said : tape.Add(score, said);
            }

            score = tape.AddRow(score!, tape.Constant(1, 1, network.Bias.Values));
            tape.Backward(tape.BinaryCrossEntropy(score, labels));
            optimiser.Apply(this._foldInRate * (1 - ((double)step / this._foldInSteps)));
        }

        return (product.Values.ToArray(), tower.Values.ToArray());
    }

    private void Score(ReadOnlySpan<float> product, ReadOnlySpan<float> tower, Span<float> scores)
    {
        var network = this._network;
        scores.Fill(network.Bias.Values[0]);
        if (network.ProductItems is { } items)
        {
            var weighted = new float[product.Length];
            Vectors.Multiply(product, network.ProductWeights!.Values, weighted);
            foreach (var item in this._knownItems) scores[item] += Vectors.Dot(weighted, items.Row(item));
        }

        if (network.Tower is not null) this.AddTower(tower, scores);
        for (var item = 0; item < scores.Length; item++)
        {
            if (!this._isKnownItem[item]) scores[item] = float.NegativeInfinity;
        }
    }

    private void AddTower(ReadOnlySpan<float> user, Span<float> scores)
    {
        if (!this._tapes.TryTake(out var tape)) tape = new Tape(threads: 1, isTraining: false);
        var width = this._network.Shape.Hidden;
        tape.Begin(0);
        var own = tape.Linear(tape.Constant(1, user.Length, user), this._network.UserLayer!).Values.ToArray();
        for (var first = 0; first < this.Items; first += Block)
        {
            tape.Begin(0);
            var rows = Math.Min(Block, this.Items - first);
            var hidden = tape.Constant(rows, width, this._itemHidden.AsSpan(first * width, rows * width));
            for (var row = 0; row < rows; row++) Vectors.AddScaled(1f, own, hidden.Row(row));
            var said = this._network.Tower!.Apply(tape, tape.Activate<Relu>(hidden));
            Vectors.AddScaled(1f, said.Values, scores.Slice(first, rows));
        }

        this._tapes.Add(tape);
    }

    private float[] ItemHidden()
    {
        if (this._network.TowerItems is not { } items) return [];
        var tape = new Tape(threads: 1, isTraining: false);
        var hidden = new float[(long)this.Items * this._network.Shape.Hidden];
        for (var first = 0; first < this.Items; first += Block)
        {
            tape.Begin(0);
            var rows = Math.Min(Block, this.Items - first);
            var part = tape.Constant(rows, items.Columns, items.Values.Slice(first * items.Columns, rows * items.Columns));
            tape.Linear(part, this._network.ItemLayer!, this._network.FirstBias).Values.CopyTo(hidden.AsSpan(first * this._network.Shape.Hidden));
        }

        return hidden;
    }

    private bool IsKnownUser(int user) => IsKnown(this._network.ProductUsers, this._network.TowerUsers, user);

    private float Product(int item, int other) => Dot(this._network.ProductItems, item, other) + Dot(this._network.TowerItems, item, other);

    private static float Dot(Parameter? table, int row, int other) => table is null ? 0f : Vectors.Dot(table.Row(row), table.Row(other));

    private static bool IsKnown(Parameter? product, Parameter? tower, int row) => (product ?? tower)!.Row(row).IndexOfAnyExcept(0f) >= 0;

    private static ReadOnlySpan<float> RowOf(Parameter? table, int row) => table is null ? default : table.Row(row);

    private static Tensor RowsOf(Tape tape, ReadOnlySpan<float> table, int columns, int[] rows)
    {
        var gathered = tape.New(rows.Length, columns, needsGradient: false);
        for (var i = 0; i < rows.Length; i++) table.Slice(rows[i] * columns, columns).CopyTo(gathered.Row(i));
        return gathered;
    }

    private static Parameter ParameterOf(string name, float[] start)
    {
        var parameter = new Parameter(name, 1, start.Length);
        start.CopyTo(parameter.Values);
        return parameter;
    }

    /// <param name="spread">Root mean square distance of a number from its mean.</param>
    private static float[] Mean(Parameter? table, int[] rows, out double spread)
    {
        spread = 0;
        if (table is null) return [];
        var mean = new float[table.Columns];
        foreach (var row in rows) Vectors.AddScaled(1f / rows.Length, table.Row(row), mean);
        foreach (var row in rows)
        {
            for (var i = 0; i < mean.Length; i++) spread += Math.Pow(table.Row(row)[i] - mean[i], 2);
        }

        spread = Math.Sqrt(spread / Math.Max(1.0, (double)rows.Length * mean.Length));
        return mean;
    }
}
