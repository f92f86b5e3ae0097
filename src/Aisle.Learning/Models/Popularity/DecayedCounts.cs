using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Weights that fade with age: after a half-life an interaction counts half. Without times, or with a half-life of 0, nothing fades.</summary>
internal static class DecayedCounts
{
    private const double SecondsPerDay = 86_400;

    /// <summary>The latest time of all; null where nothing fades.</summary>
    public static long? Latest(Interactions interactions, double halfLifeDays)
    {
        if (!interactions.HasTimes || halfLifeDays == 0) return null;
        var latest = long.MinValue;
        for (var user = 0; user < interactions.Users; user++)
        {
            foreach (var time in interactions.TimesOf(user)) latest = Math.Max(latest, time);
        }

        return latest;
    }

    /// <summary>How much is left at <paramref name="latest"/> of what happened at <paramref name="time"/>.</summary>
    public static double Left(long time, long? latest, double halfLifeDays) =>
        latest is { } end ? Math.Pow(2, ((double)time - end) / SecondsPerDay / halfLifeDays) : 1;

    /// <summary>Calls <paramref name="add"/>(user, item, weight left) for every interaction, user by user.</summary>
    public static void Visit(Interactions interactions, long? latest, double halfLifeDays, Action<int, int, double> add)
    {
        for (var user = 0; user < interactions.Users; user++)
        {
            var items = interactions.ItemsOf(user);
            var weights = interactions.WeightsOf(user);
            var times = interactions.TimesOf(user);
            for (var i = 0; i < items.Length; i++) add(user, items[i], weights[i] * (latest is null ? 1 : Left(times[i], latest, halfLifeDays)));
        }
    }

    /// <summary>
    /// The time to which old and new counts are brought before they are added; null where the old do not fade. New behaviour without times is
    /// refused where the old fades: it has no place in time.
    /// </summary>
    public static long? Common(IModel model, long? old, Interactions added, double halfLifeDays)
    {
        if (old is not { } before) return null;
        return Latest(added, halfLifeDays) is { } after
            ? Math.Max(before, after)
            : throw new ArgumentException($"{model.Name}: the model's counts fade with age, but the new behaviour has no times. Give the time of each interaction.");
    }
}
