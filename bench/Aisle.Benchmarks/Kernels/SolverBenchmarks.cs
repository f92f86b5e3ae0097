using System.Numerics.Tensors;
using Aisle.Learning.Kernels;
using BenchmarkDotNet.Attributes;

namespace Aisle.Benchmarks.Kernels;

/// <summary>One row of ALS with 64 factors: exactly, and by three steps of conjugate gradient.</summary>
[Config(typeof(KernelConfig))]
public unsafe class SolverBenchmarks
{
    private const int Dimensions = 64;

    private readonly FactorMatrix _rows = Numbers.Factors(4096, Dimensions, 1);
    private readonly FactorMatrix _x = new(1, Dimensions);
    private readonly AlignedFloats _gram = new(Dimensions * Dimensions);
    private readonly AlignedFloats _diagonal = new(Dimensions);
    private readonly float[] _plain = new float[Dimensions * Dimensions];
    private ConjugateGradient? _solver;
    private NormalEquations? _exact;
    private int[] _indices = [];
    private float[] _weights = [];

    [Params(8, 27, 200)]
    public int Count { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Gram.Compute(this._rows, this._gram, 1, default);
        for (var i = 0; i < Dimensions; i++) this._diagonal.Span[i] = this._gram.Span[(i * Dimensions) + i];
        this._gram.Span.Clear();
        for (var i = 0; i < Dimensions; i++) this._gram.Span[(i * Dimensions) + i] = this._diagonal.Span[i];
        this._solver = new ConjugateGradient(this._diagonal, this._rows);
        this._exact = new NormalEquations(this._rows, this._diagonal, Dimensions);
        this._indices = [.. Enumerable.Range(0, this.Count).Select(i => i * 17 % this._rows.Rows)];
        this._weights = [.. Enumerable.Repeat(1f, this.Count)];
    }

    [Benchmark]
    public void ConjugateGradientKernel()
    {
        this._x.All.Clear();
        this._solver!.Solve(0.1f, this._indices, this._weights, 0.01f, 3, this._x.Row(0));
    }

    /// <summary>The same steps from TensorPrimitives.</summary>
    [Benchmark]
    public void ConjugateGradientTensors()
    {
        Span<float> residual = stackalloc float[Dimensions];
        Span<float> direction = stackalloc float[Dimensions];
        Span<float> product = stackalloc float[Dimensions];
        var x = this._x.Values(0);
        x.Clear();
        this.Apply(x, residual, isResidual: true);
        residual.CopyTo(direction);
        var length = TensorPrimitives.Dot(residual, residual);
        for (var step = 0; step < 3; step++)
        {
            this.Apply(direction, product, isResidual: false);
            var alpha = length / TensorPrimitives.Dot(direction, product);
            TensorPrimitives.MultiplyAdd(direction, alpha, x, x);
            TensorPrimitives.MultiplyAdd(product, -alpha, residual, residual);
            var next = TensorPrimitives.Dot(residual, residual);
            TensorPrimitives.MultiplyAdd(direction, next / length, residual, direction);
            length = next;
        }
    }

    [Benchmark]
    public bool CholeskyKernel() => this._exact!.Solve(0.1f, this._indices, this._weights, 0.01f, this._x.Row(0));

    /// <summary>Cholesky row by row from dot products.</summary>
    [Benchmark]
    public void CholeskyTensors()
    {
        this._gram.Span.CopyTo(this._plain);
        for (var row = 0; row < this.Count; row++)
        {
            var y = this._rows.Values(this._indices[row]);
            for (var i = 0; i < Dimensions; i++)
            {
                var target = this._plain.AsSpan(i * Dimensions, i + 1);
                TensorPrimitives.MultiplyAdd(y[..(i + 1)], y[i], target, target);
            }
        }

        for (var i = 0; i < Dimensions; i++)
        {
            this._plain[(i * Dimensions) + i] += 0.1f;
            for (var j = 0; j <= i; j++)
            {
                var sum = this._plain[(i * Dimensions) + j] - TensorPrimitives.Dot<float>(this._plain.AsSpan(i * Dimensions, j), this._plain.AsSpan(j * Dimensions, j));
                this._plain[(i * Dimensions) + j] = i == j ? MathF.Sqrt(sum) : sum / this._plain[(j * Dimensions) + j];
            }
        }
    }

    private void Apply(ReadOnlySpan<float> p, Span<float> target, bool isResidual)
    {
        for (var i = 0; i < Dimensions; i++)
            target[i] = (isResidual ? -1 : 1) * (TensorPrimitives.Dot(this._gram.Span.Slice(i * Dimensions, Dimensions), p) + (0.1f * p[i]));
        for (var i = 0; i < this.Count; i++)
        {
            var y = this._rows.Values(this._indices[i]);
            var dot = TensorPrimitives.Dot(y, p);
            TensorPrimitives.MultiplyAdd(y, isResidual ? 0.01f + (this._weights[i] * (1 - dot)) : this._weights[i] * dot, target, target);
        }
    }
}
