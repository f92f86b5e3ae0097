using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>
/// A matrix of single-precision numbers, row-major without gaps, and the gradient of the loss by each of them. Sequences of a batch lie one
/// after another as rows, without padding: two dimensions are all that is needed.
/// </summary>
internal class Tensor
{
    private readonly AlignedFloats _values;
    private readonly Func<long, AlignedFloats> _room;
    private AlignedFloats? _gradient;
    private bool _hasGradient;

    /// <param name="room">Where the gradient is taken from when it is first asked for.</param>
    protected internal Tensor(int rows, int columns, AlignedFloats values, bool needsGradient, Func<long, AlignedFloats> room)
    {
        this.Rows = rows;
        this.Columns = columns;
        this._values = values;
        this._room = room;
        this.NeedsGradient = needsGradient;
    }

    public int Rows { get; }

    public int Columns { get; }

    public int Length => this.Rows * this.Columns;

    public bool NeedsGradient { get; }

    public Span<float> Values => this._values.Span[..this.Length];

    /// <summary>To be added to; zeros at first.</summary>
    public Span<float> Gradient
    {
        get
        {
            var gradient = this.BeginGradient(out var accumulate);
            if (!accumulate) gradient.Clear();
            return gradient;
        }
    }

    /// <summary>The same numbers, from which nothing is learned.</summary>
    public Tensor Fixed() => new(this.Rows, this.Columns, this._values, needsGradient: false, this._room);

    public Span<float> Row(int row) => this.Values.Slice(row * this.Columns, this.Columns);

    /// <summary>The gradient for an operation that can either overwrite or add: undefined numbers unless <paramref name="accumulate"/>.</summary>
    public virtual Span<float> BeginGradient(out bool accumulate)
    {
        accumulate = this._hasGradient;
        this._hasGradient = true;
        this._gradient ??= this._room(this.Length);
        return this._gradient.Span[..this.Length];
    }

    /// <summary>Whether anything has been said of this tensor by the backward pass.</summary>
    public bool HasGradient => this._hasGradient;

    protected void ForgetGradient() => this._hasGradient = false;
}
