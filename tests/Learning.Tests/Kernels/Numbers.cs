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
}
