namespace Aisle.Learning.Kernels;

/// <summary>
/// Products of one sparse row with all rows that share a column with it, walked through the columns' lists of rows. What is left behind
/// in the sums costs time only for the rows that were touched, never for all.
/// </summary>
internal static unsafe class RowProducts
{
    /// <summary>
    /// products[r] += value · weight for every row r of one column's list. A row whose sum was 0 is appended to <paramref name="touched"/>:
    /// value and weights are therefore positive.
    /// </summary>
    /// <param name="weights">Beside <paramref name="rows"/>; empty means 1 each.</param>
    /// <param name="touched">As long as there are rows, and one place more: it is written to before it is known whether the row counts.</param>
    /// <param name="count">Rows touched so far.</param>
    /// <returns>Rows touched now.</returns>
    public static int Add(float value, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, Span<float> products, Span<int> touched, int count)
    {
        fixed (int* row = rows, list = touched)
        fixed (float* weight = weights, sum = products)
        {
            // Without a branch: whether a row is new to the list cannot be predicted.
            if (weights.IsEmpty)
            {
                for (var i = 0; i < rows.Length; i++)
                {
                    var at = row[i];
                    var before = sum[at];
                    sum[at] = before + value;
                    list[count] = at;
                    count += before == 0f ? 1 : 0;
                }

                return count;
            }

            for (var i = 0; i < rows.Length; i++)
            {
                var at = row[i];
                var before = sum[at];
                sum[at] = before + (value * weight[i]);
                list[count] = at;
                count += before == 0f ? 1 : 0;
            }
        }

        return count;
    }

    /// <summary>similarities[i] = products[r] / (own · sizes[r] + shrinkage) for r = rows[i]: the one loop over what was touched that every fit runs.</summary>
    public static void Cosines(float own, float shrinkage, ReadOnlySpan<int> rows, ReadOnlySpan<float> products, ReadOnlySpan<float> sizes, Span<float> similarities)
    {
        fixed (int* row = rows)
        fixed (float* product = products, size = sizes, similarity = similarities)
        {
            for (var i = 0; i < rows.Length; i++) similarity[i] = product[row[i]] / ((own * size[row[i]]) + shrinkage);
        }
    }

    /// <summary>
    /// As <see cref="Add"/>, for values of any sign: counts the columns that a row shares, and also sums the squares of both over them
    /// (what a correlation over shared columns divides by). A row is new where its count was 0.
    /// </summary>
    /// <param name="scale">Weight of this column.</param>
    public static int AddShared(float value, float scale, ReadOnlySpan<int> rows, ReadOnlySpan<float> weights, Span<SharedColumns> sums, Span<int> touched, int count)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            ref var sum = ref sums[rows[i]];
            if (sum.Count++ == 0) touched[count++] = rows[i];
            sum.Product += scale * value * weights[i];
            sum.OwnSquares += scale * value * value;
            sum.OtherSquares += scale * weights[i] * weights[i];
        }

        return count;
    }

    /// <summary>Plain twin of both: one product of two rows, column by column.</summary>
    public static SharedColumns Reference(ReadOnlySpan<int> columns, ReadOnlySpan<float> values, ReadOnlySpan<int> otherColumns, ReadOnlySpan<float> otherValues, ReadOnlySpan<float> scales)
    {
        var shared = default(SharedColumns);
        for (var i = 0; i < columns.Length; i++)
        {
            var at = otherColumns.IndexOf(columns[i]);
            if (at < 0) continue;
            var scale = scales[columns[i]];
            shared.Count++;
            shared.Product += scale * values[i] * otherValues[at];
            shared.OwnSquares += scale * values[i] * values[i];
            shared.OtherSquares += scale * otherValues[at] * otherValues[at];
        }

        return shared;
    }
}

/// <summary>What two rows have in common.</summary>
internal struct SharedColumns
{
    public float Product;
    public float OwnSquares;
    public float OtherSquares;
    public int Count;
}
