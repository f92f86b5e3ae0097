using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

internal static class CatalogueDraws
{
    /// <summary>Scores of the catalogue that are held at a time.</summary>
    private const int BlockScores = 1 << 22;

    private const int LargestBlock = 64;

    /// <summary>
    /// Items drawn for each row of x from softmax(x · tableᵀ + bias) over the whole catalogue, with replacement; nothing is learned through the draw. Only a
    /// block of rows is ever held: memory grows with the catalogue or the batch, never with both.
    /// </summary>
    /// <param name="key">Of the noise.</param>
    public static Bags DrawItems(this Tape tape, Tensor x, Tensor table, Tensor bias, int draws, uint key)
    {
        Shapes.Match(x.Columns, table.Columns, "columns of x and of the table");
        Shapes.Match(bias.Length, table.Rows, "the bias and rows of the table");
        var items = table.Rows;
        var drawn = new int[x.Rows * draws];
        var block = Math.Clamp(BlockScores / Math.Max(1, items) / Tile.Rows * Tile.Rows, Tile.Rows, LargestBlock);
        var scores = tape.Scratch((long)Math.Min(block, x.Rows) * items);
        using var transposed = PackedRight.Of(table.Values, x.Columns, items, isTransposed: true);
        for (var first = 0; first < x.Rows; first += block)
        {
            var (start, rows) = (first, Math.Min(block, x.Rows - first));
            DenseProducts.Multiply(x.Values.Slice(first * x.Columns, rows * x.Columns), transposed, scores.Span[..(rows * items)], rows, accumulate: false, tape.Threads);
            tape.ForRows(rows, items, (begin, count) =>
            {
                for (var row = begin; row < begin + count; row++)
                {
                    var own = scores.Span.Slice(row * items, items);
                    Vectors.AddScaled(1f, bias.Values, own);
                    SoftmaxRow.Apply(own, 1f);
                    var places = new float[draws];
                    for (var j = 0; j < draws; j++) places[j] = CounterNoise.At((uint)(((start + row) * draws) + j), key);
                    Draw(own, places, drawn.AsSpan((start + row) * draws, draws));
                }
            });
        }

        return new Bags([.. Enumerable.Range(0, x.Rows + 1).Select(row => row * draws)], drawn);
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
}
