using System.Buffers;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// Factors of users and items; a score is their dot product, whoever learned them. A user without interactions and an item without
/// interactions have zero factors: they are unknown and score −∞.
/// </summary>
/// <remarks>
/// Where items have a bias, it is the last column of their factors, and that column of a known user is 1. A shopper is folded in by
/// least squares against the items as trained (<see cref="FactorEquations"/>), whatever loss the items were trained with; the bias takes no part in it.
/// </remarks>
public unsafe class FactorModel : IModel
{
    private const int LayoutVersion = 2;

    private readonly FactorEquations _foldIn;
    private readonly bool _hasItemBias;

    /// <summary>α·YᵀY, the constant part of every fold-in.</summary>
    private readonly AlignedFloats _gram;

    private readonly PackedMatrix _packedItems;
    private readonly float[] _itemLengths;
    private readonly int[] _unknownItems;

    [ThreadStatic]
    private static AlignedFloats? _foldInScratch;

    internal FactorModel(string name, FactorMatrix users, FactorMatrix items, FactorEquations foldIn, bool hasItemBias = false)
    {
        this.Name = name;
        this.UserFactors = users;
        this.ItemFactors = items;
        this._foldIn = foldIn;
        this._hasItemBias = hasItemBias;
        this._gram = foldIn.GramOf(items, 1, default);
        this._packedItems = PackedMatrix.FromColumns(items.All, items.Dimensions, items.Rows, items.Stride);
        this._itemLengths = new float[items.Rows];
        for (var item = 0; item < items.Rows; item++) this._itemLengths[item] = MathF.Sqrt(Vectors.Dot(this.Direction(item), this.Direction(item)));
        this._unknownItems = Enumerable.Range(0, items.Rows).Where(item => this._itemLengths[item] == 0f).ToArray();
    }

    public string Name { get; }

    public int Users => this.UserFactors.Rows;

    public int Items => this.ItemFactors.Rows;

    /// <summary>Numbers per user and item, without the bias.</summary>
    public int Factors => this.ItemFactors.Dimensions - (this._hasItemBias ? 1 : 0);

    internal FactorMatrix UserFactors { get; }

    internal FactorMatrix ItemFactors { get; }

    internal FactorEquations FoldIn => this._foldIn;

    public void ScoreUsers(ReadOnlySpan<int> users, Span<float> scores)
    {
        TrainingInput.CheckUsers(this, users);
        TrainingInput.CheckScores(this, users.Length, scores);
        var width = this.UserFactors.Dimensions;
        var gathered = ArrayPool<float>.Shared.Rent(users.Length * width);
        var rows = gathered.AsSpan(0, users.Length * width);
        for (var i = 0; i < users.Length; i++) this.UserFactors.Values(users[i]).CopyTo(rows.Slice(i * width, width));
        this.Score(rows, users.Length, scores);
        ArrayPool<float>.Shared.Return(gathered);
    }

    /// <summary>Solves the shopper's factors exactly from their history against the items as trained, and scores with them.</summary>
    public void ScoreHistory(History history, Span<float> scores)
    {
        TrainingInput.CheckHistory(this, history);
        TrainingInput.CheckScores(this, 1, scores);
        var scratch = this.FoldInScratch(out var factors);
        this._foldIn.Solve(this._gram, this.ItemFactors, this.Factors, history.Items, history.Weights, factors, scratch);
        if (this._hasItemBias) factors[this.Factors] = history.Items.IsEmpty ? 0f : 1f;
        this.Score(new ReadOnlySpan<float>(factors, this.ItemFactors.Dimensions), 1, scores);
    }

    /// <summary>Cosine of the two items' factors.</summary>
    public void ScoreSimilar(int item, Span<float> scores)
    {
        TrainingInput.CheckItem(this, item);
        TrainingInput.CheckScores(this, 1, scores);
        scores.Fill(float.NegativeInfinity);
        if (this._itemLengths[item] == 0f) return;
        for (var other = 0; other < scores.Length; other++)
        {
            if (other != item && this._itemLengths[other] > 0f)
                scores[other] = Vectors.Dot(this.Direction(item), this.Direction(other)) / (this._itemLengths[other] * this._itemLengths[item]);
        }
    }

    /// <summary>
    /// A folded-in score is a sum over the history: y_j·x = Σ_i (α + w_i) y_jᵀA⁻¹y_i (Hu, Koren, Volinsky, section 5), where A is the matrix
    /// of the shopper's equations. An item's bias is no one's doing and stays out.
    /// </summary>
    public bool Explain(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        TrainingInput.CheckHistory(this, history);
        TrainingInput.CheckContributions(this, history, items, contributions);
        var scratch = this.FoldInScratch(out var direction);
        this._foldIn.Factor(this._gram, this.ItemFactors, this.Factors, history.Items, history.Weights, scratch);
        for (var row = 0; row < items.Length; row++)
        {
            this.ItemFactors.PaddedValues(items[row]).CopyTo(new Span<float>(direction, this.ItemFactors.Stride));
            Cholesky.Solve(scratch, this.Factors, this.ItemFactors.Stride, direction);
            for (var i = 0; i < history.Items.Length; i++)
            {
                var dot = Vectors.Dot(new ReadOnlySpan<float>(direction, this.Factors), this.Direction(history.Items[i]));
                contributions[(row * history.Items.Length) + i] = this._foldIn.Scale * (this._foldIn.UnobservedWeight + history.Weight(i)) * dot;
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
        writer.Write(this._hasItemBias ? 1 : 0);
        this._foldIn.Save(writer);
        WriteRows(writer, this.UserFactors);
        WriteRows(writer, this.ItemFactors);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static FactorModel Load(string name, Stream stream)
    {
        using var reader = new ModelReader(stream, name, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var factors = reader.ReadInt32("the number of factors", 1, 2048);
        var bias = reader.ReadInt32("the number of biases per item", 0, 1);
        var foldIn = FactorEquations.Load(reader);
        return new FactorModel(
            name, ReadRows(reader, "the factors of the users", users, factors + bias), ReadRows(reader, "the factors of the items", items, factors + bias), foldIn, bias == 1);
    }

    /// <summary>An item's factors without its bias.</summary>
    private Span<float> Direction(int item) => this.ItemFactors.Values(item)[..this.Factors];

    /// <summary>This thread's buffer for the equations, with room for one row of factors behind them.</summary>
    private float* FoldInScratch(out float* row)
    {
        var stride = this.ItemFactors.Stride;
        var length = NormalEquations.ScratchLength(stride);
        if (_foldInScratch is null || _foldInScratch.Length < length + stride) _foldInScratch = new AlignedFloats(length + stride);
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
        var width = this.ItemFactors.Dimensions;
        Gemm.Multiply(rows, count, width, this._packedItems, scores);
        for (var i = 0; i < count; i++)
        {
            var row = scores.Slice(i * this.Items, this.Items);
            if (rows.Slice(i * width, width).IndexOfAnyExcept(0f) < 0) row.Fill(float.NegativeInfinity);
            else foreach (var item in this._unknownItems) row[item] = float.NegativeInfinity;
        }
    }
}
