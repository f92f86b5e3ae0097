using Aisle.Learning.Exploration;

namespace Aisle.Learning.Tests.Exploration;

public sealed class OffPolicyListsTests
{
    /// <summary>How likely each place of a list is looked at.</summary>
    private static readonly double[] Looks = [1, 0.6, 0.4, 0.3, 0.2];

    [Fact]
    public void Evaluate_TwoLists_EqualsTheSumsDoneByHand()
    {
        // First: the item of place 1 stood at place 2 (.5 instead of 1) and earned 3; place 2's might have been served and was not.
        // Second: nothing of it was served; place 2 never can be.
        JudgedList[] log =
        [
            new() { Unit = 1, Reward = 3, Places = [new(1, 2, true, new(0.5, 0.5, 3)), new(0.5, 4, true, null)] },
            new() { Unit = 2, Reward = 1, Places = [new(1, 2, true, new(1, 1, 2)), new(0.5, 6, false, null)] },
        ];
        var report = OffPolicyLists.Evaluate(log);

        // 1·2 + 1/.5·(3 − .5·2) + .5·4 = 8 and 1·2 + 1·(2 − 2) + .5·6 = 5.
        report.Judged!.Value.ShouldBe(6.5, 1e-12);
        report.Served!.Value.ShouldBe(2, 1e-12);
        report.Difference!.Value.ShouldBe(4.5, 1e-12);
        report.Supported.ShouldBe(2.5 / 3, 1e-12);
        report.Agreement.ShouldBe(2 / 2.5, 1e-12);

        // Weights 2 and 1: 2·3 + 1·2 over two lists; for the attention that they make, 2·.5 + 1·1, of the 3 that there are.
        report.Ips!.Value.ShouldBe(4, 1e-12);
        report.SelfNormalised!.Value.ShouldBe(8 / 2.0 * 3 / 2, 1e-12);
        report.Ips.Error.ShouldBe(Math.Sqrt(2 * 4 * 2) / 2, 1e-12);

        // Each list's 6 or 2, less 4 for each of its 1, times 3 / 2; both have the same attention.
        report.SelfNormalised.Error.ShouldBe(Math.Sqrt(2 * 9 * 2) / 2, 1e-12);

        // Two units, each 1.5 and .5 from the mean: squares 2·1.5² and 2·.5², times 2/1 over 2².
        report.Judged.Error.ShouldBe(Math.Sqrt(2 * 2.25 * 2) / 2, 1e-12);
        report.Difference.Error.ShouldBe(Math.Sqrt(2 * 0.25 * 2) / 2, 1e-12);
        report.Warnings.Single().ShouldContain("0 were drawn; until there are 50");
        (report.IsHardlyDrawn, report.IsMostlyGuessed).ShouldBe((true, false));
    }

    [Fact]
    public void Evaluate_SameListsAsServed_EarnsExactlyWhatWasEarned()
    {
        var random = new RandomStream(1, 0);
        var log = Enumerable.Range(0, 200).Select(unit =>
        {
            var rewards = Looks.Select(look => random.Uniform() < look * 0.3 ? 1.0 : 0).ToArray();
            return new JudgedList { Unit = unit, Reward = rewards.Sum(), Places = [.. Looks.Select((look, place) => new JudgedPlace(look, 0.4, true, new(look, look, rewards[place])))] };
        }).ToList();

        var report = OffPolicyLists.Evaluate(log);

        report.Difference!.Value.ShouldBe(0, 1e-9);
        report.Difference.Error.ShouldBe(0, 1e-9);
        report.Supported.ShouldBe(1);
        report.Agreement.ShouldBe(1, 1e-9);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.25)]
    public void Evaluate_KnownWorlds_IntervalsHoldTheTrueValue(double predicted)
    {
        const int worlds = 300;
        var (held, heldDifference, heldIps, heldNormalised, sum, truths) = (0, 0, 0, 0, 0.0, 0.0);
        for (var world = 0; world < worlds; world++)
        {
            var (log, truth, served) = World(world, lists: 3000, predicted);
            var report = OffPolicyLists.Evaluate(log);
            report.Problem.ShouldBeNull();
            if (report.Judged!.Interval.Low <= truth && truth <= report.Judged.Interval.High) held++;
            if (report.Ips!.Interval.Low <= truth && truth <= report.Ips.Interval.High) heldIps++;
            if (report.SelfNormalised!.Interval.Low <= truth && truth <= report.SelfNormalised.Interval.High) heldNormalised++;
            if (report.Difference!.Interval.Low <= truth - served && truth - served <= report.Difference.Interval.High) heldDifference++;
            sum += report.Judged.Value;
            truths += truth;
        }

        (held / (double)worlds).ShouldBeGreaterThan(0.9);
        (heldDifference / (double)worlds).ShouldBeGreaterThan(0.9);
        (heldIps / (double)worlds).ShouldBeGreaterThan(0.9);
        (heldNormalised / (double)worlds).ShouldBeGreaterThan(0.9);
        (sum / truths).ShouldBe(1, 0.02);
    }

    [Fact]
    public void Evaluate_ItemsThatWereNeverPossible_RestOnTheModelAndSaySo()
    {
        var log = Enumerable.Range(0, 100).Select(unit => new JudgedList
        {
            Unit = unit, Reward = 1, Places = [new(1, 0.7, false, null), new(0.5, 0.4, true, new(0.5, 0.5, unit % 2 * 0.4))],
        }).ToList();

        var report = OffPolicyLists.Evaluate(log);

        report.Judged!.Value.ShouldBe(0.7 + 0.2, 1e-9);
        report.Supported.ShouldBe(0.5 / 1.5, 1e-12);
        report.Warnings.Single().ShouldContain("33");
        (report.IsHardlyDrawn, report.IsMostlyGuessed).ShouldBe((false, true));
    }

    [Fact]
    public void Evaluate_WrongPropensities_GivesAReasonAndNoFigure()
    {
        var (log, _, _) = World(7, lists: 3000, predicted: 0.1);
        var wrong = log.Select(list => list with { Places = [.. list.Places.Select(place => place with { Served = place.Served is { } served ? served with { Expected = Math.Min(1, served.Expected * 2) } : null })] }).ToList();

        var report = OffPolicyLists.Evaluate(wrong);

        report.Judged.ShouldBeNull();
        report.Problem.ShouldNotBeNull().ShouldContain("propensities");
    }

    [Fact]
    public void Evaluate_RareItemsThatWereNotDrawnYet_AreNoSignOfWrongPropensities()
    {
        var log = Enumerable.Range(0, 200).Select(unit => new JudgedList { Unit = unit, Reward = 1, Places = [new(1, 0.1, true, null), new(0.6, 0.2, true, null)] }).ToList();
        var report = OffPolicyLists.Evaluate(log);

        report.Agreement.ShouldBe(0);
        report.Problem.ShouldBeNull();
        report.Judged!.Value.ShouldBe(0.22, 1e-12);
        report.Warnings.Single().ShouldContain("0 were drawn; until there are 50");
        (report.IsHardlyDrawn, report.IsMostlyGuessed).ShouldBe((true, false));
    }

    [Fact]
    public void Evaluate_NothingPossible_GivesAReasonAndNoFigure()
    {
        var log = Enumerable.Range(0, 10).Select(unit => new JudgedList { Unit = unit, Reward = 0, Places = [new(1, 0.1, false, null)] }).ToList();

        OffPolicyLists.Evaluate(log).Problem.ShouldNotBeNull().ShouldContain("says nothing");
        OffPolicyLists.Evaluate([log[0]]).Problem.ShouldNotBeNull().ShouldContain("one unit");
    }

    public static TheoryData<JudgedPlace, string> Senseless => new()
    {
        { new JudgedPlace(1.5, 0, true, null), "looked at with probability 1.5" },
        { new JudgedPlace(0.5, double.NaN, true, null), "not finite" },
        { new JudgedPlace(0.5, 0, false, new ServedPlace(1, 1, 0)), "not to be possible" },
        { new JudgedPlace(0.5, 0, true, new ServedPlace(1, 0, 0)), "expected 0" },
        { new JudgedPlace(0.5, 0, true, new ServedPlace(1, 1, double.PositiveInfinity)), "earned" },
    };

    [Theory]
    [MemberData(nameof(Senseless))]
    public void Evaluate_Senseless_IsRefused(JudgedPlace place, string words) =>
        Should.Throw<ArgumentException>(() => OffPolicyLists.Evaluate([new JudgedList { Unit = 1, Reward = 0, Places = [place] }])).Message.ShouldContain(words);

    /// <summary>
    /// Shoppers of three tastes with up to five lists each. Served: the four items that sell best, and at the third place one of twelve others, drawn.
    /// Judged: the best two items for the taste, one of them among the twelve.
    /// </summary>
    private static (List<JudgedList> Log, double Judged, double Served) World(int seed, int lists, double predicted)
    {
        var random = new RandomStream(17, seed);
        var attraction = Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, 16).Select(_ => 0.02 + (0.4 * random.Uniform())).ToArray()).ToArray();
        var chances = Enumerable.Range(0, 12).Select(_ => 0.5 + random.Uniform()).ToArray();
        var total = chances.Sum();
        var log = new List<JudgedList>();
        var (judgedValue, servedValue) = (0.0, 0.0);
        for (var unit = 0; log.Count < lists; unit++)
        {
            var attractions = attraction[random.Below(3)];
            int[] judged = [.. Enumerable.Range(0, 4).OrderByDescending(item => attractions[item]).Take(1), .. Enumerable.Range(4, 12).OrderByDescending(item => attractions[item]).Take(1)];
            for (var list = random.Below(5); list >= 0 && log.Count < lists; list--)
            {
                var drawn = 0;
                for (var left = random.Uniform() * total; drawn < 11 && (left -= chances[drawn]) >= 0;) drawn++;
                int[] served = [0, 1, 4 + drawn, 2, 3];
                var rewards = served.Select((item, place) => random.Uniform() < Looks[place] * attractions[item] ? 1.0 : 0).ToArray();
                log.Add(new JudgedList
                {
                    Unit = unit,
                    Reward = rewards.Sum(),
                    Places = [.. judged.Select((item, place) => new JudgedPlace(Looks[place], predicted, true, Array.IndexOf(served, item) is >= 0 and var at
                        ? new ServedPlace(Looks[at], Looks[at] * (at == 2 ? chances[drawn] / total : 1), rewards[at])
                        : null))],
                });
                judgedValue += judged.Select((item, place) => Looks[place] * attractions[item]).Sum();
                for (var item = 0; item < 4; item++) servedValue += Looks[item < 2 ? item : item + 1] * attractions[item];
                for (var item = 0; item < 12; item++) servedValue += Looks[2] * chances[item] / total * attractions[4 + item];
            }
        }

        return (log, judgedValue / lists, servedValue / lists);
    }
}
