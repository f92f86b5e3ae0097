using System.Globalization;

namespace Aisle.Engine.Feedback;

/// <summary>Compares how the last whole day's scores are distributed with the days before, origin by origin.</summary>
/// <remarks>
/// Population stability index: Σ (p − q) ln(p / q) over ten bins that hold equal shares of the reference. Told of above 0.25, the usual mark of a large
/// shift, and above what chance reaches: under no change the index is about χ² with nine degrees of freedom times (1 / n + 1 / m), n and m being lists, since
/// the items of a list are not independent; five standard deviations above its mean.
/// </remarks>
public static class ScoreDrift
{
    /// <summary>The index from which a shift is told of.</summary>
    public const double Mark = 0.25;

    private const int DaysBefore = 28;
    private const int Bins = 10;
    private const int LeastLists = 200;
    private const double Deviations = 5;

    /// <param name="today">The day that is not over yet: the one before it is looked at.</param>
    public static IEnumerable<Alert> Of(DateOnly today, IReadOnlyList<ScoreDay> scores)
    {
        var day = today.AddDays(-1);
        foreach (var origin in scores.GroupBy(entry => entry.Origin).OrderBy(group => group.Key.Pipeline, StringComparer.Ordinal))
        {
            var now = ScoreCounts.Sum(origin.Where(entry => entry.Day == day).Select(entry => entry.Counts));
            var before = ScoreCounts.Sum(origin.Where(entry => entry.Day < day && entry.Day >= day.AddDays(-DaysBefore)).Select(entry => entry.Counts));
            if (now.Lists < LeastLists || before.Lists < LeastLists) continue;
            var index = IndexOf(now, before);
            var chance = 1.0 / now.Lists + 1.0 / before.Lists;
            var mark = Math.Max(Mark, chance * (Bins - 1 + Deviations * Math.Sqrt(2 * (Bins - 1))));
            if (index > mark) yield return new Alert(AlertKind.Scores, day, Named(origin.Key), index, mark);
        }
    }

    /// <summary>The population stability index of two distributions.</summary>
    internal static double IndexOf(ScoreCounts now, ScoreCounts reference)
    {
        var bins = BinsOf(now, reference);
        double all = bins.Sum(bin => bin.Now);
        double usual = bins.Sum(bin => bin.Reference);
        // Half an item more in each bin: an empty one is a small share, not an infinite change.
        return bins.Sum(bin => (bin.Now + 0.5) / (all + 0.5 * bins.Count) is var p && (bin.Reference + 0.5) / (usual + 0.5 * bins.Count) is var q ? (p - q) * Math.Log(p / q) : 0);
    }

    /// <summary>Bins of about equal shares of the reference; what has no score is one of its own.</summary>
    private static List<(long Now, long Reference)> BinsOf(ScoreCounts now, ScoreCounts reference)
    {
        var bins = new List<(long Now, long Reference)>();
        var least = (double)reference.Buckets.Where(bucket => bucket.Key != ScoreCounts.WithoutScore).Sum(bucket => bucket.Value) / Bins;
        (long Now, long Reference) open = (0, 0);
        foreach (var bucket in now.Buckets.Keys.Union(reference.Buckets.Keys).Order())
        {
            open = (open.Now + now.Buckets.GetValueOrDefault(bucket), open.Reference + reference.Buckets.GetValueOrDefault(bucket));
            if (bucket != ScoreCounts.WithoutScore && (open.Reference < least || open.Reference == 0)) continue;
            bins.Add(open);
            open = (0, 0);
        }

        if (open != (0, 0)) bins.Add(open);
        return bins;
    }

    private static string Named(ScoreOrigin origin) => origin.Pipeline
        + (origin.Model is { } model ? string.Create(CultureInfo.InvariantCulture, $" (model {model}{(origin.Ranker is { } ranker ? $", ranker {ranker}" : "")})") : "");
}
