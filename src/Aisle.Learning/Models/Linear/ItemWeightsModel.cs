using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>
/// A linear item model: an item's score for a shopper is Σ w·B(i, item) over the items i of the history. Items that nobody touched are
/// unknown and score −∞; where only some weights are kept, so do items to which none leads from the history. Keeps the training rows
/// to score known users.
/// </summary>
public sealed class ItemWeightsModel : ScoringModel
{
    private const int LayoutVersion = 1;
    private const int Sparse = 0;
    private const int Dense = 1;

    private readonly IItemWeights _weights;
    private readonly Interactions _train;
    private readonly int[] _unknownItems;

    /// <param name="name">The family.</param>
    internal ItemWeightsModel(string name, IItemWeights weights, Interactions train)
    {
        this.Name = name;
        this._weights = weights;
        this._train = train;
        var seen = new bool[train.Items];
        foreach (var item in train.AllItems) seen[item] = true;
        this._unknownItems = [.. Enumerable.Range(0, train.Items).Where(item => !seen[item])];
    }

    public override string Name { get; }

    public override int Users => this._train.Users;

    public override int Items => this._train.Items;

    private protected override History HistoryOf(int user) => new(this._train.ItemsOf(user), this._train.WeightsOf(user));

    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        for (var row = 0; row < items.Length; row++)
        {
            for (var i = 0; i < history.Items.Length; i++)
                contributions[(row * history.Items.Length) + i] = history.Weight(i) * this._weights[history.Items[i], items[row]];
        }

        return true;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this._weights is DenseItemWeights ? Dense : Sparse);
        writer.WriteSparseRows(this._train);
        this._weights.Save(writer);
    }

    /// <param name="name">The family that the stream must hold.</param>
    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static ItemWeightsModel Load(string name, Stream stream)
    {
        using var reader = new ModelReader(stream, name, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var kind = reader.ReadInt32("the kind of weights", Sparse, Dense);
        var train = reader.ReadSparseRows("the histories", users, items);
        return new ItemWeightsModel(
            name, kind == Dense ? DenseItemWeights.Load(reader, items) : new SparseItemWeights(reader.ReadSparseRows("the weights", items, items)), train);
    }

    private protected override void Score(History history, Span<float> scores)
    {
        this._weights.Score(history.Items, history.Weights, scores);
        foreach (var item in this._unknownItems) scores[item] = float.NegativeInfinity;
    }
}
