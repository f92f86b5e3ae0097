namespace Aisle.Learning.Kernels;

/// <summary>
/// Rows of numbers, one per user or item, each starting on a cache line and padded with zeros to a multiple of 16 (at least 32),
/// so that kernels over whole rows have no remainder.
/// </summary>
internal sealed unsafe class FactorMatrix
{
    private readonly AlignedFloats _values;

    public FactorMatrix(int rows, int dimensions)
    {
        this.Rows = rows;
        this.Dimensions = dimensions;
        this.Stride = StrideOf(dimensions);
        this._values = new AlignedFloats((long)rows * this.Stride);
    }

    public int Rows { get; }

    public int Dimensions { get; }

    public int Stride { get; }

    public Span<float> All => this._values.Span;

    public Span<float> Values(int row) => this._values.Span.Slice(row * this.Stride, this.Dimensions);

    public Span<float> PaddedValues(int row) => this._values.Span.Slice(row * this.Stride, this.Stride);

    /// <summary>Start of a row; valid while this object is reachable.</summary>
    public float* Row(int row) => this._values.Pointer + ((nint)row * this.Stride);

    public static int StrideOf(int dimensions) => Math.Max(Tile.Columns, InstructionSets.Padded(dimensions));
}
