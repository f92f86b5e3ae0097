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

    private readonly FactorScores _scores;
    private readonly FactorCosines _likeness;
    private readonly Lazy<FactorSearch> _search;

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
        this._likeness = new FactorCosines(items, this.Factors);
        this._search = new Lazy<FactorSearch>(() => new FactorSearch(items, this._likeness));
        this._scores = new FactorScores(PackedMatrix.FromColumns(items.All, items.Dimensions, items.Rows, items.Stride), this._likeness.Unknown);
    }

    public override string Name { get; }

    public override int Users => this.UserFactors.Rows;

    public override int Items => this.ItemFactors.Rows;

    /// <summary>Numbers per user and item, without the bias.</summary>
    public int Factors => this.ItemFactors.Dimensions - (this._hasItemBias ? 1 : 0);

    internal FactorParts Parts { get; }

    private FactorMatrix UserFactors => this.Parts.Users;

    private FactorMatrix ItemFactors => this.Parts.Items;

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores) => this._scores.OfUsers(this.UserFactors, users, scores);

    /// <summary>Solves the shopper's factors exactly from their history against the items as trained, and scores with them.</summary>
    private protected override void Score(History history, Span<float> scores) => this._scores.Of(this.FoldIn(history), 1, scores);

    private protected override PartialScores? OpenScores(History history) =>
        this.Items < FactorSearch.LeastItems ? null : this._search.Value.Open(this.FoldIn(history));

    /// <summary>The shopper's row.</summary>
    internal float[] FoldIn(History history)
    {
        var factors = new AlignedFloats(this.ItemFactors.Stride);
        var solver = this.Solver();
        this._foldIn.Solve(solver, this.Items, history.Items, history.Weights, factors.Pointer, factors.Length);
        this._solvers.Add(solver);
        if (this._hasItemBias && !history.Items.IsEmpty) factors.Span[this.Factors] = 1f;
        var row = factors.Span[..this.ItemFactors.Dimensions].ToArray();
        GC.KeepAlive(factors);
        return row;
    }

    /// <summary>Cosine of the two items' factors.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores) => this._likeness.Of(item, scores);

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

    private NormalEquations Solver() =>
        this._solvers.TryTake(out var solver) ? solver : new NormalEquations(this.ItemFactors, this._constant, this.Factors);
}
