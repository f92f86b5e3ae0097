using System.Buffers;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// A factorisation machine fitted for ranking: score = b_i + Q_i·(p_u + |N(u)|^-½ Σ h_j), where p_u is what is known of the user beside the
/// items N(u) that they touched, and a shopper who is folded in has none. An item's side is summed up once from the item and its attributes,
/// so an item that nobody touched has a score if any of its attributes was learned. Users and items of which nothing is known score −∞.
/// </summary>
public sealed class FactorisationMachineModel : ScoringModel
{
    /// <summary>Beside <see cref="RatingFactorsModel.Kind"/>, in files of the same trainer.</summary>
    internal const int Kind = 2;

    /// <summary>The whole user's side; zeros for unknown users.</summary>
    private readonly FactorMatrix _users;

    private readonly FactorMatrix _items;

    /// <summary>h: what an item in a history says of the shopper; zeros for items that nobody touched.</summary>
    private readonly FactorMatrix _history;

    /// <summary>b_i.</summary>
    private readonly float[] _weights;
    private readonly FactorScores _scores;
    private readonly FactorCosines _likeness;

    private FactorisationMachineModel(FactorMatrix users, FactorMatrix items, float[] weights, FactorMatrix history)
    {
        (this._users, this._items, this._weights, this._history) = (users, items, weights, history);
        this._likeness = new FactorCosines(items, items.Dimensions);
        this._scores = new FactorScores(PackedMatrix.FromColumns(items.All, items.Dimensions, items.Rows, items.Stride), this._likeness.Unknown);
    }

    public override string Name => FactorisationMachineTrainer.ModelName;

    public override int Users => this._users.Rows;

    public override int Items => this._items.Rows;

    public int Factors => this._items.Dimensions;

    /// <param name="users">The users' side without the history, which is added here.</param>
    internal static FactorisationMachineModel Of(Interactions train, FactorMatrix users, FactorMatrix items, float[] weights, FactorMatrix history)
    {
        for (var user = 0; user < train.Users; user++) AddHistory(history, train.ItemsOf(user), users.Values(user));
        return new FactorisationMachineModel(users, items, weights, history);
    }

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        this._scores.OfUsers(this._users, users, scores);
        for (var i = 0; i < users.Length; i++) Vectors.AddScaled(1, this._weights, scores.Slice(i * this.Items, this.Items));
    }

    private protected override void Score(History history, Span<float> scores)
    {
        var gathered = ArrayPool<float>.Shared.Rent(this.Factors);
        var row = gathered.AsSpan(0, this.Factors);
        row.Clear();
        AddHistory(this._history, history.Items, row);
        this._scores.Of(row, 1, scores);
        Vectors.AddScaled(1, this._weights, scores);
        ArrayPool<float>.Shared.Return(gathered);
    }

    /// <summary>Cosine of the two items' sides: items with like attributes are alike before anyone touches them.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores) => this._likeness.Of(item, scores);

    /// <summary>A folded-in score is b_i plus |N|^-½ h_j·Q_i from each item j of the history.</summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        var count = history.Items.Length;
        for (var row = 0; row < items.Length; row++)
        {
            for (var i = 0; i < count; i++)
                contributions[(row * count) + i] = Vectors.Dot(this._history.Values(history.Items[i]), this._items.Values(items[row])) / MathF.Sqrt(count);
        }

        return true;
    }

    /// <summary>b_i: what is said of an item before anything is known of the shopper.</summary>
    internal float BaselineOf(int item) => this._weights[item];

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, RatingFactorsModel.LayoutVersion);
        writer.Write(Kind);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this.Factors);
        writer.WriteArray<float>(this._weights);
        FactorRows.Write(writer, this._users);
        FactorRows.Write(writer, this._items);
        FactorRows.Write(writer, this._history);
    }

    /// <summary>Reads what follows the kind.</summary>
    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static FactorisationMachineModel Load(ModelReader reader)
    {
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var factors = reader.ReadInt32("the number of factors", 1, 1024);
        var weights = reader.ReadFiniteArray("the weights of the items", items);
        return new FactorisationMachineModel(
            FactorRows.Read(reader, "the factors of the users", users, factors),
            FactorRows.Read(reader, "the factors of the items", items, factors),
            weights,
            FactorRows.Read(reader, "the factors of histories", items, factors));
    }

    private static void AddHistory(FactorMatrix history, ReadOnlySpan<int> items, Span<float> row)
    {
        foreach (var item in items) Vectors.AddScaled(1f / MathF.Sqrt(items.Length), history.Values(item), row);
    }
}
