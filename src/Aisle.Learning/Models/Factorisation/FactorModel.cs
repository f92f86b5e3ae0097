using System.Buffers;
using System.Collections.Concurrent;
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
public unsafe class FactorModel : ScoringModel
{
    private protected const int LayoutVersion = 2;

    private readonly FactorEquations _foldIn;
    private readonly bool _hasItemBias;

    /// <summary>α times that: the constant part of every fold-in.</summary>
    private readonly AlignedFloats _constant;

    private readonly PackedMatrix _packedItems;
    private readonly float[] _itemLengths;
    private readonly int[] _unknownItems;

    /// <summary>One per thread that is folding someone in just now.</summary>
    private readonly ConcurrentBag<NormalEquations> _solvers = [];

    internal FactorModel(string name, FactorParts parts)
    {
        this.Name = name;
        this.Parts = parts;
        this._foldIn = parts.FoldIn;
        this._hasItemBias = parts.HasItemBias;
        this._constant = parts.FoldIn.Unobserved(parts.Diagonal.Span);
        var items = parts.Items;
        this._packedItems = PackedMatrix.FromColumns(items.All, items.Dimensions, items.Rows, items.Stride);
        this._itemLengths = new float[items.Rows];
        for (var item = 0; item < items.Rows; item++) this._itemLengths[item] = MathF.Sqrt(Vectors.Dot(this.Direction(item), this.Direction(item)));
        this._unknownItems = Enumerable.Range(0, items.Rows).Where(item => this._itemLengths[item] == 0f).ToArray();
    }

    public override string Name { get; }

    public override int Users => this.UserFactors.Rows;

    public override int Items => this.ItemFactors.Rows;

    /// <summary>Numbers per user and item, without the bias.</summary>
    public int Factors => this.ItemFactors.Dimensions - (this._hasItemBias ? 1 : 0);

    internal FactorParts Parts { get; }

    private FactorMatrix UserFactors => this.Parts.Users;

    private FactorMatrix ItemFactors => this.Parts.Items;

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        var width = this.UserFactors.Dimensions;
        var gathered = ArrayPool<float>.Shared.Rent(users.Length * width);
        var rows = gathered.AsSpan(0, users.Length * width);
        for (var i = 0; i < users.Length; i++) this.UserFactors.Values(users[i]).CopyTo(rows.Slice(i * width, width));
        this.Score(rows, users.Length, scores);
        ArrayPool<float>.Shared.Return(gathered);
    }

    /// <summary>Solves the shopper's factors exactly from their history against the items as trained, and scores with them.</summary>
    private protected override void Score(History history, Span<float> scores)
    {
        var factors = new AlignedFloats(this.ItemFactors.Stride);
        var solver = this.Solver();
        this._foldIn.Solve(solver, this.Items, history.Items, history.Weights, factors.Pointer, factors.Length);
        this._solvers.Add(solver);
        if (this._hasItemBias && !history.Items.IsEmpty) factors.Span[this.Factors] = 1f;
        this.Score(factors.Span[..this.ItemFactors.Dimensions], 1, scores);
        GC.KeepAlive(factors);
    }

    /// <summary>Cosine of the two items' factors.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
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
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        var solver = this.Solver();
        if (!solver.Influence(this._foldIn.Ridge(history.Items.Length, this.Items), history.Items, history.Weights, items, contributions)) throw FactorEquations.TooWeak();
        this._solvers.Add(solver);
        for (var i = 0; i < contributions.Length; i++)
            contributions[i] *= this._foldIn.Scale * (this._foldIn.UnobservedWeight + history.Weight(i % history.Items.Length));
        return true;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        this.Parts.Save(writer);
        this.SaveRest(writer);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static FactorModel Load(string name, Stream stream)
    {
        using var reader = new ModelReader(stream, name, LayoutVersion);
        var parts = FactorParts.Load(reader);
        reader.ReadInt32("what follows the factors", 0, 0);
        return new FactorModel(name, parts);
    }

    /// <summary>Writes what is kept beside the factors: nothing, unless a family keeps more.</summary>
    private protected virtual void SaveRest(ModelWriter writer) => writer.Write(0);

    /// <summary>An item's factors without its bias.</summary>
    private Span<float> Direction(int item) => this.ItemFactors.Values(item)[..this.Factors];

    private NormalEquations Solver() =>
        this._solvers.TryTake(out var solver) ? solver : new NormalEquations(this.ItemFactors, this._constant, this.Factors);

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
