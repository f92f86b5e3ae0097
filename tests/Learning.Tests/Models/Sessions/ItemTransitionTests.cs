using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class ItemTransitionTests : ModelContract
{
    /// <summary>Counts as they are, so that sums can be made by hand.</summary>
    private static readonly ItemTransitionOptions Plain = new()
    {
        DistanceDecay = 1, BackwardWeight = 0, Recency = 0, HistoryDecay = 1, SourcePower = 0, TargetPower = 0, SecondStep = 0,
    };

    private protected override ITrainer Trainer { get; } = new ItemTransitionTrainer();

    private protected override string OptionsJson => """{"distanceDecay":2.5,"backwardWeight":0.5,"recency":0.25,"historyDecay":3,"sourcePower":0.75,"targetPower":0.125,"secondStep":0.5,"secondStepItems":7}""";

    private protected override Dataset DataOf(Interactions interactions) => OrderedData.Shuffled(interactions);

    [Fact]
    public void Score_EachWeight_EqualsTheSumMadeByHand()
    {
        var data = OrderedData.Of(5, [0, 1, 2, 0], [3, 1, 4]);
        var unknown = double.NegativeInfinity;
        double At(ItemTransitionOptions options, int item, params int[] history) => Folded(Fit(options, data), history, [])[item];
        At(Plain, 2, 0).ShouldBe(Math.Exp(-1), 1e-6);
        At(Plain, 0, 0).ShouldBe(Math.Exp(-2), 1e-6, "it comes again");
        At(Plain, 3, 1).ShouldBe(unknown, "only before it");
        At(Plain with { BackwardWeight = 0.25 }, 3, 1).ShouldBe(0.25, 1e-6);
        At(Plain, 1, 0, 3).ShouldBe(1 + Math.Exp(-1), 1e-6, "from 3, and from 0 one event back");
        At(Plain with { Recency = 0.5 }, 2, 1).ShouldBe(Math.Exp(-1), 1e-6, "one sequence of two ago");
        At(Plain with { Recency = 0.5 }, 4, 1).ShouldBe(1, 1e-6);
        At(Plain with { SourcePower = 1 }, 4, 1).ShouldBe(1 / (1 + Math.Exp(-1) + 1), 1e-6, "1 leads to 2, 0 and 4");
        At(Plain with { TargetPower = 2 }, 1, 0).ShouldBe(0.25, 1e-6, "1 occurs twice");
        var first = new double[] { Math.Exp(-2), 1, Math.Exp(-1) };
        var rows = (Zero: first.Sum(), One: 2 + Math.Exp(-1));
        At(Plain with { SecondStep = 2 }, 4, 0).ShouldBe(2 * 1 / rows.One, 1e-6, "through 1");
        At(Plain with { SecondStep = 2 }, 1, 0).ShouldBe(1 + (2 * first[0] * 1 / rows.Zero), 1e-6, "directly, and through 0 itself");
        At(Plain with { SecondStep = 2, SecondStepItems = 1 }, 1, 0).ShouldBe(1, 1e-6, "through the best alone");
    }

    [Fact]
    public void Fit_WithTimes_CountsAgesFromTheLatestEvent()
    {
        var data = new Dataset(Sequences.From(4, [[0, 1], [2, 3, 0, 2]], [[0, 100], [100, 150, 170, 200]]));
        var model = Fit(Plain with { Recency = 0.5 }, data);
        ((double)Folded(model, [0], [])[1]).ShouldBe(Math.Exp(-1), 1e-6);
        ((double)Folded(model, [0], [])[2]).ShouldBe(1, 1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.8)]
    public void Update_NewEvents_EqualsAFitOnAllTogetherOfTheSameTimeScale(double recency)
    {
        var rows = OrderedData.Random(seed: 5, rows: 40, items: 15, longest: 8);
        var more = OrderedData.Random(seed: 6, rows: 55, items: 17, longest: 5);
        var model = (IUpdatable)Fit(new ItemTransitionOptions { Recency = recency }, OrderedData.Of(15, rows));
        var updated = model.Update(OrderedData.Of(17, more), new FitContext());
        var all = more.Select((row, user) => user < rows.Length ? [.. rows[user], .. row] : row).ToArray();
        var whole = Fit(new ItemTransitionOptions { Recency = recency * 40 / 55 }, OrderedData.Of(17, all));
        var (found, expected) = (AllScores(updated), AllScores(whole));
        updated.Users.ShouldBe(55);
        for (var i = 0; i < found.Length; i++)
        {
            if (float.IsNegativeInfinity(expected[i])) found[i].ShouldBe(float.NegativeInfinity);
            else found[i].ShouldBe(expected[i], 1e-4f * expected[i]);
        }
    }

    [Fact]
    public void Update_WithoutTheTimesOfTheFit_IsRefused()
    {
        var model = (IUpdatable)Fit(Plain, new Dataset(Sequences.From(2, [[0, 1]], [[1, 2]])));
        Should.Throw<ArgumentException>(() => model.Update(OrderedData.Of(2, [1]), new FitContext())).Message.ShouldContain("have none");
        var earlier = new Dataset(Sequences.From(2, [[1]], [[1]]));
        Should.Throw<ArgumentException>(() => model.Update(earlier, new FitContext())).Message.ShouldContain("earlier than the user's last");
    }

    [Theory]
    [InlineData("""{"distanceDecay":0}""", "distanceDecay is 0")]
    [InlineData("""{"secondStepItems":0}""", "1 to 10000")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("item-transition", json)).Message.ShouldContain(expected);

    private static IModel Fit(ItemTransitionOptions options, Dataset data) => new ItemTransitionTrainer(options).Fit(data, new FitContext());
}
