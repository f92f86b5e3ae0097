using System.Globalization;
using Aisle.Engine.Events;

namespace Aisle.Engine.Feedback;

public enum AlertKind
{
    /// <summary>Far fewer or far more events than on the same weekdays before.</summary>
    Volume,

    /// <summary>More events than before lack a shopper, a price or a described item.</summary>
    Gaps,

    /// <summary>A placement's click-through rate left its range.</summary>
    ClickThrough,

    /// <summary>The scores of a pipeline's lists are distributed otherwise than before.</summary>
    Scores,
}

/// <summary>Something that changed more than chance explains.</summary>
/// <param name="Subject">The type of event, with what it lacks; or the placement.</param>
/// <param name="Value">What the day has; of scores, the population stability index.</param>
/// <param name="Usual">What the days before had; of scores, the index from which a shift is told of.</param>
public sealed record Alert(AlertKind Kind, DateOnly Day, string Subject, double Value, double Usual)
{
    /// <summary>A sentence for the people who run the shop.</summary>
    /// <param name="language"><c>zh</c>, or anything else for English.</param>
    public string Sentence(string language)
    {
        var chinese = language.StartsWith("zh", StringComparison.Ordinal);
        var subject = this.Subject.Length > 0 ? this.Subject : chinese ? "（未命名展示位）" : "(no placement)";
        var (value, usual) = this.Kind == AlertKind.Volume ? (this.Value.ToString("N0", CultureInfo.InvariantCulture), this.Usual.ToString("N0", CultureInfo.InvariantCulture)) : (Percent(this.Value), Percent(this.Usual));
        return this.Kind switch
        {
            AlertKind.Volume => chinese ? $"{ChineseKinds.GetValueOrDefault(subject, subject)}事件 {value} 条，往常约 {usual} 条。" : $"{value} {subject} events, where about {usual} are usual.",
            AlertKind.Gaps => chinese ? $"{subject}：{value}，往常 {usual}。" : $"{subject}: {value} of the events, where {usual} is usual.",
            AlertKind.Scores => chinese
                ? string.Create(CultureInfo.InvariantCulture, $"{subject} 的得分分布与往常不同：群体稳定性指数 {this.Value:F2}（超过 {this.Usual:F2} 即提示）。")
                : string.Create(CultureInfo.InvariantCulture, $"The scores of {subject} are spread otherwise than before: population stability index {this.Value:F2}, where more than {this.Usual:F2} is told of."),
            _ => chinese ? $"展示位 {subject} 的点击率为 {value}，往常 {usual}。" : $"The click-through rate of {subject} is {value}, where {usual} is usual.",
        };
    }

    private static readonly Dictionary<string, string> ChineseKinds = new()
    {
        ["view"] = "浏览", ["cart"] = "加购", ["remove-from-cart"] = "移出购物车", ["purchase"] = "购买", ["return"] = "退货", ["favourite"] = "收藏", ["rating"] = "评分",
        ["search"] = "搜索", ["impression"] = "曝光", ["click"] = "点击", ["custom"] = "自定义",
    };

    private static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);
}

/// <summary>Compares the last whole day with those before it.</summary>
/// <remarks>
/// A day is told of only where the change is large for the shop and beyond chance: volume against the median of the same weekdays of four weeks, beyond half
/// or double and by more than 5 standard deviations of a Poisson count; shares against the 28 days before, by more than 5 standard errors of a
/// difference of two proportions and by more than 5 points (gaps) or a fifth (click-through).
/// </remarks>
public static class DriftAlerts
{
    private const int Weeks = 4;
    private const int LeastWeeks = 2;
    private const int DaysBefore = 28;
    private const double Deviations = 5;
    private const double LeastGapChange = 0.05;
    private const double LeastClickChange = 0.2;
    private const int LeastTrials = 200;

    /// <param name="today">The day that is not over yet: the one before it is looked at.</param>
    public static IReadOnlyList<Alert> Of(
        DateOnly today, IReadOnlyList<DailyCount> volumes, IReadOnlyList<(DateOnly Day, EventType Type, Gaps Gaps)> quality, IReadOnlyList<FeedbackRow> feedback)
    {
        var day = today.AddDays(-1);
        return [.. Volumes(day, volumes), .. QualityOf(day, quality), .. Clicks(day, feedback)];
    }

    private static IEnumerable<Alert> Volumes(DateOnly day, IReadOnlyList<DailyCount> volumes)
    {
        if (volumes.Count == 0) yield break;
        var first = volumes.Min(count => count.Day);
        foreach (var type in volumes.GroupBy(count => count.Type).OrderBy(group => group.Key))
        {
            var byDay = type.ToDictionary(count => count.Day, count => (double)count.Count);
            var before = Enumerable.Range(1, Weeks).Select(week => day.AddDays(-7 * week)).Where(weekday => weekday >= first).Select(weekday => byDay.GetValueOrDefault(weekday)).Order().ToList();
            if (before.Count < LeastWeeks) continue;
            var usual = (before[(before.Count - 1) / 2] + before[before.Count / 2]) / 2;
            var value = byDay.GetValueOrDefault(day);
            var isFar = value < usual / 2 || value > usual * 2;
            if (isFar && Math.Abs(value - usual) > Deviations * Math.Sqrt(Math.Max(usual, 1))) yield return new Alert(AlertKind.Volume, day, EventTypeNames.Of(type.Key), value, usual);
        }
    }

    private static IEnumerable<Alert> QualityOf(DateOnly day, IReadOnlyList<(DateOnly Day, EventType Type, Gaps Gaps)> quality)
    {
        (string Words, Func<Gaps, long> Of)[] lacks = [("without a shopper", gaps => gaps.WithoutUser), ("without a price", gaps => gaps.WithoutPrice), ("of items that the catalogue does not describe", gaps => gaps.UnknownItem)];
        foreach (var type in quality.GroupBy(entry => entry.Type).OrderBy(group => group.Key))
        {
            var now = type.Where(entry => entry.Day == day).Select(entry => entry.Gaps).FirstOrDefault();
            var before = type.Where(entry => entry.Day < day && entry.Day >= day.AddDays(-DaysBefore)).Select(entry => entry.Gaps).ToList();
            var events = before.Sum(gaps => gaps.Events);
            foreach (var (words, of) in lacks)
            {
                var usual = new Share(before.Sum(of), events);
                var value = new Share(of(now), now.Events);
                if (value.Rate - usual.Rate > LeastGapChange && Differ(value, usual)) yield return new Alert(AlertKind.Gaps, day, $"{EventTypeNames.Of(type.Key)} {words}", value.Rate, usual.Rate);
            }
        }
    }

    private static IEnumerable<Alert> Clicks(DateOnly day, IReadOnlyList<FeedbackRow> feedback)
    {
        foreach (var placement in feedback.GroupBy(row => row.Placement).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var now = FeedbackCounts.Sum(placement.Where(row => row.Day == day).Select(row => row.Counts));
            var before = FeedbackCounts.Sum(placement.Where(row => row.Day < day && row.Day >= day.AddDays(-DaysBefore)).Select(row => row.Counts));
            var (value, usual) = (new Share(now.Clicks, now.Impressions), new Share(before.Clicks, before.Impressions));
            if (Math.Abs(value.Rate - usual.Rate) > LeastClickChange * usual.Rate && Differ(value, usual)) yield return new Alert(AlertKind.ClickThrough, day, placement.Key, value.Rate, usual.Rate);
        }
    }

    private static bool Differ(Share one, Share other)
    {
        if (one.Trials < LeastTrials || other.Trials < LeastTrials) return false;
        var pooled = Math.Clamp((double)(one.Hits + other.Hits) / (one.Trials + other.Trials), 0, 1);
        var error = Math.Sqrt(pooled * (1 - pooled) * (1.0 / one.Trials + 1.0 / other.Trials));
        return Math.Abs(one.Rate - other.Rate) > Deviations * error;
    }

    private readonly record struct Share(long Hits, long Trials)
    {
        public double Rate => this.Trials > 0 ? (double)this.Hits / this.Trials : 0;
    }
}
