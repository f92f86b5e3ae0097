using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>A list of items for each row of a batch, of any length: list r is Items[Starts[r]] … Items[Starts[r + 1] − 1].</summary>
internal sealed class ItemLists
{
    public ItemLists(int[] starts, int[] items)
    {
        this.Starts = starts;
        this.Items = items;
        this.Owners = new int[items.Length];
        for (var row = 0; row < this.Rows; row++) this.Owners.AsSpan(starts[row]..starts[row + 1]).Fill(row);
    }

    public int[] Starts { get; }

    public int[] Items { get; }

    /// <summary>The row of each item.</summary>
    public int[] Owners { get; }

    public int Rows => this.Starts.Length - 1;

    public ReadOnlySpan<int> Of(int row) => this.Items.AsSpan(this.Starts[row]..this.Starts[row + 1]);

    public int CountOf(int row) => this.Starts[row + 1] - this.Starts[row];

    public static ItemLists Of(IReadOnlyList<IReadOnlyCollection<int>> rows)
    {
        var starts = new int[rows.Count + 1];
        for (var row = 0; row < rows.Count; row++) starts[row + 1] = starts[row] + rows[row].Count;
        return new ItemLists(starts, [.. rows.SelectMany(row => row)]);
    }

    /// <summary>1/√n for each item of a list of n: lists of any length then have one norm.</summary>
    public float[] UnitWeights()
    {
        var weights = new float[this.Items.Length];
        for (var row = 0; row < this.Rows; row++) weights.AsSpan(this.Starts[row]..this.Starts[row + 1]).Fill(1f / MathF.Sqrt(Math.Max(1, this.CountOf(row))));
        return weights;
    }
}

/// <summary>Sparse rows whose numbers are learned about: only the listed places of users × items are ever computed.</summary>
internal static class ItemListOperations
{
    /// <summary>y[k] = x[row of k] · table[item k]: the listed places of x · tableᵀ, items of all lists × 1.</summary>
    public static Tensor ListScores(this Tape tape, Tensor x, Tensor table, ItemLists lists)
    {
        Shapes.Match(x.Columns, table.Columns, "columns of x and of the table");
        Shapes.Match(lists.Rows, x.Rows, "lists and rows of x");
        var columns = x.Columns;
        var y = tape.New(lists.Items.Length, 1, x.NeedsGradient || table.NeedsGradient);
        tape.ForRows(y.Rows, columns, (first, count) =>
        {
            for (var k = first; k < first + count; k++) y.Values[k] = Vectors.Dot(x.Row(lists.Owners[k]), table.Row(lists.Items[k]));
        });
        tape.OnBackward(y, () =>
        {
            if (x.NeedsGradient)
            {
                _ = x.Gradient;
                _ = y.Gradient;
                tape.ForRows(x.Rows, columns * Math.Max(1, y.Rows / Math.Max(1, x.Rows)), (first, count) =>
                {
                    var dx = x.Gradient;
                    var above = y.Gradient;
                    for (var row = first; row < first + count; row++)
                    {
                        for (var k = lists.Starts[row]; k < lists.Starts[row + 1]; k++) Vectors.AddScaled(above[k], table.Row(lists.Items[k]), dx.Slice(row * columns, columns));
                    }
                });
            }

            if (table.NeedsGradient)
                EmbeddingRows.ScatterAddOwned(y.Gradient, x.Values, columns, lists.Owners, lists.Items, Embeddings.GradientOf(table, lists.Items), tape.Threads);
        });
        return y;
    }

    /// <summary>y[row] = Σ weights[k] · table[item k] over the row's list: a sparse matrix, whose numbers may be learned about, times the table.</summary>
    /// <param name="weights">Items of all lists × 1.</param>
    public static Tensor ListSums(this Tape tape, Tensor table, ItemLists lists, Tensor weights)
    {
        Shapes.Match(weights.Length, lists.Items.Length, "weights and listed items");
        var columns = table.Columns;
        var y = tape.New(lists.Rows, columns, table.NeedsGradient || weights.NeedsGradient);
        tape.ForRows(y.Rows, columns * Math.Max(1, weights.Length / Math.Max(1, y.Rows)), (first, count) =>
        {
            for (var row = first; row < first + count; row++)
            {
                var sum = y.Row(row);
                sum.Clear();
                for (var k = lists.Starts[row]; k < lists.Starts[row + 1]; k++) Vectors.AddScaled(weights.Values[k], table.Row(lists.Items[k]), sum);
            }
        });
        tape.OnBackward(y, () =>
        {
            if (weights.NeedsGradient)
            {
                _ = weights.Gradient;
                _ = y.Gradient;
                tape.ForRows(weights.Length, columns, (first, count) =>
                {
                    var gradient = weights.Gradient;
                    var above = y.Gradient;
                    for (var k = first; k < first + count; k++) gradient[k] += Vectors.Dot(above.Slice(lists.Owners[k] * columns, columns), table.Row(lists.Items[k]));
                });
            }

            if (table.NeedsGradient)
                EmbeddingRows.ScatterAddOwned(weights.Values, y.Gradient, columns, lists.Owners, lists.Items, Embeddings.GradientOf(table, lists.Items), tape.Threads);
        });
        return y;
    }
}
