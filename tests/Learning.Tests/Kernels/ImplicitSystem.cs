using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

/// <summary>D + λI + Σ w y yᵀ with right-hand side Σ (t + w) y, in the kernels' form and written out.</summary>
internal sealed class ImplicitSystem
{
    public const float Ridge = 0.5f;
    public const float BaseTarget = 0.1f;

    public ImplicitSystem(int dimensions, int count)
    {
        this.Rows = Numbers.Factors(Math.Max(3, 2 * count), dimensions, 8);
        this.Diagonal = new AlignedFloats(this.Rows.Stride);
        for (var i = 0; i < dimensions; i++) this.Diagonal.Span[i] = BaseTarget * (1 + (3 * i % 7));
        this.Indices = [.. Enumerable.Range(0, count).Select(i => 2 * i)];
        this.Weights = Array.ConvertAll(Numbers.Random(count, 11), value => 0.5f + (value * value));
        this.Matrix = new double[dimensions, dimensions];
        this.Right = new double[dimensions];
        this.Preconditioner = new double[dimensions];
        for (var i = 0; i < dimensions; i++)
        {
            this.Matrix[i, i] = Ridge;
            this.Matrix[i, i] += this.Diagonal.Span[i];
            this.Preconditioner[i] = this.Matrix[i, i];
            for (var row = 0; row < count; row++)
            {
                var y = this.Rows.Values(this.Indices[row]);
                this.Right[i] += (BaseTarget + (double)this.Weights[row]) * y[i];
                for (var j = 0; j < dimensions; j++) this.Matrix[i, j] += (double)this.Weights[row] * y[i] * y[j];
            }
        }
    }

    public FactorMatrix Rows { get; }

    public AlignedFloats Diagonal { get; }

    public double[] Preconditioner { get; }

    public int[] Indices { get; }

    public float[] Weights { get; }

    public double[,] Matrix { get; }

    public double[] Right { get; }

    /// <summary>Solves for x[first … end) with the others held.</summary>
    public void SolveBlockReference(double[] x, int first, int end)
    {
        var matrix = new double[end - first, end - first];
        var right = new double[end - first];
        for (var i = first; i < end; i++)
        {
            right[i - first] = this.Right[i];
            for (var j = 0; j < x.Length; j++)
            {
                if (j >= first && j < end) matrix[i - first, j - first] = this.Matrix[i, j];
                else right[i - first] -= this.Matrix[i, j] * x[j];
            }
        }

        Cholesky.SolveReference(matrix, right)!.CopyTo(x, first);
    }
}
