using System.Numerics.Tensors;
using Aisle.Learning.Kernels;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Aisle.Benchmarks.Kernels;

/// <summary>Few, short runs inside this process: a kernel must win clearly or go.</summary>
internal sealed class KernelConfig : ManualConfig
{
    public KernelConfig() => this.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
}

/// <summary>Random numbers between −1 and 1.</summary>
internal static class Numbers
{
    public static float[] Random(int length, int seed)
    {
        var random = new Random(seed);
        var values = new float[length];
        foreach (ref var value in values.AsSpan()) value = (float)((random.NextDouble() * 2) - 1);
        return values;
    }

    public static FactorMatrix Factors(int rows, int dimensions, int seed)
    {
        var matrix = new FactorMatrix(rows, dimensions);
        var values = Random(rows * dimensions, seed);
        for (var row = 0; row < rows; row++) values.AsSpan(row * dimensions, dimensions).CopyTo(matrix.Values(row));
        return matrix;
    }
}

[Config(typeof(KernelConfig))]
public class VectorBenchmarks
{
    private float[] _x = [];
    private float[] _y = [];

    [Params(64, 1024)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        this._x = Numbers.Random(this.Length, 1);
        this._y = Numbers.Random(this.Length, 2);
    }

    [Benchmark]
    public float DotPlain()
    {
        var sum = 0f;
        for (var i = 0; i < this._x.Length; i++) sum += this._x[i] * this._y[i];
        return sum;
    }

    [Benchmark]
    public float DotTensors() => TensorPrimitives.Dot(this._x, this._y);

    [Benchmark]
    public float DotKernel() => Vectors.Dot(this._x, this._y);

    [Benchmark]
    public void AddScaledPlain() => Vectors.AddScaledReference(1e-9f, this._x, this._y);

    [Benchmark]
    public void AddScaledTensors() => TensorPrimitives.MultiplyAdd(this._x, 1e-9f, this._y, this._y);

    [Benchmark]
    public void AddScaledKernel() => Vectors.AddScaled(1e-9f, this._x, this._y);
}

[Config(typeof(KernelConfig))]
public class ProductBenchmarks
{
    private float[] _a = [];
    private float[] _b = [];
    private float[] _c = [];

    [Params(64, 512)]
    public int Size { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        this._a = Numbers.Random(this.Size * this.Size, 1);
        this._b = Numbers.Random(this.Size * this.Size, 2);
        this._c = new float[this.Size * this.Size];
    }

    /// <summary>Row by row of B, which the compiler cannot vectorise but the cache likes.</summary>
    [Benchmark]
    public void Plain()
    {
        Array.Clear(this._c);
        for (var i = 0; i < this.Size; i++)
        {
            for (var k = 0; k < this.Size; k++)
            {
                var factor = this._a[(i * this.Size) + k];
                for (var j = 0; j < this.Size; j++) this._c[(i * this.Size) + j] += factor * this._b[(k * this.Size) + j];
            }
        }
    }

    [Benchmark]
    public void Tensors()
    {
        Array.Clear(this._c);
        for (var i = 0; i < this.Size; i++)
        {
            var row = this._c.AsSpan(i * this.Size, this.Size);
            for (var k = 0; k < this.Size; k++) TensorPrimitives.MultiplyAdd(this._b.AsSpan(k * this.Size, this.Size), this._a[(i * this.Size) + k], row, row);
        }
    }

    [Benchmark]
    public void Kernel() => Gemm.Multiply(this._a, this._b, this._c, this.Size, this.Size, this.Size);
}

[Config(typeof(KernelConfig))]
public class GramBenchmarks
{
    private readonly FactorMatrix _x = Numbers.Factors(4096, 64, 1);
    private readonly AlignedFloats _gram = new(64 * 64);

    [Benchmark]
    public void Plain()
    {
        this._gram.Span.Clear();
        for (var row = 0; row < this._x.Rows; row++)
        {
            var values = this._x.Values(row);
            for (var i = 0; i < 64; i++)
            {
                for (var j = i; j < 64; j++) this._gram.Span[(i * 64) + j] += values[i] * values[j];
            }
        }
    }

    [Benchmark]
    public void Tensors()
    {
        this._gram.Span.Clear();
        for (var row = 0; row < this._x.Rows; row++)
        {
            var values = this._x.Values(row);
            for (var i = 0; i < 64; i++)
            {
                var target = this._gram.Span.Slice((i * 64) + i, 64 - i);
                TensorPrimitives.MultiplyAdd(values[i..], values[i], target, target);
            }
        }
    }

    [Benchmark]
    public void Kernel() => Gram.Compute(this._x, this._gram, 1, default);
}

[Config(typeof(KernelConfig))]
public class SelectionBenchmarks
{
    private readonly float[] _scores = Numbers.Random(40_981, 1);
    private readonly int[] _indices = new int[20];
    private readonly float[] _values = new float[20];

    [Benchmark]
    public int PlainSort() => TopK.SelectReference(this._scores, this._indices, this._values);

    [Benchmark]
    public int PlainQueue()
    {
        var queue = new PriorityQueue<int, float>(21);
        for (var i = 0; i < this._scores.Length; i++)
        {
            if (queue.Count < 20) queue.Enqueue(i, this._scores[i]);
            else queue.EnqueueDequeue(i, this._scores[i]);
        }

        return queue.Count;
    }

    [Benchmark]
    public int Kernel() => TopK.Select(this._scores, this._indices, this._values);
}
