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

    /// <summary>table[rows[i]] += scale · y[i]. Each thread owns a share of the table's rows and takes them in the order of i: no sum depends on the threads.</summary>
    public static unsafe void ScatterAdd(ReadOnlySpan<float> y, int columns, int[] rows, float scale, Span<float> table, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(y.Length, checked(rows.Length * columns));
        foreach (var row in rows) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, table.Length / columns);
        var shares = rows.Length < 4 * Grain ? 1 : threads;
        fixed (float* source = y, target = table)
        {
            nint from = (nint)source, to = (nint)target;
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
                        Vectors.AddScaled(scale, new ReadOnlySpan<float>((float*)from + ((nint)i * columns), columns), new Span<float>((float*)to + ((nint)row * columns), columns));
                    }
                },
                CancellationToken.None);
        }
    }

    /// <summary>table[rows[i · count + j]] += scores[i, j] · x[i], in the order of i and j; shared out as <see cref="ScatterAdd"/>.</summary>
    public static unsafe void ScatterAddProducts(ReadOnlySpan<float> scores, ReadOnlySpan<float> x, int columns, int[] rows, int count, Span<float> table, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Length, rows.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual((long)x.Length * count, (long)rows.Length * columns);
        foreach (var row in rows) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)(table.Length / columns));
        var shares = rows.Length < 4 * Grain ? 1 : threads;
        fixed (float* weights = scores, source = x, target = table)
        {
            nint by = (nint)weights, from = (nint)source, to = (nint)target;
            ParallelRows.Run(
                threads,
                shares,
                grain: 1,
                (_, share, _) =>
                {
                    for (var i = 0; i < rows.Length; i++)
                    {
                        if (shares > 1 && rows[i] % shares != share) continue;
                        Vectors.AddScaled(((float*)by)[i], new ReadOnlySpan<float>((float*)from + ((nint)(i / count) * columns), columns), new Span<float>((float*)to + ((nint)rows[i] * columns), columns));
                    }
                },
                CancellationToken.None);
        }
    }

    /// <summary>table[rows[i]] += weights[i] · x[owners[i]], in the order of i; shared out as <see cref="ScatterAdd"/>.</summary>
    public static unsafe void ScatterAddOwned(ReadOnlySpan<float> weights, ReadOnlySpan<float> x, int columns, int[] owners, int[] rows, Span<float> table, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(weights.Length, rows.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(owners.Length, rows.Length);
        foreach (var row in rows) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)(table.Length / columns));
        foreach (var owner in owners) ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)owner, (uint)(x.Length / columns));
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
                        if (shares > 1 && rows[i] % shares != share) continue;
                        Vectors.AddScaled(((float*)by)[i], new ReadOnlySpan<float>((float*)from + ((nint)owners[i] * columns), columns), new Span<float>((float*)to + ((nint)rows[i] * columns), columns));
                    }
                },
                CancellationToken.None);
        }
    }

    /// <summary>Plain twin of <see cref="ScatterAddOwned"/>.</summary>
    public static void ScatterAddOwnedReference(ReadOnlySpan<float> weights, ReadOnlySpan<float> x, int columns, int[] owners, int[] rows, Span<float> table)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            for (var column = 0; column < columns; column++) table[(rows[i] * columns) + column] += weights[i] * x[(owners[i] * columns) + column];
        }
    }
}
