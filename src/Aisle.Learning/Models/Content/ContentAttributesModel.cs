using System.Buffers;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>A score is Σ w·sim over the history. An item that shares no attribute with it is unknown for that shopper and scores −∞.</summary>
public sealed class ContentAttributesModel : ScoringModel
{
    private const int LayoutVersion = 1;

    /// <summary>Items × values, weights above 0.</summary>
    private readonly Interactions _rows;
    private readonly Interactions _byValue;
    private readonly float[] _totals;
    private readonly AttributeMeasure _measure;
    private readonly Interactions _train;

    internal ContentAttributesModel(Interactions rows, AttributeMeasure measure, Interactions train)
    {
        this._rows = rows;
        this._byValue = rows.Transpose();
        this._totals = new float[rows.Users];
        for (var item = 0; item < rows.Users; item++)
        {
            foreach (var weight in rows.WeightsOf(item)) this._totals[item] += weight;
        }

        this._measure = measure;
        this._train = train;
    }

    public override string Name => ContentAttributesTrainer.ModelName;

    public override int Users => this._train.Users;

    public override int Items => this._train.Items;

    private protected override History HistoryOf(int user) => new History(this._train.ItemsOf(user), this._train.WeightsOf(user));

    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        for (var row = 0; row < items.Length; row++)
        {
            for (var i = 0; i < history.Items.Length; i++)
                contributions[(row * history.Items.Length) + i] = history.Weight(i) * this.Similarity(items[row], history.Items[i]);
        }

        return true;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write((int)this._measure);
        writer.Write(this._rows.Items);
        writer.WriteSparseRows(this._rows);
        writer.WriteSparseRows(this._train);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static ContentAttributesModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, ContentAttributesTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var measure = (AttributeMeasure)reader.ReadInt32("the measure", 0, (int)AttributeMeasure.Overlap);
        var values = reader.ReadInt32("the number of values", 0, MostValues);
        var rows = reader.ReadSparseRows("the attributes of the items", items, values);
        foreach (var weight in rows.AllWeights)
        {
            if (!(weight > 0f)) throw reader.Broken($"the weight of an attribute is {weight}");
        }

        // The index by value is as long as the values are many, whatever the file's length.
        if (values > 0 && rows.AllItems.Length * 64L + 1_000_000 < values) throw reader.Broken($"it claims {values} values but uses few of them");
        return new ContentAttributesModel(rows, measure, reader.ReadSparseRows("the histories", users, items));
    }

    private const int MostValues = 1 << 28;

    private protected override void Score(History history, Span<float> scores)
    {
        scores.Clear();
        var shared = ArrayPool<float>.Shared.Rent(this.Items);
        var touched = ArrayPool<int>.Shared.Rent(this.Items);
        shared.AsSpan(0, this.Items).Clear();
        for (var i = 0; i < history.Items.Length; i++)
        {
            var item = history.Items[i];
            var values = this._rows.ItemsOf(item);
            var weights = this._rows.WeightsOf(item);
            var count = 0;
            for (var v = 0; v < values.Length; v++)
            {
                foreach (var other in this._byValue.ItemsOf(values[v]))
                {
                    if (shared[other] == 0f) touched[count++] = other;
                    shared[other] += weights[v];
                }
            }

            foreach (var other in touched.AsSpan(0, count))
            {
                scores[other] += history.Weight(i) * this.Similarity(shared[other], this._totals[item], this._totals[other]);
                shared[other] = 0f;
            }
        }

        ArrayPool<float>.Shared.Return(shared);
        ArrayPool<int>.Shared.Return(touched);
        scores.Replace(0f, float.NegativeInfinity);
    }

    private float Similarity(int item, int other)
    {
        var values = this._rows.ItemsOf(item);
        var weights = this._rows.WeightsOf(item);
        var others = this._rows.ItemsOf(other);
        var shared = 0f;
        for (var v = 0; v < values.Length; v++)
        {
            if (others.BinarySearch(values[v]) >= 0) shared += weights[v];
        }

        return shared == 0f ? 0f : this.Similarity(shared, this._totals[item], this._totals[other]);
    }

    private float Similarity(float shared, float one, float other) =>
        this._measure == AttributeMeasure.Jaccard ? shared / (one + other - shared) : shared / MathF.Sqrt(one * other);
}
