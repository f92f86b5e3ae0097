using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

/// <summary>Numbers between −1 and 1, the same for the same seed.</summary>
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

    /// <summary>NaN where either holds one.</summary>
    public static double LargestDifference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        a.Length.ShouldBe(b.Length);
        var largest = 0.0;
        for (var i = 0; i < a.Length; i++) largest = Math.Max(largest, Math.Abs((double)a[i] - b[i]));
        return largest;
    }

    /// <summary>A sparse matrix; entries that meet are added.</summary>
    public static Interactions Sparse(int rows, int columns, int pairs)
    {
        var random = new Random(5);
        return Interactions.From(
            rows,
            columns,
            [.. Enumerable.Range(0, pairs).Select(_ => random.Next(rows))],
            [.. Enumerable.Range(0, pairs).Select(_ => random.Next(columns))],
            Array.ConvertAll(Random(pairs, 6), value => 1.5f + value));
    }

    /// <summary>The lower triangle of n × n in rows of some size; the identity beyond.</summary>
    public static AlignedFloats PositiveDefinite(int n, int size)
    {
        var matrix = new AlignedFloats((long)size * size);
        var random = Random(n * 8, n);
        for (var i = 0; i < size; i++)
        {
            matrix.Span[(i * size) + i] = 1;
            if (i >= n) continue;
            for (var j = 0; j <= i; j++)
            {
                for (var k = 0; k < 8; k++) matrix.Span[(i * size) + j] += random[(i * 8) + k] * random[(j * 8) + k];
            }
        }

        return matrix;
    }
}
