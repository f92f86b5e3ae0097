using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>How much a pair of events counts in <see cref="TransitionCounts"/>.</summary>
/// <param name="DistanceWeights">By distance, from 1; pairs farther apart do not count.</param>
/// <param name="Backward">Weight of a pair against the order of time.</param>
/// <param name="Scale">A pair counts e^(−age / scale): in seconds where there are times, else in sequences. 0: whatever its age.</param>
internal sealed record PairWeights(float[] DistanceWeights, float Backward, double Scale);

/// <summary>Sums, for each item, the weights of pairs of it with the items around it: a sparse items × items matrix, row by row.</summary>
internal static class TransitionCounts
{
    /// <summary>Items between two progress reports and two looks at the cancellation token.</summary>
    private const int Stretch = 8192;

    /// <summary>The time from which ages are counted back: the latest event, or the last sequence.</summary>
    public static long Latest(Sequences sequences)
    {
        if (!sequences.HasTimes) return sequences.Users;
        var latest = long.MinValue;
        foreach (var time in sequences.AllTimes) latest = Math.Max(latest, time);
        return latest;
    }

    /// <summary>From the first event to the latest, in the unit of <see cref="PairWeights.Scale"/>; at least 1.</summary>
    public static double Span(Sequences sequences)
    {
        if (!sequences.HasTimes) return sequences.Users;
        var earliest = long.MaxValue;
        foreach (var time in sequences.AllTimes) earliest = Math.Min(earliest, time);
        return Math.Max(1.0, Latest(sequences) - earliest);
    }

    /// <param name="known">By sequence: how many of its events were counted before. Pairs of these are left out; empty: none were.</param>
    public static Interactions Count(string model, Sequences sequences, PairWeights weights, ReadOnlyMemory<int> known, FitContext context)
    {
        var occurrences = new Occurrences(sequences);
        var recency = Recency(sequences, weights.Scale);
        var rows = new (int[] Items, float[] Weights)[sequences.Items];
        var scratches = new Scratch?[context.Threads];
        var stretches = (sequences.Items + Stretch - 1) / Stretch;
        for (var stretch = 0; stretch < stretches; stretch++)
        {
            var start = stretch * Stretch;
            ParallelRows.Run(
                context.Threads,
                Math.Min(Stretch, sequences.Items - start),
                32,
                (worker, first, end) =>
                {
                    var scratch = scratches[worker] ??= new Scratch(sequences.Items);
                    for (var item = start + first; item < start + end; item++) rows[item] = RowOf(item, sequences, occurrences, weights, recency, known.Span, scratch);
                },
                context.Cancellation);
            context.Progress?.Report(new TrainingStep(model, "pairs", stretch + 1, stretches));
        }

        return Interactions.FromRows(rows.Length, rows);
    }

    /// <summary>The same matrix with more items at the end, all weights multiplied by a factor.</summary>
    public static Interactions Aged(Interactions counts, int items, float factor) =>
        counts.Enlarged(items, items).WithWeights(Array.ConvertAll(counts.AllWeights.ToArray(), weight => weight * factor));

    private static (int[] Items, float[] Weights) RowOf(
        int item, Sequences sequences, Occurrences occurrences, PairWeights weights, float[]? recency, ReadOnlySpan<int> known, Scratch scratch)
    {
        var all = sequences.AllItems;
        var touched = 0;
        foreach (var place in occurrences.Of(item))
        {
            var row = occurrences.RowOf[place];
            var start = (int)sequences.RowStarts[row];
            var firstNew = known.IsEmpty || row >= known.Length ? start : start + known[row];
            var end = (int)Math.Min(sequences.RowStarts[row + 1], place + weights.DistanceWeights.Length + 1L);
            for (var other = Math.Max(start, place - weights.DistanceWeights.Length); other < end; other++)
            {
                var later = Math.Max(place, other);
                if (other == place || later < firstNew) continue;
                var weight = weights.DistanceWeights[Math.Abs(other - place) - 1];
                if (other < place) weight *= weights.Backward;
                if (recency is not null) weight *= recency[later];
                if (weight == 0f) continue;
                ref var sum = ref scratch.Sums[all[other]];
                if (sum == 0.0) scratch.Touched[touched++] = all[other];
                sum += weight;
            }
        }

        var items = scratch.Touched[..touched];
        Array.Sort(items);
        var sums = Array.ConvertAll(items, other => (float)scratch.Sums[other]);
        foreach (var other in items) scratch.Sums[other] = 0.0;
        return (items, sums);
    }

    /// <summary>By place of an event: e^(−age / scale); null where age does not count.</summary>
    private static float[]? Recency(Sequences sequences, double scale)
    {
        if (scale <= 0) return null;
        var latest = Latest(sequences);
        var recency = new float[sequences.Count];
        for (var row = 0; row < sequences.Users; row++)
        {
            for (var place = (int)sequences.RowStarts[row]; place < sequences.RowStarts[row + 1]; place++)
            {
                var age = sequences.HasTimes ? (double)latest - sequences.AllTimes[place] : latest - (row + 1);
                recency[place] = (float)Math.Exp(-age / scale);
            }
        }

        return recency;
    }

    private sealed class Scratch(int items)
    {
        public readonly double[] Sums = new double[items];
        public readonly int[] Touched = new int[items];
    }
}
