namespace Aisle.Learning.Kernels;

/// <summary>Rows of a table asked for by number, and the gradients that go back to them.</summary>
internal static class EmbeddingRows
{
    private const int Grain = 256;

    /// <summary>y[i] = table[rows[i]]; a row of −1 is zeros.</summary>
    public static unsafe void Gather(ReadOnlySpan<float> table, int columns, int[] rows, Span<float> y, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, checked(rows.Length * columns));
        foreach (var row in rows) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, table.Length / columns);
        fixed (float* source = table, target = y)
        {
            nint from = (nint)source, to = (nint)target;
            ParallelRows.Run(
                threads,
                rows.Length,
                Grain,
                (_, first, end) =>
                {
                    for (var i = first; i < end; i++)
                    {
                        var row = new Span<float>((float*)to + ((nint)i * columns), columns);
                        if (rows[i] < 0) row.Clear();
                        else new ReadOnlySpan<float>((float*)from + ((nint)rows[i] * columns), columns).CopyTo(row);
                    }
                },
                CancellationToken.None);
        }
    }

    /// <summary>
    /// table[rows[i]] += x[i]; a row of −1 is left out. Each thread owns a share of the table's rows and takes them in the order of i: no sum depends on the
    /// threads.
    /// </summary>
    public static void ScatterAdd(ReadOnlySpan<float> x, int columns, int[] rows, Span<float> table, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(x.Length, checked(rows.Length * columns));
        Scatter([], x, columns, [], rows, table, threads);
    }

    /// <summary>table[rows[i]] += weights[i] · x[owners[i]], in the order of i; shared out as the other.</summary>
    public static void ScatterAdd(ReadOnlySpan<float> weights, ReadOnlySpan<float> x, int columns, int[] owners, int[] rows, Span<float> table, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, rows.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(owners.Length, rows.Length);
        foreach (var row in rows) ArgumentOutOfRangeException.ThrowIfNegative(row);
        foreach (var owner in owners) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)owner, (uint)(x.Length / columns));
        Scatter(weights, x, columns, owners, rows, table, threads);
    }

    /// <summary>Plain twin of both.</summary>
    /// <param name="weights">Empty: 1 each.</param>
    /// <param name="owners">Empty: row i of x.</param>
    public static void ScatterAddReference(ReadOnlySpan<float> weights, ReadOnlySpan<float> x, int columns, int[] owners, int[] rows, Span<float> table)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] < 0) continue;
            var (weight, owner) = (weights.IsEmpty ? 1f : weights[i], owners.Length == 0 ? i : owners[i]);
            for (var column = 0; column < columns; column++) table[(rows[i] * columns) + column] += weight * x[(owner * columns) + column];
        }
    }

    private static unsafe void Scatter(ReadOnlySpan<float> weights, ReadOnlySpan<float> x, int columns, int[] owners, int[] rows, Span<float> table, int threads)
    {
        foreach (var row in rows) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, table.Length / columns);
        var shares = rows.Length < 4 * Grain ? 1 : threads;
        fixed (float* factors = weights, source = x, target = table)
        {
            nint by = (nint)factors, from = (nint)source, to = (nint)target;
            ParallelRows.Run(
                threads,
                shares,
                grain: 1,
                (_, share, _) =>
                {
                    for (var i = 0; i < rows.Length; i++)
                    {
                        var row = rows[i];
                        if (row < 0 || (shares > 1 && row % shares != share)) continue;
                        var owner = owners.Length == 0 ? i : owners[i];
                        Vectors.AddScaled(
                            by == 0 ? 1f : ((float*)by)[i],
                            new ReadOnlySpan<float>((float*)from + ((nint)owner * columns), columns),
                            new Span<float>((float*)to + ((nint)row * columns), columns));
                    }
                },
                CancellationToken.None);
        }
    }
}
