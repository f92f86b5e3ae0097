using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>
/// Distributions over a whole catalogue, softmax(x · tableᵀ + bias) for each row of x, of which only a block of rows is ever held: memory grows
/// with the catalogue or the batch, never with both.
/// </summary>
internal static class CatalogueLikelihood
{
    /// <summary>Scores of the catalogue that are held at a time.</summary>
    private const int BlockScores = 1 << 22;

    private const int LargestBlock = 64;

    /// <summary>What is done with a block: its first row, how many, and rows × items probabilities with each row's ln Σ exp.</summary>
    private delegate void BlockWork(int first, int rows, AlignedFloats probabilities, float[] logSums);

    /// <summary>Mean over rows of −Σ weight · ln p(item) over the row's list. Weights may be negative: what a policy gradient holds against an item.</summary>
    /// <param name="weights">Beside the items of the lists.</param>
    public static Tensor ListLikelihood(this Tape tape, Tensor x, Tensor table, Tensor bias, ItemLists lists, float[] weights)
    {
        Shapes.Match(lists.Rows, x.Rows, "lists and rows of x");
        Shapes.Match(weights.Length, lists.Items.Length, "weights and listed items");
        var loss = tape.New(1, 1, x.NeedsGradient || table.NeedsGradient);
        var share = 1f / Math.Max(1, x.Rows);
        var items = table.Rows;
        AlignedFloats dx = tape.Scratch(x.Length), dtable = tape.Scratch(table.Length), dbias = tape.Scratch(items);
        dbias.Span[..items].Clear();
        var lost = new double[x.Rows];
        tape.InBlocks(x, table, bias, (first, rows, probabilities, logSums) =>
        {
            tape.ForRows(rows, items, (begin, count) =>
            {
                for (var row = begin; row < begin + count; row++)
                {
                    var own = probabilities.Span.Slice(row * items, items);
                    lost[first + row] = Slopes(own, x.Row(first + row), logSums[row], first + row);
                }
            });
            if (!loss.NeedsGradient) return;
            var slopes = probabilities.Span[..(rows * items)];
            var part = x.Values.Slice(first * x.Columns, rows * x.Columns);
            DenseProducts.Multiply(slopes, table.Values, dx.Span.Slice(first * x.Columns, rows * x.Columns), rows, items, x.Columns, accumulate: false, tape.Threads);
            DenseProducts.TransposedMultiply(slopes, part, dtable.Span[..table.Length], items, rows, x.Columns, accumulate: first > 0, tape.Threads);
            for (var row = 0; row < rows; row++) Vectors.AddScaled(1f, slopes.Slice(row * items, items), dbias.Span[..items]);
        });
        loss.Values[0] = (float)(lost.Sum() * share);
        tape.OnBackward(loss, () =>
        {
            var above = loss.Gradient[0] * share;
            if (x.NeedsGradient) Vectors.AddScaled(above, dx.Span[..x.Length], x.Gradient);
            if (table.NeedsGradient) Vectors.AddScaled(above, dtable.Span[..table.Length], table.Gradient);
            if (bias.NeedsGradient) Vectors.AddScaled(above, dbias.Span[..items], bias.Gradient);
        });
        return loss;

        // By the scores: total weight · p − Σ weight at the listed items.
        double Slopes(Span<float> own, ReadOnlySpan<float> state, float logSum, int row)
        {
            var total = 0f;
            var sum = 0.0;
            for (var k = lists.Starts[row]; k < lists.Starts[row + 1]; k++)
            {
                var item = lists.Items[k];
                total += weights[k];
                sum -= (double)weights[k] * (Vectors.Dot(state, table.Row(item)) + bias.Values[item] - logSum);
            }

            foreach (ref var slope in own) slope *= total;
            for (var k = lists.Starts[row]; k < lists.Starts[row + 1]; k++) own[lists.Items[k]] -= weights[k];
            return sum;
        }
    }

    /// <summary>Items drawn from each row's distribution, with replacement; nothing is learned through the draw.</summary>
    /// <param name="key">Of the noise.</param>
    public static ItemLists DrawItems(this Tape tape, Tensor x, Tensor table, Tensor bias, int draws, uint key)
    {
        var items = table.Rows;
        var drawn = new int[x.Rows * draws];
        tape.InBlocks(x, table, bias, (first, rows, probabilities, _) => tape.ForRows(rows, items, (begin, count) =>
        {
            for (var row = first + begin; row < first + begin + count; row++)
            {
                var places = new float[draws];
                for (var j = 0; j < draws; j++) places[j] = CounterNoise.At((uint)((row * draws) + j), key);
                Draw(probabilities.Span.Slice((row - first) * items, items), places, drawn.AsSpan(row * draws, draws));
            }
        }));
        return new ItemLists([.. Enumerable.Range(0, x.Rows + 1).Select(row => row * draws)], drawn);
    }

    /// <summary>For each place from 0 to 1 the item in whose share of the whole it lies.</summary>
    internal static void Draw(ReadOnlySpan<float> probabilities, float[] places, Span<int> drawn)
    {
        Array.Sort(places);
        var item = 0;
        var last = 0;
        double sum = probabilities[0];
        for (var j = 0; j < places.Length; j++)
        {
            while (sum <= places[j] && item < probabilities.Length - 1)
            {
                item++;
                sum += probabilities[item];
                if (probabilities[item] > 0f) last = item;
            }

            // Rounding may leave the end of the last share a little below 1.
            drawn[j] = probabilities[item] > 0f ? item : last;
        }
    }

    private static void InBlocks(this Tape tape, Tensor x, Tensor table, Tensor bias, BlockWork work)
    {
        Shapes.Match(x.Columns, table.Columns, "columns of x and of the table");
        Shapes.Match(bias.Length, table.Rows, "the bias and rows of the table");
        var items = table.Rows;
        var block = Math.Clamp(BlockScores / Math.Max(1, items) / Tile.Rows * Tile.Rows, Tile.Rows, LargestBlock);
        var scores = tape.Scratch((long)Math.Min(block, x.Rows) * items);
        var logSums = new float[block];
        using var transposed = PackedRight.Of(table.Values, x.Columns, items, isTransposed: true);
        for (var first = 0; first < x.Rows; first += block)
        {
            var rows = Math.Min(block, x.Rows - first);
            DenseProducts.Multiply(x.Values.Slice(first * x.Columns, rows * x.Columns), transposed, scores.Span[..(rows * items)], rows, accumulate: false, tape.Threads);
            tape.ForRows(rows, items, (begin, count) =>
            {
                for (var row = begin; row < begin + count; row++)
                {
                    var own = scores.Span.Slice(row * items, items);
                    Vectors.AddScaled(1f, bias.Values, own);
                    logSums[row] = SoftmaxRow.Apply(own, 1f);
                }
            });
            work(first, rows, scores, logSums);
        }
    }
}
