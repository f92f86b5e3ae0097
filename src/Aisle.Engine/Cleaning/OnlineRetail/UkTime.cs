namespace Aisle.Engine.Cleaning.OnlineRetail;

/// <summary>
/// British local time to UTC by the rule in force since 1996: summer time (UTC + 1) from the last Sunday of March to the last Sunday of
/// October, 01:00 UTC. Computed here, because event ids contain the time: they must not depend on a machine's time zone files.
/// </summary>
internal static class UkTime
{
    /// <summary>The hour that autumn repeats counts as summer time; the hour that spring skips, which no clock shows, as winter time.</summary>
    public static DateTimeOffset ToUtc(DateTime local)
    {
        var summer = local >= LastSunday(local.Year, 3).AddHours(2) && local < LastSunday(local.Year, 10).AddHours(2);
        return new DateTimeOffset(DateTime.SpecifyKind(summer ? local.AddHours(-1) : local, DateTimeKind.Utc));
    }

    private static DateTime LastSunday(int year, int month)
    {
        var lastDay = new DateTime(year, month, 31, 0, 0, 0, DateTimeKind.Unspecified);
        return lastDay.AddDays(-(int)lastDay.DayOfWeek);
    }
}
