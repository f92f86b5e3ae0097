using System.Buffers;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Scores q_i / s_i · Σ_j w_j s_j q_j over a user's items j. Users and items without interactions are unknown and score −∞.</summary>
public sealed class TruncatedSvdModel : ScoringModel
{
    private const int LayoutVersion = 1;

    /// <summary>Each user's row projected; zeros for unknown users.</summary>
    private readonly FactorMatrix _users;

    /// <summary>q, a row per item.</summary>
    private readonly FactorMatrix _items;

    /// <summary>s: what weights are multiplied by; 0 for unknown items.</summary>
    private readonly float[] _scales;

    private readonly FactorScores _scores;
    private readonly FactorCosines _likeness;

    internal TruncatedSvdModel(FactorMatrix users, FactorMatrix items, float[] scales)
    {
        (this._users, this._items, this._scales) = (users, items, scales);
        var unscaled = new FactorMatrix(items.Rows, items.Dimensions);
        for (var item = 0; item < items.Rows; item++)
        {
            if (scales[item] > 0f) Vectors.AddScaled(1f / scales[item], items.Values(item), unscaled.Values(item));
        }

        this._scores = new FactorScores(
            PackedMatrix.FromColumns(unscaled.All, items.Dimensions, items.Rows, items.Stride), Enumerable.Range(0, items.Rows).Where(item => scales[item] == 0f));
        this._likeness = new FactorCosines(items, items.Dimensions);
    }

    public override string Name => TruncatedSvdTrainer.ModelName;

    public override int Users => this._users.Rows;

    public override int Items => this._items.Rows;

    public int Factors => this._items.Dimensions;

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores) => this._scores.OfUsers(this._users, users, scores);

    private protected override void Score(History history, Span<float> scores)
    {
        var gathered = ArrayPool<float>.Shared.Rent(this.Factors);
        var row = gathered.AsSpan(0, this.Factors);
        row.Clear();
        for (var i = 0; i < history.Items.Length; i++) Vectors.AddScaled(this.Pull(history, i), this._items.Values(history.Items[i]), row);
        this._scores.Of(row, 1, scores);
        ArrayPool<float>.Shared.Return(gathered);
    }

    /// <summary>Cosine of the two items' rows of Q.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores) => this._likeness.Of(item, scores);

    /// <summary>A score is the sum of w_j s_j q_j·q_i / s_i over the history.</summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        for (var row = 0; row < items.Length; row++)
        {
            var scale = this._scales[items[row]];
            for (var i = 0; i < history.Items.Length; i++)
            {
                var likeness = Vectors.Dot(this._items.Values(history.Items[i]), this._items.Values(items[row]));
                contributions[(row * history.Items.Length) + i] = scale > 0f ? this.Pull(history, i) * likeness / scale : 0f;
            }
        }

        return true;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this.Factors);
        writer.WriteArray<float>(this._scales);
        FactorRows.Write(writer, this._users);
        FactorRows.Write(writer, this._items);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static TruncatedSvdModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, TruncatedSvdTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var factors = reader.ReadInt32("the number of factors", 1, 1024);
        var scales = reader.ReadFiniteArray("the scales of the items", items);
        if (scales.AsSpan().ContainsAnyExceptInRange(0f, 1f)) throw reader.Broken("a scale of an item is not between 0 and 1");
        return new TruncatedSvdModel(
            FactorRows.Read(reader, "the factors of the users", users, factors), FactorRows.Read(reader, "the factors of the items", items, factors), scales);
    }

    private float Pull(History history, int position) => history.Weight(position) * this._scales[history.Items[position]];
}
