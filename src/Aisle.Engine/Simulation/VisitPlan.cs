using Aisle.Engine.DemoShop;

namespace Aisle.Engine.Simulation;

/// <summary>Who comes when: the demo shop's shoppers who still come, each as often as they are used to, at their hours.</summary>
internal static class VisitPlan
{
    private const double DayMs = 86_400_000;

    /// <summary>The times of each shopper's visits, ascending, by the shopper's place; those who have gone, and those kept for people who try the shop out, have none.</summary>
    public static long[][] Create(IReadOnlyList<Shopper> shoppers, int sessions, int days, long end, ulong seed)
    {
        var weights = shoppers.Select(shopper => shopper.Days.Last > 0 || shopper.User.Attributes.ContainsKey("featured") ? 0 : shopper.VisitsPerYear).ToArray();
        var scale = sessions / weights.Sum();
        return [.. shoppers.Select((shopper, i) =>
        {
            var chance = new Chance(Chance.Hash(Chance.Hash(seed, 17), (ulong)i));
            var count = (int)((weights[i] * scale) + chance.Unit());
            return Enumerable.Range(0, count).Select(_ => Time(shopper, days, end, chance)).Order().ToArray();
        })];
    }

    /// <summary>The arm of each shopper: drawn, and in equal numbers.</summary>
    public static int[] Assign(int shoppers, int arms, ulong seed)
    {
        var assigned = new int[shoppers];
        var order = Enumerable.Range(0, shoppers).OrderBy(i => Chance.Hash(Chance.Hash(seed, 23), (ulong)i)).ToArray();
        for (var place = 0; place < order.Length; place++) assigned[order[place]] = place % arms;
        return assigned;
    }

    private static long Time(Shopper shopper, int days, long end, Chance chance)
    {
        while (true)
        {
            var midnight = Math.Floor((end / DayMs) - chance.Between(0, days)) * DayMs;
            var time = (long)(midnight + ((shopper.Hour + (chance.Normal() * 2.6)) * DayMs / 24));
            if (time < end && time >= end - (days * DayMs)) return time;
        }
    }
}
