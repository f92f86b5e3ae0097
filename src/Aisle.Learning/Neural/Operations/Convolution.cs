using Aisle.Learning.Kernels;

namespace Aisle.Learning.Neural;

/// <summary>
/// What is computed from the last rows of a sequence up to each row. Sequence s is rows starts[s] … starts[s + 1) of x; before its start there is nothing.
/// A convolution is the product of unfolded rows with a weight.
/// </summary>
internal static class Convolution
{
    private const int Sequences = 4;

    /// <summary>y[i] = x[i − height + 1], …, x[i] side by side; zeros for what is before the start.</summary>
    public static Tensor Unfold(this Tape tape, Tensor x, int[] starts, int height)
    {
        Check(x, starts, height);
        if (height == 1) return x;
        var width = x.Columns;
        var y = tape.New(x.Rows, height * width, x.NeedsGradient);
        ForSequences(tape, starts, (start, end) =>
        {
            for (var row = start; row < end; row++)
            {
                var first = Math.Max(start, row - height + 1);
                var empty = (height - (row - first + 1)) * width;
                y.Row(row)[..empty].Clear();
                x.Values[(first * width)..((row + 1) * width)].CopyTo(y.Row(row)[empty..]);
            }
        });
        tape.OnBackward(y, () =>
        {
            _ = x.Gradient;
            _ = y.Gradient;
            ForSequences(tape, starts, (start, end) =>
            {
                var gradient = x.Gradient;
                var above = y.Gradient;
                for (var row = start; row < end; row++)
                {
                    var first = Math.Max(start, row - height + 1);
                    var count = (row - first + 1) * width;
                    Vectors.AddScaled(1f, above.Slice(((row + 1) * height * width) - count, count), gradient.Slice(first * width, count));
                }
            });
        });
        return y;
    }

    /// <summary>y[i] = Σ over the last rows of filters[f, place] · x[row], for each filter f side by side; the last place stands for row i itself.</summary>
    /// <param name="filters">Filters × places.</param>
    public static Tensor WeighLast(this Tape tape, Tensor x, int[] starts, Tensor filters)
    {
        var (width, places) = (x.Columns, filters.Columns);
        Check(x, starts, places);
        var y = tape.New(x.Rows, filters.Rows * width, x.NeedsGradient || filters.NeedsGradient);
        ForSequences(tape, starts, (start, end) =>
        {
            for (var row = start; row < end; row++)
            {
                y.Row(row).Clear();
                for (var f = 0; f < filters.Rows; f++)
                {
                    for (var back = 0; back < Math.Min(places, row - start + 1); back++)
                        Vectors.AddScaled(filters.Row(f)[places - 1 - back], x.Row(row - back), y.Row(row).Slice(f * width, width));
                }
            }
        });
        tape.OnBackward(y, () =>
        {
            if (x.NeedsGradient) PassToRows(tape, x, y, starts, filters);
            if (filters.NeedsGradient) PassToFilters(tape, x, y, starts, filters);
        });
        return y;
    }

    /// <summary>y[i] = the largest of each column over the last rows; of equals the latest.</summary>
    public static Tensor LargestOfLast(this Tape tape, Tensor x, int[] starts, int rows)
    {
        Check(x, starts, rows);
        if (rows == 1) return x;
        var width = x.Columns;
        var y = tape.New(x.Rows, width, x.NeedsGradient);
        var from = new int[x.Length];
        ForSequences(tape, starts, (start, end) =>
        {
            for (var row = start; row < end; row++)
            {
                var largest = y.Row(row);
                x.Row(row).CopyTo(largest);
                from.AsSpan(row * width, width).Fill(row);
                for (var before = row - 1; before >= Math.Max(start, row - rows + 1); before--)
                {
                    var other = x.Row(before);
                    for (var j = 0; j < width; j++)
                    {
                        if (other[j] <= largest[j]) continue;
                        largest[j] = other[j];
                        from[(row * width) + j] = before;
                    }
                }
            }
        });
        tape.OnBackward(y, () =>
        {
            _ = x.Gradient;
            _ = y.Gradient;
            ForSequences(tape, starts, (start, end) =>
            {
                var gradient = x.Gradient;
                var above = y.Gradient;
                for (var i = start * width; i < end * width; i++) gradient[(from[i] * width) + (i % width)] += above[i];
            });
        });
        return y;
    }

    private static void PassToRows(Tape tape, Tensor x, Tensor y, int[] starts, Tensor filters)
    {
        var (width, places) = (x.Columns, filters.Columns);
        _ = x.Gradient;
        _ = y.Gradient;
        ForSequences(tape, starts, (start, end) =>
        {
            var gradient = x.Gradient;
            var above = y.Gradient;
            for (var row = start; row < end; row++)
            {
                for (var f = 0; f < filters.Rows; f++)
                {
                    for (var back = 0; back < Math.Min(places, row - start + 1); back++)
                        Vectors.AddScaled(filters.Row(f)[places - 1 - back], above.Slice((row * y.Columns) + (f * width), width), gradient.Slice((row - back) * width, width));
                }
            }
        });
    }

    /// <summary>Each number of the filters is one thread's, which takes the rows in order.</summary>
    private static void PassToFilters(Tape tape, Tensor x, Tensor y, int[] starts, Tensor filters)
    {
        var (width, places) = (x.Columns, filters.Columns);
        _ = filters.Gradient;
        _ = y.Gradient;
        ParallelRows.Run(
            tape.Threads,
            filters.Length,
            grain: 1,
            (_, first, end) =>
            {
                var above = y.Gradient;
                for (var at = first; at < end; at++)
                {
                    var back = places - 1 - (at % places);
                    var sum = 0.0;
                    for (var s = 0; s + 1 < starts.Length; s++)
                    {
                        for (var row = starts[s] + back; row < starts[s + 1]; row++) sum += Vectors.Dot(above.Slice((row * y.Columns) + (at / places * width), width), x.Row(row - back));
                    }

                    filters.Gradient[at] += (float)sum;
                }
            },
            CancellationToken.None);
    }

    private static void ForSequences(Tape tape, int[] starts, Action<int, int> work) => ParallelRows.Run(
        tape.Threads,
        starts.Length - 1,
        Sequences,
        (_, first, end) =>
        {
            for (var s = first; s < end; s++) work(starts[s], starts[s + 1]);
        },
        CancellationToken.None);

    private static void Check(Tensor x, int[] starts, int rows)
    {
        Shapes.Match(starts[^1], x.Rows, "the end of the last sequence and the rows");
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
    }
}
