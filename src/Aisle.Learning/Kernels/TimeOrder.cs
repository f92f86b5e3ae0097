namespace Aisle.Learning.Kernels;

/// <summary>
/// Rows of several sequences in the order of time: first the first event of each sequence, the longest sequence first, then the second of
/// each, and so on. The sequences that are still running at a step lie together and are the first of those of the step before.
/// </summary>
internal sealed class TimeOrder
{
    private TimeOrder(int[] rows, int[] places, int[] steps)
    {
        this.Rows = rows;
        this.Places = places;
        this.Steps = steps;
    }

    /// <summary>By place in the order of time: the row where sequences lie one after another.</summary>
    public int[] Rows { get; }

    /// <summary>By row: its place in the order of time.</summary>
    public int[] Places { get; }

    /// <summary>Step t is places Steps[t] … Steps[t + 1).</summary>
    public int[] Steps { get; }

    public int Count => this.Steps.Length - 1;

    /// <param name="starts">Sequence s is rows starts[s] … starts[s + 1).</param>
    public static TimeOrder Of(int[] starts)
    {
        int LengthOf(int sequence) => starts[sequence + 1] - starts[sequence];

        // OrderBy keeps sequences of one length in their order.
        int[] longestFirst = [.. Enumerable.Range(0, starts.Length - 1).OrderByDescending(LengthOf)];
        var steps = longestFirst.Length == 0 ? 0 : LengthOf(longestFirst[0]);
        int[] rows = new int[starts[^1]], places = new int[starts[^1]], ends = new int[steps + 1];
        var place = 0;
        for (var t = 0; t < steps; t++)
        {
            foreach (var sequence in longestFirst)
            {
                if (LengthOf(sequence) <= t) break;
                rows[place] = starts[sequence] + t;
                places[rows[place]] = place;
                place++;
            }

            ends[t + 1] = place;
        }

        return new TimeOrder(rows, places, ends);
    }
}
