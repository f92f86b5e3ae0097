using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>A tensor that is learned. Its gradient adds up over backward passes until <see cref="ClearGradient"/>.</summary>
internal sealed class Parameter : Tensor
{
    private readonly bool[]? _isTouched;
    private readonly List<int> _touched = [];
    private bool _isWhole;

    /// <param name="name">Unique in its model: files, optimisers and messages know the parameter by it.</param>
    /// <param name="isTable">Whether rows are learned one by one as they are asked for (embeddings): steps then leave out the rows that a batch did not touch.</param>
    /// <param name="movesWhole">Whether a step moves every row of a table even so: those that it left out by what the optimiser remembers of them.</param>
    public Parameter(string name, int rows, int columns, bool isTable = false, bool movesWhole = false)
        : base(rows, columns, new AlignedFloats((long)rows * columns), needsGradient: true, length => new AlignedFloats(length))
    {
        this.Name = name;
        this.MovesWhole = movesWhole || !isTable;
        if (isTable) this._isTouched = new bool[rows];
    }

    public string Name { get; }

    /// <summary>Rows of a table that the gradient may be other than 0 in, unless <see cref="IsWhole"/>.</summary>
    public IReadOnlyList<int> Touched => this._touched;

    /// <summary>Whether every row has a gradient: always, unless this is a table of which only rows were asked for.</summary>
    public bool IsWhole => this._isTouched is null || this._isWhole;

    public bool IsTable => this._isTouched is not null;

    /// <summary>Whether a step moves every row, also those without a gradient.</summary>
    public bool MovesWhole { get; }

    public override Span<float> BeginGradient(out bool accumulate)
    {
        this._isWhole = true;
        return this.Begin(out accumulate);
    }

    /// <summary>The gradient of a table, to be added to in the given rows only.</summary>
    public Span<float> TouchGradient(ReadOnlySpan<int> rows)
    {
        if (this._isTouched is null) return this.Gradient;
        foreach (var row in rows)
        {
            if (row < 0 || this._isTouched[row]) continue;
            this._isTouched[row] = true;
            this._touched.Add(row);
        }

        return this.Begin(out _);
    }

    /// <summary>The rows that are touched become those given, in their order; the gradient stays. None may be missing that has one.</summary>
    public void TouchAnew(ReadOnlySpan<int> rows)
    {
        foreach (var row in this._touched) this._isTouched![row] = false;
        this._touched.Clear();
        this.TouchGradient(rows);
    }

    /// <summary>After a step: what was learned from is forgotten.</summary>
    public void ClearGradient()
    {
        if (this._isTouched is null)
        {
            this.ForgetGradient();
            return;
        }

        if (this.HasGradient)
        {
            // A table's gradient is kept at zero, so that its rows can be added to one by one.
            var gradient = this.Begin(out _);
            if (this._isWhole) gradient.Clear();
            else foreach (var row in this._touched) gradient.Slice(row * this.Columns, this.Columns).Clear();
        }

        foreach (var row in this._touched) this._isTouched[row] = false;
        this._touched.Clear();
        this._isWhole = false;
    }

    private Span<float> Begin(out bool accumulate)
    {
        var isFirst = !this.HasGradient;
        var gradient = base.BeginGradient(out accumulate);

        // Fresh memory is zero, and a table's gradient was cleared after its last step.
        if (isFirst && this._isTouched is not null) accumulate = true;
        return gradient;
    }
}
