using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class MarkovTests : ModelContract
{
    private static readonly MarkovOptions First = new() { Order = 1, Skip = 0 };

    private protected override ITrainer Trainer { get; } = new MarkovTrainer(new MarkovOptions { Skip = 20, SkipDecay = 1 });

    private protected override string OptionsJson => """{"order":2,"skip":1,"skipDecay":0.25,"smoothing":3}""";

    private protected override Dataset DataOf(Interactions interactions) => OrderedData.Shuffled(interactions);

    [Fact]
    public void Score_FirstOrder_IsTheShareOfWhatFollowed()
    {
        var model = Fit(First, OrderedData.Of(5, [0, 1, 0, 2], [0, 1], [3, 0]));
        var scores = Folded(model, [3, 0], []);
        ((double)scores[1]).ShouldBe(2 / 3.0, 1e-6);
        ((double)scores[2]).ShouldBe(1 / 3.0, 1e-6);
        scores.Count(float.IsNegativeInfinity).ShouldBe(3);
        Folded(model, [4], []).ShouldAllBe(score => float.IsNegativeInfinity(score), "nothing ever followed 4");
    }

    [Fact]
    public void Score_Skipping_CountsWhatFollowsLater()
    {
        var model = Fit(new MarkovOptions { Order = 1, Skip = 1, SkipDecay = 0.5 }, OrderedData.Of(4, [0, 1, 2, 3]));
        var scores = Folded(model, [0], []);
        ((double)scores[1]).ShouldBe(1 / 1.5, 1e-6);
        ((double)scores[2]).ShouldBe(0.5 / 1.5, 1e-6);
        scores[3].ShouldBe(float.NegativeInfinity);
    }

    [Fact]
    public void Score_LongerContext_OutweighsTheShorterByItsTimes()
    {
        // After 0 came 1 three times of four; after 5 0 came 2 the one time that it was seen.
        var data = OrderedData.Of(6, [0, 1], [0, 1], [0, 1], [5, 0, 2]);
        var options = new MarkovOptions { Order = 2, Skip = 0, Smoothing = 2 };
        var scores = Folded(Fit(options, data), [5, 0], []);
        ((double)scores[1]).ShouldBe(2 * 0.75 / 3, 1e-6);
        ((double)scores[2]).ShouldBe((1 + (2 * 0.25)) / 3, 1e-6);
        ((double)Folded(Fit(options, data), [4, 0], [])[1]).ShouldBe(0.75, 1e-6, "4 0 was never seen");

        var contributions = new float[2];
        Fit(options, data).Explain(new History([5, 0]), [2], contributions).ShouldBeTrue();
        ((double)contributions[1]).ShouldBe(0.25, 1e-6);
        ((double)contributions[0]).ShouldBe(0.25, 1e-6);
    }

    [Fact]
    public void Score_RandomSequences_EqualsTheChainCountedInTables()
    {
        var rows = OrderedData.Random(seed: 8, rows: 120, items: 8, longest: 15);
        var options = new MarkovOptions { Order = 4, Skip = 2, SkipDecay = 0.3, Smoothing = 1.5 };
        var model = Fit(options, OrderedData.Of(8, rows));
        foreach (var history in OrderedData.Random(seed: 9, rows: 40, items: 8, longest: 6))
        {
            var scores = Folded(model, history, []);
            for (var item = 0; item < 8; item++)
            {
                var expected = Reference(options, rows, history, item);
                if (expected == 0) scores[item].ShouldBe(float.NegativeInfinity);
                else ((double)scores[item]).ShouldBe(expected, 1e-6);
            }
        }
    }

    [Fact]
    public void Update_NewEvents_EqualsAFitOnAllTogether()
    {
        var model = (IUpdatable)Fit(new MarkovOptions(), OrderedData.Of(4, [0, 1], [1, 2]));
        var updated = model.Update(OrderedData.Of(5, [3], [], [4, 0, 2]), new FitContext());
        AllScores(updated).ShouldBe(AllScores(Fit(new MarkovOptions(), OrderedData.Of(5, [0, 1, 3], [1, 2], [4, 0, 2]))));
    }

    [Theory]
    [InlineData("""{"order":0}""", "1 to 20")]
    [InlineData("""{"skipDecay":1.5}""", "skipDecay is 1.5")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("markov", json)).Message.ShouldContain(expected);

    private static IModel Fit(MarkovOptions options, Dataset data) => new MarkovTrainer(options).Fit(data, new FitContext());

    private static double Reference(MarkovOptions options, int[][] rows, int[] history, int item)
    {
        var share = 0.0;
        for (var order = 1; order <= Math.Min(options.Order, history.Length); order++)
        {
            var context = history[^order..];
            double times = 0, sum = 0, hits = 0;
            foreach (var row in rows)
            {
                for (var end = order; end < row.Length; end++)
                {
                    if (!row.AsSpan(end - order, order).SequenceEqual(context)) continue;
                    times++;
                    for (var gap = 0; gap <= options.Skip && end + gap < row.Length; gap++)
                    {
                        var weight = Math.Pow(options.SkipDecay, gap);
                        sum += weight;
                        if (row[end + gap] == item) hits += weight;
                    }
                }
            }

            if (times == 0) return share;
            share = order == 1 ? hits / sum : ((times * hits / sum) + (options.Smoothing * share)) / (times + options.Smoothing);
        }

        return share;
    }
}
