using System.Buffers;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// Predicts r = μ + b_u + b_i + q_i·z_u, where z_u is p_u, and with an implicit part p_u + |N(u)|^-½ Σ y_j. Scores are such ratings, not held within
/// their range so that the best are told apart. Users and items of which nothing is known score −∞.
/// </summary>
public sealed unsafe class RatingFactorsModel : ScoringModel, IRatingModel
{
    internal const int LayoutVersion = 1;

    /// <summary>Tells models of ratings from models of rankings where a trainer makes both.</summary>
    internal const int Kind = 1;

    private const int MostFactors = 1024;

    private readonly RatingScale _scale;
    private readonly RatingRidge _ridge;

    /// <summary>(z_u, b_u / κ); zeros for unknown users.</summary>
    private readonly FactorMatrix _users;

    /// <summary>(q_i, κ); zeros for unknown items.</summary>
    private readonly FactorMatrix _items;

    /// <summary>(y_j, 0); null without an implicit part.</summary>
    private readonly FactorMatrix? _implicit;

    private readonly float[] _itemBiases;
    private readonly byte[] _knownUsers;

    /// <summary>b_i, and −∞ for unknown items.</summary>
    private readonly float[] _offsets;

    private readonly float[] _lengths;
    private readonly PackedMatrix _packedItems;

    [ThreadStatic]
    private static AlignedFloats? _scratch;

    private RatingFactorsModel(
        string name, RatingScale scale, RatingRidge ridge, FactorMatrix users, FactorMatrix items, FactorMatrix? implicitItems, float[] itemBiases, byte[] knownUsers)
    {
        (this.Name, this._scale, this._ridge, this._users, this._items, this._implicit) = (name, scale, ridge, users, items, implicitItems);
        (this._itemBiases, this._knownUsers) = (itemBiases, knownUsers);
        this._packedItems = PackedMatrix.FromColumns(items.All, items.Dimensions, items.Rows, items.Stride);
        this._offsets = new float[items.Rows];
        this._lengths = new float[items.Rows];
        for (var item = 0; item < items.Rows; item++)
        {
            this._offsets[item] = this.IsKnown(item) ? itemBiases[item] : float.NegativeInfinity;
            this._lengths[item] = MathF.Sqrt(Vectors.Dot(this.FactorsOf(item), this.FactorsOf(item)));
        }
    }

    public override string Name { get; }

    public override int Users => this._users.Rows;

    public override int Items => this._items.Rows;

    /// <summary>Numbers per user and item, beside the bias.</summary>
    public int Factors => this._items.Dimensions - 1;

    public (float Lowest, float Highest) RatingRange => (this._scale.Lowest, this._scale.Highest);

    internal static RatingFactorsModel Of(string name, Interactions train, RatingFactors fitted, RatingRidge ridge)
    {
        var users = new FactorMatrix(train.Users, fitted.Factors + 1);
        var items = new FactorMatrix(train.Items, users.Dimensions);
        var implicitItems = fitted.Implicit is null ? null : new FactorMatrix(train.Items, users.Dimensions);
        var known = new byte[train.Users];
        foreach (var item in train.AllItems) items.Values(item)[^1] = ridge.Constant;
        for (var item = 0; item < train.Items; item++)
        {
            var factors = fitted.Items.Values(item)[..fitted.Factors];
            factors.CopyTo(items.Values(item));
            if (factors.ContainsAnyExcept(0f)) items.Values(item)[^1] = ridge.Constant;
            fitted.Implicit?.Values(item).CopyTo(implicitItems!.Values(item));
        }

        for (var user = 0; user < train.Users; user++)
        {
            var factors = fitted.Users.Values(user)[..fitted.Factors];
            if (train.CountOf(user) == 0 && !factors.ContainsAnyExcept(0f)) continue;
            known[user] = 1;
            var row = users.Values(user);
            factors.CopyTo(row);
            row[^1] = fitted.UserBiases[user] / ridge.Constant;
            if (implicitItems is not null) AddImplicit(implicitItems, train.ItemsOf(user), row);
        }

        return new RatingFactorsModel(name, fitted.Scale, ridge, users, items, implicitItems, fitted.ItemBiases, known);
    }

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        var depth = this._users.Dimensions;
        var gathered = ArrayPool<float>.Shared.Rent(users.Length * depth);
        for (var i = 0; i < users.Length; i++) this._users.Values(users[i]).CopyTo(gathered.AsSpan(i * depth, depth));
        Gemm.Multiply(gathered.AsSpan(0, users.Length * depth), users.Length, depth, this._packedItems, scores);
        ArrayPool<float>.Shared.Return(gathered);
        for (var i = 0; i < users.Length; i++)
        {
            var row = scores.Slice(i * this.Items, this.Items);
            if (this._knownUsers[users[i]] == 0) row.Fill(float.NegativeInfinity);
            else this.ToRatings(row);
        }
    }

    /// <summary>
    /// The shopper's factors and bias by ridge regression on the ratings of the history, against the items as they stand. A history without
    /// weights counts as ratings of 1.
    /// </summary>
    private protected override void Score(History history, Span<float> scores)
    {
        if (!this.KnowsAny(history.Items))
        {
            scores.Fill(float.NegativeInfinity);
            return;
        }

        var targets = ArrayPool<float>.Shared.Rent(history.Items.Length);
        var scratch = this.Scratch(out var factors, out var implicitSum);
        this.Targets(history, implicitSum, targets);
        var solved = RidgeRegression.Solve(this._ridge.For(history.Items.Length), this._items, history.Items, targets, factors, scratch);
        ArrayPool<float>.Shared.Return(targets);
        if (!solved) throw TooWeak(this.Name);
        var row = new Span<float>(factors, this._items.Dimensions);
        Vectors.AddScaled(1, new ReadOnlySpan<float>(implicitSum, row.Length), row);
        Gemm.Multiply(row, 1, row.Length, this._packedItems, scores);
        this.ToRatings(scores);
    }

    /// <summary>Cosine of the two items' factors.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        if (!this.IsKnown(item)) return;
        for (var other = 0; other < scores.Length; other++)
        {
            var lengths = this._lengths[item] * this._lengths[other];
            if (this.IsKnown(other) && other != item) scores[other] = lengths > 0f ? Vectors.Dot(this.FactorsOf(item), this.FactorsOf(other)) / lengths : 0f;
        }
    }

    /// <summary>
    /// A folded-in score is μ + b_j plus a sum over the history: with a = A⁻¹(q_j, κ) and f_i = (q_i, κ), rating i gives
    /// (r_i − μ − b_i) a·f_i, and its y_i, where there is an implicit part, gives |N|^-½ y_i·(q_j − Σ_l (a·f_l) q_l) beside.
    /// </summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        var count = history.Items.Length;
        if (count == 0) return true;
        var scratch = this.Scratch(out var direction, out var rest);
        if (!RidgeRegression.Factor(this._ridge.For(count), this._items, history.Items, scratch)) throw TooWeak(this.Name);
        for (var row = 0; row < items.Length; row++)
        {
            var left = new Span<float>(rest, this._items.Dimensions);
            this._items.PaddedValues(items[row]).CopyTo(new Span<float>(direction, this._items.Stride));
            this._items.Values(items[row]).CopyTo(left);
            Cholesky.Solve(scratch, this._items.Dimensions, this._items.Stride, direction);
            var contribution = contributions.Slice(row * count, count);
            for (var i = 0; i < count; i++)
            {
                var (item, bias) = (history.Items[i], this._itemBiases[history.Items[i]]);
                var pull = Vectors.Dot(new ReadOnlySpan<float>(direction, this._items.Dimensions), this._items.Values(item));
                Vectors.AddScaled(-pull, this._items.Values(item), left);
                contribution[i] = (history.Weight(i) - this._scale.Mean - (bias * this._scale.Deviation)) * pull;
            }

            for (var i = 0; this._implicit is not null && i < count; i++)
                contribution[i] += this._scale.Deviation / MathF.Sqrt(count) * Vectors.Dot(this._implicit.Values(history.Items[i]), left);
        }

        return true;
    }

    /// <summary>μ + b_i: what is predicted of an item before anything is known of the shopper.</summary>
    internal float BaselineOf(int item) => this._scale.Mean + (this._scale.Deviation * this._itemBiases[item]);

    public void PredictRatings(ReadOnlySpan<int> users, ReadOnlySpan<int> items, Span<float> ratings)
    {
        TrainingInput.CheckPairs(this, users, items, ratings);
        for (var i = 0; i < users.Length; i++)
        {
            var personal = Vectors.Dot(this.UserFactorsOf(users[i]), this.FactorsOf(items[i])) + (this._users.Values(users[i])[^1] * this._ridge.Constant);
            ratings[i] = Math.Clamp(this.BaselineOf(items[i]) + (this._scale.Deviation * personal), this._scale.Lowest, this._scale.Highest);
        }
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(Kind);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this.Factors);
        writer.Write(this._scale.Lowest);
        writer.Write(this._scale.Highest);
        writer.Write(this._scale.Mean);
        writer.Write(this._scale.Deviation);
        writer.Write(this._ridge.Factors);
        writer.Write(this._ridge.Biases);
        writer.Write(this._implicit is null ? 0 : 1);
        writer.WriteArray<byte>(this._knownUsers);
        writer.WriteArray<float>(this._itemBiases);
        FactorRows.Write(writer, this._users);
        FactorRows.Write(writer, this._items);
        if (this._implicit is not null) FactorRows.Write(writer, this._implicit);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static RatingFactorsModel Load(string name, Stream stream)
    {
        using var reader = new ModelReader(stream, name, LayoutVersion);
        reader.ReadInt32("the kind of model", Kind, Kind);
        return Load(name, reader);
    }

    /// <summary>Reads what follows the kind.</summary>
    internal static RatingFactorsModel Load(string name, ModelReader reader)
    {
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var factors = reader.ReadInt32("the number of factors", 1, MostFactors);
        var lowest = reader.ReadSingle("the lowest rating", float.MinValue, float.MaxValue);
        var highest = reader.ReadSingle("the highest rating", lowest, float.MaxValue);
        var scale = new RatingScale(reader.ReadSingle("the mean rating", lowest, highest), reader.ReadSingle("the deviation", float.Epsilon, float.MaxValue), lowest, highest);
        var ridge = new RatingRidge(reader.ReadSingle("the regularisation", float.Epsilon, 1000), reader.ReadSingle("the regularisation of biases", float.Epsilon, 1000));
        var isImplicit = reader.ReadInt32("the mark of an implicit part", 0, 1) == 1;
        var known = reader.ReadArray<byte>("the known users", users);
        var biases = reader.ReadFiniteArray("the biases of the items", items);
        return new RatingFactorsModel(
            name,
            scale,
            ridge,
            FactorRows.Read(reader, "the factors of the users", users, factors + 1),
            FactorRows.Read(reader, "the factors of the items", items, factors + 1),
            isImplicit ? FactorRows.Read(reader, "the implicit factors", items, factors + 1) : null,
            biases,
            known);
    }

    private static void AddImplicit(FactorMatrix implicitItems, ReadOnlySpan<int> items, Span<float> row)
    {
        foreach (var item in items) Vectors.AddScaled(1f / MathF.Sqrt(items.Length), implicitItems.Values(item), row);
    }

    /// <summary>What is left of each rating of the history for the shopper's own factors and bias to explain.</summary>
    private void Targets(History history, float* implicitSum, Span<float> targets)
    {
        var sum = new Span<float>(implicitSum, this._items.Dimensions);
        sum.Clear();
        if (this._implicit is not null) AddImplicit(this._implicit, history.Items, sum);
        for (var i = 0; i < history.Items.Length; i++)
        {
            var item = history.Items[i];
            targets[i] = this._scale.Shrink(history.Weight(i)) - this._itemBiases[item] - Vectors.Dot(this._items.Values(item), sum);
        }
    }

    /// <summary>This thread's buffer for the equations, with room for two rows of factors behind them.</summary>
    private float* Scratch(out float* first, out float* second)
    {
        var length = RidgeRegression.ScratchLength(this._items.Stride);
        if (_scratch is null || _scratch.Length < length + (2 * this._items.Stride)) _scratch = new AlignedFloats(length + (2 * this._items.Stride));
        first = _scratch.Pointer + length;
        second = first + this._items.Stride;
        return _scratch.Pointer;
    }

    private void ToRatings(Span<float> scores)
    {
        for (var item = 0; item < scores.Length; item++) scores[item] = this._scale.Mean + (this._scale.Deviation * (scores[item] + this._offsets[item]));
    }

    private bool KnowsAny(ReadOnlySpan<int> items)
    {
        foreach (var item in items)
        {
            if (this.IsKnown(item)) return true;
        }

        return false;
    }

    private bool IsKnown(int item) => this._items.Values(item)[^1] != 0f;

    private Span<float> FactorsOf(int item) => this._items.Values(item)[..^1];

    private Span<float> UserFactorsOf(int user) => this._users.Values(user)[..^1];

    internal static ArgumentException TooWeak(string model) =>
        new($"{model}: a user's or item's equations have no stable solution with this little regularisation. Raise regularization, or lower factors.");
}
