using System.Text.Json.Serialization;
using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Models;

/// <summary>Which interactions of a user an inner validation holds out.</summary>
public enum HoldOutChoice
{
    /// <summary>The latest where the order is known, chance where it is not.</summary>
    [JsonStringEnumMemberName("auto")]
    Auto,

    /// <summary>By seeded chance.</summary>
    [JsonStringEnumMemberName("random")]
    Random,

    /// <summary>The latest.</summary>
    [JsonStringEnumMemberName("latest")]
    Latest,
}

/// <summary>
/// A validation split inside the training data: of a seeded sample of users, a share of what each touched is held out. Everyone else
/// stays whole, so that models fitted on the rest are nearly those that will be fitted on everything.
/// </summary>
internal sealed class InnerHoldOut
{
    private const int ListLength = 20;

    private InnerHoldOut(Dataset train, int[] users, int[][] targets)
    {
        this.Train = train;
        this.Users = users;
        this.Targets = targets;
    }

    /// <summary>What is left; users and items keep their numbers.</summary>
    public Dataset Train { get; }

    /// <summary>The users of the sample, ascending.</summary>
    public int[] Users { get; }

    /// <summary>Items held out of each user of the sample, ascending.</summary>
    public int[][] Targets { get; }

    /// <summary>Mean NDCG of lists for the users of the sample, who are not shown what they have.</summary>
    public double Quality(IModel model, FitContext context)
    {
        int[] users = [.. this.Users.SelectMany((user, i) => Enumerable.Repeat(user, this.Targets[i].Length))];
        var known = this.Train.Interactions;
        var targets = Interactions.From(known.Users, known.Items, users, [.. this.Targets.SelectMany(items => items)]);
        var report = RankingEvaluator.Evaluate(model, known, targets, [Math.Min(ListLength, model.Items)], context.Threads, cancellation: context.Cancellation);
        return report.Cutoffs[0].PerUser.Average(found => (double)found.Ndcg);
    }

    /// <returns>Null where no user has two items, of which one could be held out.</returns>
    public static InnerHoldOut? Of(string model, Dataset data, int users, double share, HoldOutChoice choice, int seed)
    {
        var order = choice == HoldOutChoice.Random ? null : data.InOrder();
        if (choice == HoldOutChoice.Latest && order is null)
            throw new ArgumentException($"{model}: holdOut latest needs the order of interactions, which is unknown here. Give sequences or times, or choose random.");
        var all = data.Interactions;
        var random = new Random(seed);
        var eligible = Enumerable.Range(0, all.Users).Where(user => all.CountOf(user) >= 2).ToArray();
        if (eligible.Length == 0) return null;
        random.Shuffle(eligible);
        var sample = eligible.AsSpan(0, Math.Min(users, eligible.Length)).ToArray();
        Array.Sort(sample);
        var targets = Array.ConvertAll(sample, user =>
        {
            var count = Math.Clamp((int)Math.Round(share * all.CountOf(user)), 1, all.CountOf(user) - 1);
            var held = order is null ? Chosen(all.ItemsOf(user), count, random) : Latest(order.ItemsOf(user), count);
            Array.Sort(held);
            return held;
        });
        return new InnerHoldOut(data.With(Without(all, sample, targets), data.Sequences is null ? null : Without(data.Sequences, sample, targets)), sample, targets);
    }

    private static int[] Chosen(ReadOnlySpan<int> items, int count, Random random)
    {
        var shuffled = items.ToArray();
        random.Shuffle(shuffled);
        return shuffled[..count];
    }

    /// <summary>The last distinct items, but never all that there are.</summary>
    private static int[] Latest(ReadOnlySpan<int> sequence, int count)
    {
        var held = new HashSet<int>();
        for (var i = sequence.Length - 1; i >= 0 && held.Count < count; i--) held.Add(sequence[i]);
        return [.. held];
    }

    private static Interactions Without(Interactions all, int[] sample, int[][] targets)
    {
        List<int> users = [], items = [];
        List<float> weights = [];
        List<long> times = [];
        for (int user = 0, next = 0; user < all.Users; user++)
        {
            var held = next < sample.Length && sample[next] == user ? targets[next++] : [];
            var row = all.ItemsOf(user);
            for (var i = 0; i < row.Length; i++)
            {
                if (Array.BinarySearch(held, row[i]) >= 0) continue;
                users.Add(user);
                items.Add(row[i]);
                weights.Add(all.WeightsOf(user)[i]);
                if (all.HasTimes) times.Add(all.TimesOf(user)[i]);
            }
        }

        return Interactions.From(all.Users, all.Items, [.. users], [.. items], [.. weights], [.. times]);
    }

    private static Sequences Without(Sequences all, int[] sample, int[][] targets)
    {
        var held = new int[all.Users][];
        held.AsSpan().Fill([]);
        for (var i = 0; i < sample.Length; i++) held[sample[i]] = targets[i];
        return all.Where((user, i) => Array.BinarySearch(held[user], all.ItemsOf(user)[i]) < 0);
    }
}
