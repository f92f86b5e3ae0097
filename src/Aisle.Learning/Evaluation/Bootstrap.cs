using Aisle.Learning.Kernels;

namespace Aisle.Learning.Evaluation;

/// <summary>
/// Percentile intervals of means over users (Efron, Tibshirani: An introduction to the bootstrap, 1993, chapter 13): users are drawn
/// with replacement, as many as there are, many times; the interval holds the middle share of the means.
/// </summary>
public static class Bootstrap
{
    public const int Resamples = 1000;
    public const double Level = 0.95;

    /// <param name="metrics">For each metric its value for each user; NaN where it says nothing of a user.</param>
    /// <returns>For each metric the ends of its interval. Resample r has a random stream of its own, so that threads make no difference.</returns>
    public static (double Low, double High)[] Intervals(IReadOnlyList<float[]> metrics, int seed, int threads, CancellationToken cancellation = default)
    {
        if (metrics.Count == 0) return [];
        var users = metrics[0].Length;
        var rows = Rows(metrics, users);
        var means = metrics.Select(_ => new double[Resamples]).ToArray();
        ParallelRows.Run(
            threads,
            Resamples,
            8,
            (_, first, end) =>
            {
                var sums = new double[metrics.Count];
                for (var resample = first; resample < end; resample++)
                {
                    var random = new RandomStream(seed, resample);
                    Array.Clear(sums);
                    for (var draw = 0; draw < users; draw++)
                    {
                        var row = rows.AsSpan(random.Below(users) * sums.Length, sums.Length);
                        for (var m = 0; m < sums.Length; m++) sums[m] += row[m];
                    }

                    for (var m = 0; m < sums.Length; m++) means[m][resample] = sums[m] / users;
                }
            },
            cancellation);
        return Array.ConvertAll(means, resampled => Middle(resampled, Level));
    }

    /// <summary>The middle share of some numbers; ends between two of them are interpolated.</summary>
    internal static (double Low, double High) Middle(double[] numbers, double level)
    {
        Array.Sort(numbers);
        return (Quantile(numbers, (1 - level) / 2), Quantile(numbers, (1 + level) / 2));
    }

    private static double Quantile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }

    /// <summary>Users × metrics, so that a draw reads one place of memory. A user of whom a metric says nothing has its mean, which moves no resample.</summary>
    private static float[] Rows(IReadOnlyList<float[]> metrics, int users)
    {
        var rows = new float[users * metrics.Count];
        for (var m = 0; m < metrics.Count; m++)
        {
            var mean = (float)MeanOf(metrics[m]);
            for (var user = 0; user < users; user++) rows[(user * metrics.Count) + m] = float.IsNaN(metrics[m][user]) ? mean : metrics[m][user];
        }

        return rows;
    }

    /// <summary>Mean of the values that are numbers; NaN without any.</summary>
    public static double MeanOf(IEnumerable<float> values)
    {
        var (sum, count) = (0.0, 0);
        foreach (var value in values)
        {
            if (float.IsNaN(value)) continue;
            sum += value;
            count++;
        }

        return count == 0 ? double.NaN : sum / count;
    }
}
