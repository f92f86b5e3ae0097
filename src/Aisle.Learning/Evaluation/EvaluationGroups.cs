using Aisle.Learning.Data;

namespace Aisle.Learning.Evaluation;

/// <summary>Divides what is measured: a model that is good on average may serve only the busiest shoppers or the best-known items.</summary>
internal static class EvaluationGroups
{
    /// <summary>Most popular items that together hold half of the interactions; those that follow, up to four fifths; the rest.</summary>
    public static readonly string[] OfItems = ["head", "mid", "tail"];

    public static readonly string[] OfUsers = ["low", "mid", "high"];

    private const double HeadShare = 0.5;
    private const double MidShare = 0.8;

    /// <summary>Thirds of the cases by how many interactions each has before; cases of the same number are never parted, so thirds may be uneven.</summary>
    /// <returns>Index into <see cref="OfUsers"/> for each case.</returns>
    public static int[] ByActivity(RankingCases cases, Interactions train)
    {
        var activity = Enumerable.Range(0, cases.Count).Select(@case => cases.ActivityOf(@case, train)).ToArray();
        var sorted = activity.Order().ToArray();
        var (low, mid) = (sorted[(sorted.Length - 1) / 3], sorted[(sorted.Length - 1) * 2 / 3]);
        return Array.ConvertAll(activity, count => count <= low ? 0 : count <= mid ? 1 : 2);
    }

    /// <returns>Index into <see cref="OfItems"/> for each item; an item that nobody touched is of the tail.</returns>
    public static int[] ByPopularity(Interactions train)
    {
        var counts = ListQuality.Counts(train);
        var groups = new int[counts.Length];
        var before = 0L;
        foreach (var item in Enumerable.Range(0, counts.Length).OrderByDescending(item => counts[item]))
        {
            // An item belongs where its first interaction falls, so that the most popular one is always of the head.
            groups[item] = before < HeadShare * train.Count ? 0 : before < MidShare * train.Count ? 1 : 2;
            before += counts[item];
        }

        return groups;
    }
}
