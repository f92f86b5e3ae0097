using Aisle.Engine.Events;
using Aisle.Server.Console.Charts;

namespace Aisle.Server.Console;

/// <summary>Events by day over the last days that have any: a shop whose data ends in the past is drawn too.</summary>
internal sealed class DailyActivity
{
    private const int MaxPoints = 100;
    private const int Week = 7;

    // Views outnumber sales by a hundred to one: on one scale, sales would lie flat on the axis.
    private static readonly EventType[][] Groups =
    [
        [EventType.View, EventType.Click],
        [EventType.Cart, EventType.Purchase, EventType.Return],
        [EventType.Search, EventType.Favourite, EventType.Rating],
    ];

    private readonly IReadOnlyList<DailyCount> _counts;

    public DailyActivity(IReadOnlyList<DailyCount> counts, int days)
    {
        this._counts = counts;
        this.Step = days > MaxPoints ? Week : 1;
        if (counts.Count == 0) return;

        // Whole steps that end on the last day, none before the first.
        var last = counts[^1].Day;
        var points = Math.Min(days, last.DayNumber - counts[0].Day.DayNumber + this.Step) / this.Step;
        this.Days = [.. Enumerable.Range(1, Math.Max(2, points)).Reverse().Select(back => last.AddDays(1 - back * this.Step))];
    }

    /// <summary>Days that one point sums.</summary>
    public int Step { get; }

    /// <summary>First day of each point, ascending.</summary>
    public IReadOnlyList<DateOnly> Days { get; } = [];

    public long Total(EventType type) => this._counts.Where(count => count.Type == type).Sum(count => count.Count);

    /// <summary>What is drawn on one scale together: groups of lines, each a type of event that occurs in the period.</summary>
    public IReadOnlyList<IReadOnlyList<ChartLine>> Charts(Func<EventType, string> name) =>
        [.. Groups.Select(group => this.Lines(group, name)).Where(lines => lines.Count > 0)];

    private List<ChartLine> Lines(EventType[] group, Func<EventType, string> name)
    {
        var lines = new List<ChartLine>();
        foreach (var type in group)
        {
            var byDay = this._counts.Where(count => count.Type == type).ToDictionary(count => count.Day, count => count.Count);
            var values = this.Days.Select(from => (double)Enumerable.Range(0, this.Step).Sum(day => byDay.GetValueOrDefault(from.AddDays(day)))).ToList();
            if (values.Any(value => value > 0)) lines.Add(new ChartLine(name(type), values));
        }

        return lines;
    }
}
