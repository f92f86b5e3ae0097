using Aisle.Learning.Evaluation;

namespace Aisle.Learning.Data;

/// <summary>Divides data sets for evaluation. The same data, rule and seed give the same parts.</summary>
public static class Splitter
{
    /// <exception cref="ArgumentException">The rule is out of range, needs times that are not there, or leaves nothing to learn from or to measure.</exception>
    public static Split Divide(WholeData whole, SplitRule rule)
    {
        CheckShare(rule.TestShare, "test");
        CheckShare(rule.GivenShare, "given");
        if (whole.Data.Sequences is { } events)
        {
            return rule.Kind == SplitKind.Time
                ? Events(whole, events, rule.TestShare)
                : throw new ArgumentException("Data in which items come again are divided by time: what was touched after one moment is to be found from what was touched before it.");
        }

        var all = whole.Data.Interactions;
        return rule.Kind switch
        {
            SplitKind.LeaveOneOut => Weak(whole, MarkLast(all, rule.Seed), rule),
            SplitKind.Ratio => Weak(whole, MarkShare(all, rule.TestShare, rule.Seed), rule),
            SplitKind.Time => Weak(whole, MarkSince(all, rule.TestShare), rule),
            SplitKind.UserTime => Weak(whole, MarkLatest(all, rule.TestShare), rule),
            SplitKind.Strong => Strong(whole, rule),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule.Kind, "There is no such split."),
        };
    }

    /// <summary>
    /// Cross-validation: each user's interactions are dealt out to the folds at random, as evenly as they go; each fold is the test
    /// once and the others are the training part. A user's only interaction is always learned from.
    /// </summary>
    /// <param name="folds">2 to 100.</param>
    public static IReadOnlyList<Split> Folds(WholeData whole, int folds, int seed, double relevantFrom = 0)
    {
        if (folds is < 2 or > 100) throw new ArgumentException($"{folds} folds cannot be made; allowed are 2 to 100.");
        if (whole.Data.Sequences is not null) throw new ArgumentException("Data in which items come again are divided by time, not into folds.");
        var all = whole.Data.Interactions;
        var foldOf = new int[all.Count];
        var at = 0;
        for (var user = 0; user < all.Users; user++)
        {
            var random = new RandomStream(seed, user);
            var row = foldOf.AsSpan(at, all.CountOf(user));
            var first = random.Below(folds);
            for (var i = 0; i < row.Length; i++) row[i] = (first + i) % folds;
            random.Shuffle(row);
            if (row.Length == 1) row[0] = -1;
            at += row.Length;
        }

        var rule = new SplitRule(SplitKind.Ratio) { Seed = seed, RelevantFrom = relevantFrom };
        return [.. Enumerable.Range(0, folds).Select(fold => Weak(whole, Array.ConvertAll(foldOf, given => given == fold), rule))];
    }

    private static void CheckShare(double share, string name)
    {
        if (!(share > 0 && share < 1)) throw new ArgumentException($"The {name} share is {share.ToString(System.Globalization.CultureInfo.InvariantCulture)}; it must be above 0 and below 1.");
    }

    private static Split Weak(WholeData whole, bool[] isTest, SplitRule rule)
    {
        var all = whole.Data.Interactions;
        var test = all.Where(isTest);
        var train = all.Where(Array.ConvertAll(isTest, mark => !mark));
        if (train.Count == 0) throw new ArgumentException("This split leaves nothing to learn from. Give a smaller test share, or another split.");
        var targets = RatingsFormat.Relevant(test, rule.RelevantFrom);
        var warm = WithTraining(targets, train, out var cold);
        return new Split(whole.Data.With(train), null, RankingCases.OfUsers(warm, train))
        {
            TestRatings = whole.HasRatings ? test : null,
            Ids = whole.Ids,
            Notes = cold == 0 ? [] : [$"{cold} users of the test part have nothing in the training part and are left out of the ranking."],
        };
    }

    /// <summary>By one moment; nothing is excluded from the ranking.</summary>
    private static Split Events(WholeData whole, Sequences events, double testShare)
    {
        var since = Since(events.AllTimes.ToArray(), testShare);
        var train = Part(events, time => time < since);
        if (train.Count == 0) throw new ArgumentException("This split leaves nothing to learn from. Give a smaller test share.");
        var known = train.ToInteractions();
        var later = WithTraining(Part(events, time => time >= since).ToInteractions(), known, out var cold);
        string[] left = cold == 0 ? [] : [$"{cold} users of the test part have nothing in the training part and are left out of the ranking."];
        return new Split(whole.Data.With(known, train), null, RankingCases.OfUsers(later, Interactions.From(known.Users, known.Items, [], [])))
        {
            Ids = whole.Ids,
            Notes = ["What a user touched before is to be found again where it comes again.", .. left],
        };
    }

    private static Sequences Part(Sequences events, Func<long, bool> takes) => events.Where((user, i) => takes(events.TimesOf(user)[i]));

    /// <summary>Users without training data would measure the split, not the model: no personal list can be made for them.</summary>
    private static Interactions WithTraining(Interactions targets, Interactions train, out int cold)
    {
        cold = 0;
        var known = new bool[targets.Users];
        for (var user = 0; user < known.Length; user++)
        {
            known[user] = train.CountOf(user) > 0;
            if (!known[user] && targets.CountOf(user) > 0) cold++;
        }

        return cold == 0 ? targets : targets.WhereUsers(known);
    }

    private static Split Strong(WholeData whole, SplitRule rule)
    {
        var all = whole.Data.Interactions;
        // Who has one interaction cannot be held out: there would be nothing to give or nothing to find.
        var able = Enumerable.Range(0, all.Users).Where(user => all.CountOf(user) > 1).ToArray();
        new RandomStream(rule.Seed, all.Users).Shuffle(able);
        var held = able[..Math.Min(able.Length, (int)Math.Round(rule.TestShare * all.Users))];
        Array.Sort(held);
        var isHeld = new bool[all.Users];
        foreach (var user in held) isHeld[user] = true;
        var known = Enumerable.Range(0, all.Users).Where(user => !isHeld[user]).ToArray();
        var train = all.Rows(known);
        if (train.Count == 0 || held.Length == 0) throw new ArgumentException("Too few users for strong generalisation: some must be learned from, and some with two interactions held out.");

        var heldRows = all.Rows(held);
        var isTest = heldRows.HasTimes ? MarkLatest(heldRows, 1 - rule.GivenShare) : MarkShare(heldRows, 1 - rule.GivenShare, rule.Seed);
        GuaranteeOne(heldRows, isTest);
        var given = heldRows.Where(Array.ConvertAll(isTest, mark => !mark));
        var test = heldRows.Where(isTest);
        var histories = given.HasTimes
            ? Sequences.From(given)
            : Sequences.From(given.Items, [.. Enumerable.Range(0, given.Users).Select(user => given.ItemsOf(user).ToArray())]);
        var data = whole.Data.With(train);
        return new Split(
            data with { UserAttributes = null },
            null,
            RankingCases.OfHistories(histories, RatingsFormat.Relevant(test, rule.RelevantFrom), mayRepeat: false))
        {
            Ids = whole.Ids is null ? null : whole.Ids with { Users = [.. known.Select(user => whole.Ids.Users[user])] },
            Notes = [$"Strong generalisation: {held.Length} users are unknown to the models, which are given {rule.GivenShare:P0} of what they did."],
        };
    }

    /// <summary>A share that rounds to none still leaves one interaction to find.</summary>
    private static void GuaranteeOne(Interactions rows, bool[] isTest)
    {
        var at = 0;
        for (var user = 0; user < rows.Users; user++)
        {
            var row = isTest.AsSpan(at, rows.CountOf(user));
            if (!row.Contains(true)) row[rows.HasTimes ? LastOf(rows.TimesOf(user)) : row.Length - 1] = true;
            else if (!row.Contains(false)) row[0] = false;
            at += row.Length;
        }
    }

    private static bool[] MarkLast(Interactions all, int seed)
    {
        var marks = new bool[all.Count];
        var at = 0;
        for (var user = 0; user < all.Users; user++)
        {
            var count = all.CountOf(user);
            if (count > 1) marks[at + (all.HasTimes ? LastOf(all.TimesOf(user)) : new RandomStream(seed, user).Below(count))] = true;
            at += count;
        }

        return marks;
    }

    /// <summary>Of equally late interactions the last in the row.</summary>
    private static int LastOf(ReadOnlySpan<long> times)
    {
        var last = 0;
        for (var i = 1; i < times.Length; i++)
        {
            if (times[i] >= times[last]) last = i;
        }

        return last;
    }

    private static bool[] MarkShare(Interactions all, double share, int seed)
    {
        var marks = new bool[all.Count];
        var at = 0;
        for (var user = 0; user < all.Users; user++)
        {
            var row = marks.AsSpan(at, all.CountOf(user));
            row[..TestCount(row.Length, share)].Fill(true);
            new RandomStream(seed, user).Shuffle(row);
            at += row.Length;
        }

        return marks;
    }

    private static bool[] MarkLatest(Interactions all, double share)
    {
        CheckTimes(all);
        var marks = new bool[all.Count];
        var at = 0;
        for (var user = 0; user < all.Users; user++)
        {
            var count = all.CountOf(user);
            var times = all.TimesOf(user).ToArray();
            var places = Enumerable.Range(at, count).ToArray();
            Array.Sort(times, places);
            foreach (var place in places[(count - TestCount(count, share))..]) marks[place] = true;
            at += count;
        }

        return marks;
    }

    private static bool[] MarkSince(Interactions all, double share)
    {
        CheckTimes(all);
        var times = new long[all.Count];
        var at = 0;
        for (var user = 0; user < all.Users; user++)
        {
            all.TimesOf(user).CopyTo(times.AsSpan(at));
            at += all.CountOf(user);
        }

        var since = Since([.. times], share);
        return Array.ConvertAll(times, time => time >= since);
    }

    /// <summary>The moment from which on the given share of the times lies.</summary>
    private static long Since(long[] times, double share)
    {
        Array.Sort(times);
        return times[Math.Min(times.Length - 1, (int)((1 - share) * times.Length))];
    }

    /// <summary>The nearest whole number to the share, but never all of a user's interactions.</summary>
    private static int TestCount(int count, double share) => Math.Min(count - 1, (int)Math.Round(share * count)) is var test && test > 0 ? test : 0;

    private static void CheckTimes(Interactions all)
    {
        if (!all.HasTimes) throw new ArgumentException("A split by time needs the times of the interactions, which this file does not give. Divide by ratio or leave one out.");
    }
}
