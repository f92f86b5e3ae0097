using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class RepeatPurchaseTests : ModelContract
{
    private const long Day = 86_400;

    private protected override ITrainer Trainer { get; } = new RepeatPurchaseTrainer();

    private protected override string OptionsJson => """{"itemShrinkage":3,"userShrinkage":1.5,"intervalShrinkage":4,"samePurchaseDays":0.25}""";

    private protected override bool SuggestsNew => false;

    private protected override Dataset DataOf(Interactions interactions) => OrderedData.Shuffled(interactions);

    [Fact]
    public void Score_WithAges_IsTheRateMadeByHand()
    {
        // Item 0: two customers, one of whom bought it again after 8 and then 32 days. Item 1: two customers, never again.
        var data = new Dataset(Sequences.From(2, [[0, 0, 0], [0, 1], [1]], [[0, 8 * Day, 40 * Day], [0, 0], [50 * Day]]));
        var options = new RepeatPurchaseOptions { ItemShrinkage = 2, UserShrinkage = 1, IntervalShrinkage = 1 };
        var model = Fit(options, data);
        var overall = 2 / 6.0;
        var again = (1 + (2 * overall)) / (2 + 2);
        var mean = Math.Log(16);
        var deviation = Math.Log(2);

        // The mean of log 8 and log 32 is log 16, of the item as of all; both lie log 2 off, of the item as of all.
        var density = Math.Exp(-0.5) / (deviation * 32 * Math.Sqrt(2 * Math.PI));
        Folded(model, [0], [32f])[0].ShouldBe((float)(again * density / (1 - (again * 0.8413447))), 1e-6f);
        Folded(model, [0], [32f])[1].ShouldBe(float.NegativeInfinity);

        // The shopper's own two intervals of 4 days and two repeats count beside the item's.
        var own = (mean + (2 * Math.Log(4))) / 3;
        var likely = (again + 2) / 3;
        var z = (Math.Log(4) - own) / deviation;
        density = Math.Exp(-0.5 * z * z) / (deviation * 4 * Math.Sqrt(2 * Math.PI));
        Folded(model, [0, 0, 0], [12f, 8f, 4f])[0].ShouldBe((float)(likely * density / (1 - (likely * 0.2524925))), 1e-4f);
        Folded(model, [0, 0, 0, 0], [12f, 8f, 4.1f, 4f])[0].ShouldBe(Folded(model, [0, 0, 0], [12f, 8f, 4f])[0], 4e-3f, "0.1 days apart is one purchase");
    }

    [Fact]
    public void Score_WithoutAges_IsTheProbabilityOfBuyingAgain()
    {
        var data = new Dataset(Sequences.From(2, [[0, 0], [1]], [[0, 8 * Day], [8 * Day]]));
        var model = Fit(new RepeatPurchaseOptions { ItemShrinkage = 1, UserShrinkage = 1 }, data);
        var scores = Folded(model, [0, 1, 1], []);
        ((double)scores[0]).ShouldBe((1 + 0.5) / 2, 1e-6);
        ((double)scores[1]).ShouldBe((((0 + 0.5) / 2) + 1) / 2, 1e-6, "bought again by this shopper");
    }

    [Fact]
    public void ScoreUsers_Ages_CountFromTheLatestEvent()
    {
        var data = new Dataset(Sequences.From(2, [[0, 0, 1], [1]], [[0, 10 * Day, 15 * Day], [30 * Day]]));
        var model = Fit(new RepeatPurchaseOptions(), data);
        Scores(model, 0).ShouldBe(Folded(model, [0, 0, 1], [30f, 20f, 15f]));
    }

    [Fact]
    public void Score_WithoutTimesInTraining_CountsEvents()
    {
        // 0 comes again every second event, so just after it is not yet its turn.
        var model = Fit(new RepeatPurchaseOptions { ItemShrinkage = 0.1, IntervalShrinkage = 0.1 }, OrderedData.Of(4, [0, 1, 0, 2, 0, 3, 0], [1, 2, 3, 1, 2, 3, 1]));
        Folded(model, [1, 0, 3], [])[0].ShouldBeGreaterThan(Folded(model, [1, 3, 0], [])[0]);
    }

    [Fact]
    public void Score_ShoppersWithCycles_FindsWhatIsDue()
    {
        // Each item has a cycle of its own; every shopper buys four items, each a fifth about its cycle.
        var random = new Random(11);
        var cycles = Enumerable.Range(0, 20).Select(item => 7.0 * (1 + (item % 6))).ToArray();
        var rows = new List<int[]>();
        var times = new List<long[]>();
        var next = new List<(int Item, double Day)>();
        for (var user = 0; user < 300; user++)
        {
            var events = new List<(int Item, double Day)>();
            foreach (var item in Enumerable.Range(0, 20).OrderBy(_ => random.Next()).Take(4))
            {
                for (var day = random.NextDouble() * cycles[item]; day < 220; day += cycles[item] * (0.8 + (0.4 * random.NextDouble()))) events.Add((item, day));
            }

            next.Add(events.Where(e => e.Day > 180).MinBy(e => e.Day));
            var before = events.Where(e => e.Day <= 180).OrderBy(e => e.Day).ToArray();
            rows.Add([.. before.Select(e => e.Item)]);
            times.Add([.. before.Select(e => (long)(e.Day * Day))]);
        }

        rows.Add([0]);
        times.Add([180 * Day]);
        var model = Fit(new RepeatPurchaseOptions(), new Dataset(Sequences.From(20, rows, times)));
        var due = Enumerable.Range(0, 300).Count(user => Best(Scores(model, user), []) == next[user].Item);
        var often = Enumerable.Range(0, 300).Count(user => rows[user].GroupBy(item => item).MaxBy(group => group.Count())!.Key == next[user].Item);
        due.ShouldBeGreaterThan(140);
        due.ShouldBeGreaterThan(often * 5 / 4);
    }

    [Fact]
    public void Update_NewEvents_EqualsAFitOnAllTogether()
    {
        var first = new Dataset(Sequences.From(3, [[0, 0], [1]], [[0, 8 * Day], [8 * Day]]));
        var more = new Dataset(Sequences.From(3, [[0], [1, 2]], [[20 * Day], [10 * Day, 12 * Day]]));
        var whole = new Dataset(Sequences.From(3, [[0, 0, 0], [1, 1, 2]], [[0, 8 * Day, 20 * Day], [8 * Day, 10 * Day, 12 * Day]]));
        var model = (IUpdatable)Fit(new RepeatPurchaseOptions(), first);
        AllScores(model.Update(more, new FitContext())).ShouldBe(AllScores(Fit(new RepeatPurchaseOptions(), whole)));
        Should.Throw<ArgumentException>(() => model.Update(OrderedData.Of(3, [1], [2]), new FitContext())).Message.ShouldContain("have none");
    }

    [Fact]
    public void ScoreHistory_WrongAges_SaysWhatIsAllowed()
    {
        var model = this.Fit();
        Should.Throw<ArgumentException>(() => Folded(model, [0, 1], [1f])).Message.ShouldContain("one each");
        Should.Throw<ArgumentException>(() => Folded(model, [0], [-1f])).Message.ShouldContain("0 or more");
        Should.Throw<ArgumentException>(() => Folded(model, [0], [float.NaN])).Message.ShouldContain("0 or more");
    }

    [Theory]
    [InlineData("""{"itemShrinkage":0}""", "itemShrinkage is 0")]
    [InlineData("""{"samePurchaseDays":0}""", "samePurchaseDays is 0")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("repeat-purchase", json)).Message.ShouldContain(expected);

    private static IModel Fit(RepeatPurchaseOptions options, Dataset data) => new RepeatPurchaseTrainer(options).Fit(data, new FitContext());

    /// <summary>Scores of a history with ages.</summary>
    private static new float[] Folded(IModel model, int[] items, float[] ages)
    {
        var scores = new float[model.Items];
        model.ScoreHistory(new History(items, default, ages), scores);
        return scores;
    }
}
