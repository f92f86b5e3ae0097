using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Items whose weights are solved together, and the items that may enter their equations.</summary>
/// <param name="Members">Ascending; every item of the catalogue that anybody touched is a member of one group.</param>
/// <param name="Support">Ascending; the members are among them.</param>
internal sealed record ItemGroup(int[] Members, int[] Support);

/// <summary>
/// Divides a catalogue into groups of similar items. What is similar shares most of its neighbours, so that a group's members can share one
/// small system of equations: the idea of the sparse approximation in Steck, Markov random fields for collaborative filtering (NeurIPS 2019).
/// </summary>
internal static class ItemGroups
{
    /// <param name="similar">Items × items: row i holds the neighbours of i, larger for more similar.</param>
    /// <param name="members">Members per group; the last one may have fewer.</param>
    /// <param name="support">Items that may enter a group's equations.</param>
    public static ItemGroup[] Make(Interactions similar, int[] counts, int members, int support)
    {
        var order = Enumerable.Range(0, similar.Items).Where(item => counts[item] > 0).OrderByDescending(item => counts[item]).ThenBy(item => item);
        var groups = new List<ItemGroup>();
        var votes = new float[similar.Items];
        var isPlaced = new bool[similar.Items];
        var group = new List<int>();
        var isMet = new int[similar.Items];
        foreach (var seed in order)
        {
            if (isPlaced[seed]) continue;
            Grow(group, seed, members, similar, isPlaced, isMet, groups.Count + 1);
            if (group.Count < members) continue;
            groups.Add(Supported(group, similar, votes, support));
            group.Clear();
        }

        if (group.Count > 0) groups.Add(Supported(group, similar, votes, support));
        return [.. groups];
    }

    /// <summary>Adds the seed, then the nearest of its neighbours that are not placed yet, their neighbours and so on.</summary>
    /// <param name="isMet">The number of the group for which an item was last looked at.</param>
    private static void Grow(List<int> group, int seed, int members, Interactions similar, bool[] isPlaced, int[] isMet, int number)
    {
        var queue = new Queue<int>();
        queue.Enqueue(seed);
        isMet[seed] = number;
        var looked = 0;
        while (group.Count < members && queue.TryDequeue(out var item))
        {
            if (!isPlaced[item])
            {
                isPlaced[item] = true;
                group.Add(item);
            }

            // Where all around is placed, a new seed is nearer than what a long search would find.
            if (++looked > 8 * members) return;
            var neighbours = similar.ItemsOf(item).ToArray();
            var nearness = Array.ConvertAll(similar.WeightsOf(item).ToArray(), weight => -weight);
            Array.Sort(nearness, neighbours);
            foreach (var neighbour in neighbours)
            {
                if (isMet[neighbour] == number) continue;
                isMet[neighbour] = number;
                queue.Enqueue(neighbour);
            }
        }
    }

    /// <summary>Each member votes for its neighbours with one vote in all, shared out by similarity.</summary>
    private static ItemGroup Supported(List<int> group, Interactions similar, float[] votes, int support)
    {
        var candidates = new List<int>();
        foreach (var member in group)
        {
            var total = 0f;
            foreach (var weight in similar.WeightsOf(member)) total += weight;
            for (var i = 0; i < similar.CountOf(member); i++)
            {
                var neighbour = similar.ItemsOf(member)[i];
                if (votes[neighbour] == 0f) candidates.Add(neighbour);
                votes[neighbour] += similar.WeightsOf(member)[i] / total;
            }
        }

        var members = group.ToArray();
        Array.Sort(members);
        var others = candidates.Where(item => Array.BinarySearch(members, item) < 0).OrderByDescending(item => votes[item]).ThenBy(item => item);
        int[] all = [.. members, .. others.Take(Math.Max(0, support - members.Length))];
        Array.Sort(all);
        foreach (var candidate in candidates) votes[candidate] = 0f;
        return new ItemGroup(members, all);
    }
}
