using System.IO.Compression;
using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class CoPurchaseTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new CoPurchaseTrainer(new CoPurchaseOptions { MaxItems = 3 });

    private protected override string OptionsJson => """{"minSupport":0.01,"minCount":2,"minConfidence":0.1,"minLift":1.2,"maxItems":4,"measure":"conviction"}""";

    /// <summary>Ten baskets: bread 0, butter 1, jam 2, beer 3. Bread 6, butter 5, jam 3, beer 4; bread with butter 4, all three of them 2.</summary>
    private static readonly Interactions Baskets = Rows([0, 1, 2], [0, 1, 2], [0, 1], [0, 1, 3], [0], [0, 3], [1, 3], [2], [3], []);

    [Fact]
    public void Mine_SmallBaskets_GivesTheMeasuresComputedByHand()
    {
        var rules = new CoPurchaseTrainer(new CoPurchaseOptions { MinCount = 2, MinConfidence = 0, MinLift = 0, MaxItems = 3 }).Mine(Baskets, new FitContext());
        rules.Baskets.ShouldBe(9, "the empty row is no basket");
        var rule = Enumerable.Range(0, rules.Count).Single(r => rules.Antecedents.ItemsOf(r).SequenceEqual([0]) && rules.Consequents[r] == 1);
        rules.Confidence(rule).ShouldBe(4 / 6.0, 1e-12);
        rules.Lift(rule).ShouldBe(4 / 6.0 / (5 / 9.0), 1e-12);
        rules.Measure(rule, RuleMeasure.Leverage).ShouldBe((4 / 9.0) - (6 / 9.0 * 5 / 9.0), 1e-12);
        rules.Measure(rule, RuleMeasure.Conviction).ShouldBe((1 - (5 / 9.0)) / (1 - (4 / 6.0)), 1e-12);

        var never = Enumerable.Range(0, rules.Count).Single(r => rules.Antecedents.ItemsOf(r).SequenceEqual([0, 2]));
        rules.Consequents[never].ShouldBe(1);
        rules.Confidence(never).ShouldBe(1);
        rules.Measure(never, RuleMeasure.Conviction).ShouldBe((1 - (5 / 9.0)) / (0.5 / 2), 1e-12);
        rules.Antecedents.ItemsOf(never - 1).SequenceCompareTo(rules.Antecedents.ItemsOf(never)).ShouldBeLessThan(0);
    }

    [Fact]
    public void ScoreHistory_MatchingRules_AddUp()
    {
        var model = new CoPurchaseTrainer(new CoPurchaseOptions { MinCount = 2, MinConfidence = 0.4, MaxItems = 3, Measure = RuleMeasure.Confidence, MinSupport = 0 }).Fit(Baskets, new FitContext());
        var scores = Folded(model, [2, 0, 2], []);
        ((double)scores[1]).ShouldBe((2 / 3.0) + (4 / 6.0) + 1, 1e-6);
        scores[3].ShouldBe(float.NegativeInfinity);
    }

    [Fact]
    public void Mine_AnyOptions_EqualsCountingEverySet()
    {
        var random = new Random(4);
        var baskets = Rows([.. Enumerable.Range(0, 60).Select(_ => Enumerable.Range(0, 9).Where(_ => random.NextDouble() < 0.4).ToArray())]);
        foreach (var threads in new[] { 1, 3 })
        {
            var found = FrequentItemsets.Mine("test", baskets, 5, 4, new FitContext { Threads = threads });
            var expected = Enumerable.Range(1, (1 << 9) - 1)
                .Select(bits => Enumerable.Range(0, 9).Where(item => (bits >> item & 1) == 1).ToArray())
                .Where(set => set.Length <= 4)
                .Select(set => (Set: string.Join(' ', set), Count: Enumerable.Range(0, 60).Count(basket => set.All(item => baskets.ItemsOf(basket).Contains(item)))))
                .Where(set => set.Count >= 5);
            found.Select(set => (string.Join(' ', set.Items), set.Count)).ShouldBe(expected, ignoreOrder: true);
            found.Count.ShouldBeGreaterThan(60);
        }
    }

    /// <summary>
    /// The figures that the literature gives for arules' Groceries, which is not part of this repository. Where it is absent, baskets made
    /// up by a rule stand in, whose numbers of sets and rules are known as well.
    /// </summary>
    [Fact]
    public void Mine_Groceries_FindsAsManyRulesAsPublished()
    {
        if (Groceries() is not { } groceries)
        {
            // Five items always together: each of the 2⁵ − 5 − 1 sets of two and more gives a rule for each of its items, always true.
            var five = Rows([.. Enumerable.Range(0, 50).Select(_ => new[] { 0, 1, 2, 3, 4 })]);
            RulesOf(five, 10, 0.9).ShouldBe([(10 * 2) + (10 * 3) + (5 * 4) + 5]);
            return;
        }

        FrequentItemsets.Mine("test", groceries, 10, 10, new FitContext()).Count.ShouldBe(13_492, "support .001");
        RulesOf(groceries, 10, 0.5, 0.8, 0.9).ShouldBe([5668, 410, 129], "support .001");
        RulesOf(groceries, 99, 0.5).ShouldBe([15], "support .01");
    }

    [Fact]
    public void Update_MoreBasketsAndItems_IsANewFit()
    {
        var trainer = new CoPurchaseTrainer(new CoPurchaseOptions { MinCount = 1, MinSupport = 0.2, MinConfidence = 0.3, MinLift = 0.9, MaxItems = 3, Measure = RuleMeasure.Lift });
        var loaded = (IUpdatable)Reloaded(trainer.Fit(Baskets, new FitContext()));
        var added = Interactions.From(13, 5, [10, 10, 11, 11, 12, 12, 9], [4, 0, 4, 0, 4, 0, 3]);
        var updated = loaded.Update(new Dataset(added), new FitContext());
        var whole = trainer.Fit(Baskets.Enlarged(13, 5).With(added), new FitContext());
        Saved(updated).ShouldBe(Saved(whole));
        Folded(updated, [4], [])[0].ShouldBeGreaterThan(0f, "a rule that the old baskets could not know");
        loaded.Items.ShouldBe(4, "the old model stays as it is");
    }

    [Fact]
    public void Mine_MoreSetsThanAreOfUse_SaysWhatToRaise() =>
        Should.Throw<ArgumentException>(() => FrequentItemsets.Mine("test", Checkerboard.Train, 1, 10, new FitContext(), mostSets: 1000)).Message.ShouldContain("more than 1,000 sets");

    [Theory]
    [InlineData("""{"maxItems":1}""", "2 to 10")]
    [InlineData("""{"measure":"jaccard"}""", "leverage")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("co-purchase", json)).Message.ShouldContain(expected);

    private static Interactions Rows(params int[][] rows) =>
        Interactions.From(rows.Length, rows.SelectMany(row => row).Max() + 1, [.. rows.SelectMany((row, at) => row.Select(_ => at))], [.. rows.SelectMany(row => row)]);

    private static int[] RulesOf(Interactions baskets, int minCount, params double[] minConfidences)
    {
        var sets = FrequentItemsets.Mine("test", baskets, minCount, 10, new FitContext());
        return [.. minConfidences.Select(minimum => CoPurchaseRules.From(sets, baskets.Users, baskets.Items, minimum, 0).Count)];
    }

    private static Interactions? Groceries()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "shared", "data", "groceries-baskets", "groceries.csv.gz");
            if (!File.Exists(file)) continue;
            using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
            var numbers = new Dictionary<string, int>();
            return Rows([.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',', StringSplitOptions.TrimEntries).Select(Number).ToArray())]);

            int Number(string item) => numbers.TryGetValue(item, out var number) ? number : numbers[item] = numbers.Count;
        }

        return null;
    }
}
