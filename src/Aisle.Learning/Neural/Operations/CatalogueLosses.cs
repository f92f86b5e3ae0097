using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>
/// Losses of a softmax over a whole catalogue, each a 1 × 1 tensor: a mean over rows. Blocks of rows are scored, compared and their
/// gradients taken at once, so that memory grows with the catalogue or the batch, never with both.
/// </summary>
internal static class CatalogueLosses
{
    /// <summary>Turns a row's scores into the slopes of its loss, and returns the loss. Rows are worked on by several threads.</summary>
    private delegate double RowLoss(int row, Span<float> scores);

    /// <summary>Cross-entropy: mean of −ln softmax(x · tableᵀ + bias)[target].</summary>
    /// <param name="x">Rows × depth.</param>
    /// <param name="table">Items × depth.</param>
    /// <param name="targets">An item per row.</param>
    /// <param name="bias">1 × items, or null for none.</param>
    public static Tensor CatalogueSoftmax(this Tape tape, Tensor x, Tensor table, int[] targets, Tensor? bias = null)
    {
        Shapes.Match(targets.Length, x.Rows, "targets and rows");
        return Score(tape, x, table, bias, blockScores: 1 << 22, largestBlock: 64, (row, scores) =>
        {
            var wanted = scores[targets[row]];
            var lost = SoftmaxRow.Apply(scores, 1f) - (double)wanted;
            scores[targets[row]] -= 1f;
            return lost;
        });
    }

    /// <summary>Logistic loss of noughts: mean over rows of Σ_j (least + rowWeight · columnWeight_j) · ln(1 + exp(x · table_jᵀ)).</summary>
    /// <param name="x">Rows × depth.</param>
    /// <param name="table">Candidates × depth, the same for all rows.</param>
    public static Tensor CatalogueNoughts(this Tape tape, Tensor x, Tensor table, float[] rowWeights, float[] columnWeights, float least)
    {
        Shapes.Match(rowWeights.Length, x.Rows, "weights and rows");
        Shapes.Match(columnWeights.Length, table.Rows, "weights and candidates");
        return Score(tape, x, table, bias: null, blockScores: 1 << 20, largestBlock: 512, (row, scores) => NoughtRow.Apply(scores, columnWeights, rowWeights[row], least));
    }

    /// <summary>Multinomial likelihood of bags of items: mean of −Σ weight · ln softmax(x · tableᵀ + bias)[item] over the items of a row's bag.</summary>
    /// <param name="x">Rows × depth.</param>
    /// <param name="table">Items × depth.</param>
    /// <param name="targets">A bag per row.</param>
    /// <param name="bias">1 × items, or null for none.</param>
    public static Tensor CatalogueMultinomial(this Tape tape, Tensor x, Tensor table, WeightedBags targets, Tensor? bias = null)
    {
        Shapes.Match(targets.Count, x.Rows, "bags and rows");

        // Of few rows that are each compared with many items: larger blocks, because the gradient of the table is passed over once a block.
        return Score(tape, x, table, bias, blockScores: 1 << 24, largestBlock: 512, (row, scores) =>
        {
            var items = targets.ItemsOf(row);
            var weights = targets.WeightsOf(row);
            float total = 0;
            var wanted = 0.0;
            for (var i = 0; i < items.Length; i++)
            {
                total += weights[i];
                wanted += (double)weights[i] * scores[items[i]];
            }

            var lost = ((double)total * SoftmaxRow.Apply(scores, 1f, total)) - wanted;
            for (var i = 0; i < items.Length; i++) scores[items[i]] -= weights[i];
            return lost;
        });
    }

    private static Tensor Score(Tape tape, Tensor x, Tensor table, Tensor? bias, int blockScores, int largestBlock, RowLoss compare)
    {
        Shapes.Match(x.Columns, table.Columns, "columns of x and of the table");
        if (bias is not null) Shapes.Match(bias.Length, table.Rows, "the bias and rows of the table");
        var loss = tape.New(1, 1, x.NeedsGradient || table.NeedsGradient);
        var items = table.Rows;
        var block = Math.Clamp(blockScores / Math.Max(1, items) / Tile.Rows * Tile.Rows, Tile.Rows, largestBlock);
        var scores = tape.Scratch((long)Math.Min(block, x.Rows) * items);
        var dx = loss.NeedsGradient && x.NeedsGradient ? tape.Scratch(x.Length) : null;
        var dtable = loss.NeedsGradient && table.NeedsGradient ? tape.Scratch(table.Length) : null;
        var dbias = loss.NeedsGradient && bias is { NeedsGradient: true } ? tape.Scratch(bias.Length) : null;
        dbias?.Span.Clear();
        var share = 1f / Math.Max(1, x.Rows);
        var lost = new double[x.Rows];
        using (var transposed = PackedRight.Of(table.Values, x.Columns, items, isTransposed: true))
        using (var packed = dx is null ? default : PackedRight.Of(table.Values, items, x.Columns, isTransposed: false))
        {
            for (var first = 0; first < x.Rows; first += block)
            {
                var rows = Math.Min(block, x.Rows - first);
                var part = x.Values.Slice(first * x.Columns, rows * x.Columns);
                DenseProducts.Multiply(part, transposed, scores.Span[..(rows * items)], rows, accumulate: false, tape.Threads);
                var start = first;
                ParallelRows.Run(
                    tape.Threads,
                    rows,
                    grain: 4,
                    (_, begin, end) =>
                    {
                        for (var row = begin; row < end; row++)
                        {
                            var own = scores.Span.Slice(row * items, items);
                            if (bias is not null) Vectors.AddScaled(1f, bias.Values, own);
                            lost[start + row] = compare(start + row, own);
                        }
                    },
                    CancellationToken.None);
                var slopes = scores.Span[..(rows * items)];
                if (dx is not null) DenseProducts.Multiply(slopes, packed, dx.Span.Slice(first * x.Columns, rows * x.Columns), rows, accumulate: false, tape.Threads);
                if (dtable is not null) DenseProducts.TransposedMultiply(slopes, part, dtable.Span[..table.Length], items, rows, x.Columns, accumulate: first > 0, tape.Threads);
                for (var row = 0; row < rows && dbias is not null; row++) Vectors.AddScaled(1f, slopes.Slice(row * items, items), dbias.Span[..items]);
            }
        }

        loss.Values[0] = (float)(lost.Sum() * share);
        tape.OnBackward(loss, () =>
        {
            var above = loss.Gradient[0] * share;
            if (dx is not null) Vectors.AddScaled(above, dx.Span[..x.Length], x.Gradient);
            if (dtable is not null) Vectors.AddScaled(above, dtable.Span[..table.Length], table.Gradient);
            if (dbias is not null) Vectors.AddScaled(above, dbias.Span[..bias!.Length], bias.Gradient);
        });
        return loss;
    }
}
