using Aisle.Learning.Data;

namespace Aisle.Learning.Evaluation;

/// <summary>
/// Likeness of items as the cosine of sparse rows of unit length: brought vectors where the data has them, else attributes, else who
/// touched them in training (co-occurrence). An item with an empty row is like no other.
/// </summary>
internal sealed class ItemLikeness
{
    private readonly Interactions _rows;

    private ItemLikeness(Interactions rows) => this._rows = rows;

    public int Features => this._rows.Items;

    public static ItemLikeness Of(Dataset data) =>
        data.ItemVectors is { } vectors ? new ItemLikeness(Dense(vectors, data.Interactions.Items))
        : data.ItemAttributes is { } attributes ? new ItemLikeness(Sets(attributes))
        : new ItemLikeness(Units(data.Interactions.Transpose().Reweight(_ => 1f)));

    /// <summary>
    /// Mean of 1 − cosine over the pairs among the first k items, for each k of <paramref name="cutoffs"/>. Not all pairs are visited:
    /// with s the sum of the unit rows, Σ_{i≠j} cos(i, j) = |s|² − Σ |row|², and |s|² grows by 2 s·row + |row|² with each item.
    /// </summary>
    /// <param name="sum">Features zeros; left as zeros.</param>
    /// <param name="diversity">One per cutoff; NaN where the list has fewer than two items.</param>
    public void Diversity(ReadOnlySpan<int> list, IReadOnlyList<int> cutoffs, Span<float> sum, Span<float> diversity)
    {
        diversity.Fill(float.NaN);
        double pairs = 0;
        for (var place = 0; place < list.Length; place++)
        {
            var columns = this._rows.ItemsOf(list[place]);
            var values = this._rows.WeightsOf(list[place]);
            for (var i = 0; i < columns.Length; i++)
            {
                pairs += 2.0 * sum[columns[i]] * values[i];
                sum[columns[i]] += values[i];
            }

            for (var c = 0; c < cutoffs.Count; c++)
            {
                var length = Math.Min(cutoffs[c], list.Length);
                if (length == place + 1 && length > 1) diversity[c] = (float)(1 - (pairs / ((double)length * (length - 1))));
            }
        }

        foreach (var item in list)
        {
            foreach (var column in this._rows.ItemsOf(item)) sum[column] = 0;
        }
    }

    private static Interactions Sets(Attributes attributes)
    {
        List<int> rows = [], values = [];
        for (var row = 0; row < attributes.Rows; row++)
        {
            foreach (var value in attributes.ValuesOf(row))
            {
                rows.Add(row);
                values.Add(value);
            }
        }

        return Units(Interactions.From(attributes.Rows, attributes.Values, [.. rows], [.. values]));
    }

    private static Interactions Dense(ItemVectors vectors, int items)
    {
        var starts = new long[items + 1];
        var columns = new int[items * vectors.Dimensions];
        for (var item = 0; item < items; item++) starts[item + 1] = starts[item] + vectors.Dimensions;
        for (var i = 0; i < columns.Length; i++) columns[i] = i % vectors.Dimensions;
        return Units(Interactions.FromSortedRows(vectors.Dimensions, starts, columns, vectors.Values.AsSpan(0, columns.Length).ToArray()));
    }

    private static Interactions Units(Interactions rows)
    {
        var values = new float[rows.Count];
        for (var row = 0; row < rows.Users; row++)
        {
            var norm = 0.0;
            foreach (var value in rows.WeightsOf(row)) norm += (double)value * value;
            var start = (int)rows.RowStarts[row];
            for (var i = 0; i < rows.CountOf(row); i++) values[start + i] = norm > 0 ? (float)(rows.WeightsOf(row)[i] / Math.Sqrt(norm)) : 0;
        }

        return rows.WithWeights(values);
    }
}
