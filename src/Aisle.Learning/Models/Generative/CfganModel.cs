using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>
/// The generator, and what each known user touched, which it is told. Any shopper is scored from their history. Items that nobody touched in
/// training are unknown: they score −∞ and are left out of histories.
/// </summary>
public sealed class CfganModel : ScoringModel
{
    private const int LayoutVersion = 1;

    /// <summary>More numbers than this in one matrix cannot be meant.</summary>
    private const int MostNumbers = 1 << 30;

    private readonly CfganGenerator _generator;
    private readonly Interactions _train;
    private readonly PackedMatrix _outputs;
    private readonly bool[] _isKnown;
    private readonly float[] _norms;

    internal CfganModel(CfganGenerator generator, Interactions train)
    {
        this._generator = generator;
        this._train = train;
        var items = generator.Items;
        this._outputs = PackedMatrix.FromColumns(items.Values, items.Columns, items.Rows, items.Columns);
        this._isKnown = new bool[train.Items];
        foreach (var item in train.AllItems) this._isKnown[item] = true;
        this._norms = new float[train.Items];
        for (var item = 0; item < this._norms.Length; item++) this._norms[item] = MathF.Sqrt(Vectors.Dot(items.Row(item), items.Row(item)));
    }

    public override string Name => CfganTrainer.ModelName;

    public override int Users => this._train.Users;

    public override int Items => this._train.Items;

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        foreach (var number in (int[])[this.Users, this.Items, this._generator.Shape.Dimensions, this._generator.Shape.Layers]) writer.Write(number);
        writer.WriteSparseRows(this._train);
        foreach (var parameter in this._generator.Parameters) writer.WriteArray<float>(parameter.Values);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static CfganModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, CfganTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var dimensions = reader.ReadInt32("dimensions", 4, 4096);
        var layers = reader.ReadInt32("layers", 1, 5);
        if ((long)items * dimensions > MostNumbers) throw reader.Broken($"{items} items of {dimensions} dimensions do not fit in memory");
        var train = reader.ReadSparseRows("the histories", users, items);

        // The input layer binds the number of items to bytes that are there, before room for the other layers is taken.
        var inputs = reader.ReadFiniteArray("inputs", (long)items * dimensions);
        var random = new RandomStream(0);
        var generator = new CfganGenerator(new CfganShape(items, dimensions, layers), ref random);
        foreach (var parameter in generator.Parameters)
            (parameter.Name == "inputs" ? inputs : reader.ReadFiniteArray(parameter.Name, parameter.Length)).CopyTo(parameter.Values);
        return new CfganModel(generator, train);
    }

    private protected override History HistoryOf(int user) => new(this._train.ItemsOf(user));

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        var told = new int[users.Length][];
        for (var i = 0; i < users.Length; i++) told[i] = this._train.ItemsOf(users[i]).ToArray();
        this.Score(Bags.Of(told), scores);
    }

    private protected override void Score(History history, Span<float> scores) => this.Score(Bags.Of([this.Known(history.Items)]), scores);

    /// <summary>Cosine of the two items' rows of the output layer.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        if (!this._isKnown[item]) return;
        var outputs = this._generator.Items;
        for (var other = 0; other < scores.Length; other++)
        {
            if (this._isKnown[other] && this._norms[other] > 0f && this._norms[item] > 0f) scores[other] = Vectors.Dot(outputs.Row(item), outputs.Row(other)) / (this._norms[item] * this._norms[other]);
        }
    }

    /// <summary>What an item's score loses when the interaction is left out.</summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        contributions.Clear();
        var told = this.Known(history.Items);
        if (told.Length == 0) return true;
        var rows = this.Encode(Bags.Of([told, .. told.Select(left => told.Where(item => item != left).ToArray())]));
        for (var j = 0; j < items.Length; j++)
        {
            if (!this._isKnown[items[j]]) continue;
            var output = this._generator.Items.Row(items[j]);
            var whole = Vectors.Dot(rows.Row(0), output);
            for (var i = 0; i < history.Items.Length; i++)
            {
                var at = Array.IndexOf(told, history.Items[i]);
                if (at >= 0) contributions[(j * history.Items.Length) + i] = whole - Vectors.Dot(rows.Row(at + 1), output);
            }
        }

        return true;
    }

    /// <summary>Distinct items that training knew.</summary>
    private int[] Known(ReadOnlySpan<int> items) => [.. items.ToArray().Where(item => this._isKnown[item]).Order()];

    private Tensor Encode(Bags told) => this._generator.Encode(new Tape(threads: 1, isTraining: false), told);

    private void Score(Bags told, Span<float> scores)
    {
        var rows = this.Encode(told);
        Gemm.Multiply(rows.Values, rows.Rows, rows.Columns, this._outputs, scores);
        for (var i = 0; i < told.Count; i++)
        {
            var own = scores.Slice(i * this.Items, this.Items);
            Vectors.AddScaled(1f, this._generator.Bias.Values, own);
            for (var item = 0; item < own.Length; item++)
            {
                if (!this._isKnown[item] || told.CountOf(i) == 0) own[item] = float.NegativeInfinity;
            }
        }
    }
}
