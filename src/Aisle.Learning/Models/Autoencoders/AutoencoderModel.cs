using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>
/// An autoencoder of histories: known users and new ones alike are encoded from what they did, and the output layer scores every item. Items
/// that nobody touched in training are unknown: they score −∞ and are left out of histories. Keeps the training rows to score known users.
/// </summary>
public sealed class AutoencoderModel : ScoringModel
{
    private const int LayoutVersion = 1;

    private readonly AutoencoderNetwork _network;
    private readonly Interactions _train;
    private readonly float _weightExponent;
    private readonly PackedMatrix _output;
    private readonly bool[] _isKnown;
    private readonly int[] _unknownItems;

    /// <param name="name">The family.</param>
    /// <param name="weightExponent">Weights of interactions are raised to this power before they are encoded.</param>
    internal AutoencoderModel(string name, AutoencoderNetwork network, Interactions train, float weightExponent)
    {
        this.Name = name;
        this._network = network;
        this._train = train;
        this._weightExponent = weightExponent;
        this._output = PackedMatrix.FromColumns(network.Output.Values, network.Output.Columns, network.Output.Rows, network.Output.Columns);
        this._isKnown = new bool[train.Items];
        foreach (var item in train.AllItems) this._isKnown[item] = true;
        this._unknownItems = [.. Enumerable.Range(0, train.Items).Where(item => !this._isKnown[item])];
    }

    public override string Name { get; }

    public override int Users => this._train.Users;

    public override int Items => this._train.Items;

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.WriteSparseRows(this._train);
        writer.Write(this._weightExponent);
        this._network.Save(writer);
    }

    /// <param name="name">The family that the stream must hold.</param>
    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static AutoencoderModel Load(string name, Stream stream, Func<AutoencoderShape, ParameterMaker, AutoencoderNetwork> make)
    {
        using var reader = new ModelReader(stream, name, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var train = reader.ReadSparseRows("the histories", users, items);
        foreach (var weight in train.AllWeights)
        {
            if (!(weight > 0f)) throw reader.Broken($"an interaction weighs {weight}");
        }

        var exponent = reader.ReadSingle("the exponent of weights", 0f, 1f);
        return new AutoencoderModel(name, make(AutoencoderShape.Load(reader, items), AutoencoderNetwork.Saved(reader)), train, exponent);
    }

    private protected override History HistoryOf(int user) => new(this._train.ItemsOf(user), this._train.WeightsOf(user));

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        var histories = new HistoryBags(this._isKnown, this._weightExponent);
        foreach (var user in users) histories.Add(this.HistoryOf(user));
        this.Score(histories.Take(), scores);
    }

    private protected override void Score(History history, Span<float> scores)
    {
        var histories = new HistoryBags(this._isKnown, this._weightExponent);
        histories.Add(history);
        this.Score(histories.Take(), scores);
    }

    /// <summary>A contribution is what an item's score loses when the interaction is left out.</summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        contributions.Clear();
        int[] known = [.. history.Items.ToArray().Where(item => this._isKnown[item])];
        if (known.Length == 0) return true;
        var histories = new HistoryBags(this._isKnown, this._weightExponent);
        histories.Add(history);
        foreach (var item in known) histories.Add(history, without: item);
        var rows = this._network.Encode(new Tape(threads: 1, isTraining: false), histories.Take().Normalised());
        for (var j = 0; j < items.Length; j++)
        {
            if (!this._isKnown[items[j]]) continue;
            var output = this._network.Output.Row(items[j]);
            var whole = Vectors.Dot(rows.Row(0), output);
            var own = contributions.Slice(j * history.Items.Length, history.Items.Length);
            for (var i = 0; i < own.Length; i++)
            {
                var at = Array.IndexOf(known, history.Items[i]);
                if (at >= 0) own[i] = whole - Vectors.Dot(rows.Row(at + 1), output);
            }
        }

        return true;
    }

    private void Score(WeightedBags histories, Span<float> scores)
    {
        var rows = this._network.Encode(new Tape(threads: 1, isTraining: false), histories.Normalised());
        Gemm.Multiply(rows.Values, rows.Rows, rows.Columns, this._output, scores);
        for (var i = 0; i < rows.Rows; i++)
        {
            var own = scores.Slice(i * this.Items, this.Items);
            if (histories.ItemsOf(i).IsEmpty)
            {
                own.Fill(float.NegativeInfinity);
                continue;
            }

            Vectors.AddScaled(1f, this._network.OutputBias.Values, own);
            foreach (var item in this._unknownItems) own[item] = float.NegativeInfinity;
        }
    }
}

/// <summary>Collects histories, in which an item stands once, as bags of items with their weights raised to a power.</summary>
/// <param name="isKnown">Of each item; others are left out.</param>
/// <param name="weightExponent">0: that an item occurs is all that counts.</param>
internal sealed class HistoryBags(bool[] isKnown, float weightExponent)
{
    private readonly List<int> _starts = [0];
    private readonly List<int> _items = [];
    private readonly List<float> _weights = [];

    /// <param name="without">An item that is left out.</param>
    public void Add(History history, int without = -1)
    {
        for (var i = 0; i < history.Items.Length; i++)
        {
            var item = history.Items[i];
            if (item == without || !isKnown[item]) continue;
            this._items.Add(item);
            this._weights.Add(history.Weight(i));
        }

        for (var i = this._starts[^1]; i < this._weights.Count; i++) this._weights[i] = weightExponent == 0f ? 1f : MathF.Pow(this._weights[i], weightExponent);
        this._starts.Add(this._items.Count);
    }

    public WeightedBags Take() => new(new Bags([.. this._starts], [.. this._items]), [.. this._weights]);
}
