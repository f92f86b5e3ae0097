using System.Buffers;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// Factors of users and items; a score is their dot product. A user without interactions and an item without interactions have
/// zero factors: they are unknown and score −∞.
/// </summary>
public sealed unsafe class AlsModel : IModel
{
    private const int LayoutVersion = 1;

    private readonly FactorMatrix _users;
    private readonly FactorMatrix _items;
    private readonly AlsRegularization _regularization;

    /// <summary>α·YᵀY, the constant part of every fold-in.</summary>
    private readonly AlignedFloats _gram;

    private readonly PackedMatrix _packedItems;
    private readonly float[] _itemLengths;
    private readonly int[] _unknownItems;

    [ThreadStatic]
    private static AlignedFloats? _foldInScratch;

    internal AlsModel(FactorMatrix users, FactorMatrix items, AlsRegularization regularization)
    {
        this._users = users;
        this._items = items;
        this._regularization = regularization;
        this._gram = regularization.GramOf(items, 1, default);
        this._packedItems = PackedMatrix.FromColumns(items.All, items.Dimensions, items.Rows, items.Stride);
        this._itemLengths = new float[items.Rows];
        for (var item = 0; item < items.Rows; item++) this._itemLengths[item] = MathF.Sqrt(Vectors.Dot(items.Values(item), items.Values(item)));
        this._unknownItems = Enumerable.Range(0, items.Rows).Where(item => this._itemLengths[item] == 0f).ToArray();
    }

    public string Name => AlsTrainer.ModelName;

    public int Users => this._users.Rows;

    public int Items => this._items.Rows;

    /// <summary>Numbers per user and item.</summary>
    public int Factors => this._items.Dimensions;

    public void ScoreUsers(ReadOnlySpan<int> users, Span<float> scores)
    {
        TrainingInput.CheckUsers(this, users);
        TrainingInput.CheckScores(this, users.Length, scores);
        var gathered = ArrayPool<float>.Shared.Rent(users.Length * this.Factors);
        var rows = gathered.AsSpan(0, users.Length * this.Factors);
        for (var i = 0; i < users.Length; i++) this._users.Values(users[i]).CopyTo(rows.Slice(i * this.Factors, this.Factors));
        this.Score(rows, users.Length, scores);
        ArrayPool<float>.Shared.Return(gathered);
    }

    /// <summary>Solves the shopper's factors exactly from their history against the items as trained, as the trainer would, and scores with them.</summary>
    public void ScoreHistory(History history, Span<float> scores)
    {
        TrainingInput.CheckHistory(this, history);
        TrainingInput.CheckScores(this, 1, scores);
        var scratch = this.FoldInScratch(out var factors);
        if (!NormalEquations.Solve(
            this._gram.Pointer, this.Ridge(history), this._items, history.Items, history.Weights, this._regularization.UnobservedWeight, factors, scratch))
        {
            throw AlsRegularization.TooWeak();
        }

        this.Score(new ReadOnlySpan<float>(factors, this.Factors), 1, scores);
    }

    /// <summary>Cosine of the two items' factors.</summary>
    public void ScoreSimilar(int item, Span<float> scores)
    {
        TrainingInput.CheckItem(this, item);
        TrainingInput.CheckScores(this, 1, scores);
        this.Score(this._items.Values(item), 1, scores);
        scores[item] = float.NegativeInfinity;
        if (this._itemLengths[item] == 0f) return;
        for (var other = 0; other < scores.Length; other++)
        {
            if (this._itemLengths[other] > 0f) scores[other] /= this._itemLengths[other] * this._itemLengths[item];
        }
    }

    /// <summary>
    /// A folded-in score is a sum over the history: y_j·x = Σ_i (α + w_i) y_jᵀA⁻¹y_i (Hu, Koren, Volinsky, section 5), where A is the matrix
    /// of the shopper's equations.
    /// </summary>
    public bool Explain(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        TrainingInput.CheckHistory(this, history);
        TrainingInput.CheckContributions(this, history, items, contributions);
        var scratch = this.FoldInScratch(out var direction);
        if (!NormalEquations.Factor(this._gram.Pointer, this.Ridge(history), this._items, history.Items, history.Weights, scratch)) throw AlsRegularization.TooWeak();
        for (var row = 0; row < items.Length; row++)
        {
            this._items.PaddedValues(items[row]).CopyTo(new Span<float>(direction, this._items.Stride));
            Cholesky.Solve(scratch, this.Factors, this._items.Stride, direction);
            for (var i = 0; i < history.Items.Length; i++)
            {
                var dot = Vectors.Dot(new ReadOnlySpan<float>(direction, this.Factors), this._items.Values(history.Items[i]));
                contributions[(row * history.Items.Length) + i] = (this._regularization.UnobservedWeight + history.Weight(i)) * dot;
            }
        }

        return true;
    }

    public void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this.Factors);
        writer.Write(this._regularization.UnobservedWeight);
        writer.Write(this._regularization.Strength);
        writer.Write(this._regularization.FrequencyExponent);
        WriteRows(writer, this._users);
        WriteRows(writer, this._items);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static AlsModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, AlsTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var factors = reader.ReadInt32("the number of factors", 1, 2048);
        var regularization = new AlsRegularization(
            reader.ReadSingle("the unobserved weight", float.Epsilon, 10),
            reader.ReadSingle("the regularisation", float.Epsilon, 1000),
            reader.ReadSingle("the frequency exponent", 0, 2));
        return new AlsModel(ReadRows(reader, "the factors of the users", users, factors), ReadRows(reader, "the factors of the items", items, factors), regularization);
    }

    private float Ridge(History history) => this._regularization.Ridge(history.Items.Length, this.Items);

    /// <summary>This thread's buffer for the equations, with room for one row of factors behind them.</summary>
    private float* FoldInScratch(out float* row)
    {
        var length = NormalEquations.ScratchLength(this._items.Stride);
        if (_foldInScratch is null || _foldInScratch.Length < length + this._items.Stride) _foldInScratch = new AlignedFloats(length + this._items.Stride);
        row = _foldInScratch.Pointer + length;
        return _foldInScratch.Pointer;
    }

    private static void WriteRows(ModelWriter writer, FactorMatrix matrix)
    {
        writer.WriteLength((long)matrix.Rows * matrix.Dimensions);
        for (var row = 0; row < matrix.Rows; row++) writer.WriteValues<float>(matrix.Values(row));
    }

    private static FactorMatrix ReadRows(ModelReader reader, string what, int rows, int factors)
    {
        if ((long)rows * FactorMatrix.StrideOf(factors) > AlignedFloats.MaxLength) throw reader.Broken($"{what} ({rows} × {factors}) do not fit in memory");
        var values = reader.ReadFiniteArray(what, (long)rows * factors);
        var matrix = new FactorMatrix(rows, factors);
        for (var row = 0; row < rows; row++) values.AsSpan(row * factors, factors).CopyTo(matrix.Values(row));
        return matrix;
    }

    /// <summary>Dot products with all items; a row of zeros belongs to someone unknown.</summary>
    private void Score(ReadOnlySpan<float> rows, int count, Span<float> scores)
    {
        Gemm.Multiply(rows, count, this.Factors, this._packedItems, scores);
        for (var i = 0; i < count; i++)
        {
            var row = scores.Slice(i * this.Items, this.Items);
            if (rows.Slice(i * this.Factors, this.Factors).IndexOfAnyExcept(0f) < 0) row.Fill(float.NegativeInfinity);
            else foreach (var item in this._unknownItems) row[item] = float.NegativeInfinity;
        }
    }
}
