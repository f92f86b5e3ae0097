namespace Aisle.Learning.Kernels;

/// <summary>
/// Coordinate descent for min ½ bᵀGb − gᵀb + ½ Σ ridgeᵢ bᵢ² + λ Σ bᵢ with b ≥ 0 and one coordinate held at zero. What is left of the gradient,
/// r = g − Gb, is carried along: a coordinate that does not move costs nothing but a look at it.
/// </summary>
internal static unsafe class NonNegativeDescent
{
    /// <param name="gram">G, symmetric, both triangles, row-major at <paramref name="stride"/>.</param>
    /// <param name="excluded">The coordinate that stays zero.</param>
    /// <param name="scales">1 / (Gᵢᵢ + ridgeᵢ).</param>
    /// <param name="penalty">λ.</param>
    /// <param name="residual">g on entry, r on return.</param>
    /// <param name="b">The start, for which the residual is given; receives the solution.</param>
    /// <param name="tolerance">Ends when no coordinate moved further in a round over all of them.</param>
    public static void Run(float* gram, int stride, int excluded, float[] scales, float penalty, float[] residual, Span<float> b, int rounds, float tolerance)
    {
        Span<int> moving = b.Length <= 2048 ? stackalloc int[b.Length] : new int[b.Length];
        for (var round = 0; round < rounds; round++)
        {
            // A round over all coordinates finds those that have a part; rounds over these alone follow until they rest.
            var count = 0;
            var furthest = 0f;
            for (var i = 0; i < b.Length; i++)
            {
                if (i == excluded) continue;
                furthest = Math.Max(furthest, Move(gram, stride, i, scales, penalty, residual, b));
                if (b[i] > 0f) moving[count++] = i;
            }

            if (furthest <= tolerance) return;
            for (; round < rounds && furthest > tolerance; round++)
            {
                furthest = 0f;
                foreach (var i in moving[..count]) furthest = Math.Max(furthest, Move(gram, stride, i, scales, penalty, residual, b));
            }
        }
    }

    /// <summary>Plain twin of <see cref="Run"/>, in double, on all coordinates each round.</summary>
    public static double[] RunReference(double[,] gram, int excluded, double[] ridge, double penalty, int rounds)
    {
        var n = ridge.Length;
        var b = new double[n];
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < n; i++)
            {
                if (i == excluded) continue;
                var gradient = gram[i, excluded];
                for (var j = 0; j < n; j++) gradient -= j == i ? 0 : gram[i, j] * b[j];
                b[i] = Math.Max(0, (gradient - penalty) / (gram[i, i] + ridge[i]));
            }
        }

        return b;
    }

    /// <returns>How far the coordinate moved.</returns>
    private static float Move(float* gram, int stride, int i, float[] scales, float penalty, float[] residual, Span<float> b)
    {
        var row = gram + ((nint)i * stride);
        var before = b[i];
        var after = Math.Max(0f, (residual[i] + (row[i] * before) - penalty) * scales[i]);
        if (after == before) return 0f;
        b[i] = after;
        Vectors.AddScaled(before - after, new ReadOnlySpan<float>(row, residual.Length), residual);
        return Math.Abs(after - before);
    }
}
