using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class SequentialRulesTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new SequentialRulesTrainer(new SequentialRulesOptions { MaxDistance = 30, HistoryItems = 20 });

    private protected override string OptionsJson => """{"maxDistance":5,"weighting":"quadratic","historyItems":2}""";

    private protected override Dataset DataOf(Interactions interactions) => OrderedData.Shuffled(interactions);

    [Theory]
    [InlineData(RuleWeighting.Reciprocal, 1.0 / 2, 1.0 / 3)]
    [InlineData(RuleWeighting.Linear, 3.0 / 4, 2.0 / 4)]
    [InlineData(RuleWeighting.Quadratic, 1.0 / 4, 1.0 / 9)]
    [InlineData(RuleWeighting.Logarithmic, 0.63092975, 0.5)]
    [InlineData(RuleWeighting.Same, 1.0, 1.0)]
    public void Score_LastItem_IsItsShareOfWeightedRules(RuleWeighting weighting, double two, double three)
    {
        // 0 leads to 1 at distance 1 in both, to 2 at 2 and to 3 at 3; the fourth event after it is too far.
        var model = Fit(new SequentialRulesOptions { MaxDistance = 4, Weighting = weighting, HistoryItems = 1 }, OrderedData.Of(6, [0, 1, 2, 3], [0, 1], [5, 4]));
        var sum = 2 + two + three;
        var scores = Folded(model, [5, 0], []);
        ((double)scores[1]).ShouldBe(2 / sum, 1e-6);
        ((double)scores[2]).ShouldBe(two / sum, 1e-6);
        ((double)scores[3]).ShouldBe(three / sum, 1e-6);
        scores[0].ShouldBe(float.NegativeInfinity);
        scores[4].ShouldBe(float.NegativeInfinity, "5 is not the last item");
    }

    [Fact]
    public void Score_SeveralItems_CountByTheirPlaceFromTheEnd()
    {
        var data = OrderedData.Of(5, [0, 1], [2, 3], [2, 1], [4, 0]);
        var scores = Folded(Fit(new SequentialRulesOptions { HistoryItems = 2 }, data), [4, 0, 2], []);
        ((double)scores[1]).ShouldBe(0.5 + (1 / 2.0), 1e-6);
        ((double)scores[3]).ShouldBe(0.5, 1e-6);
        scores[0].ShouldBe(float.NegativeInfinity, "the rule of 4 lies too far back");
    }

    [Fact]
    public void Fit_MaxDistance_LeavesOutWhatIsFartherApart()
    {
        var scores = Folded(Fit(new SequentialRulesOptions { MaxDistance = 2 }, OrderedData.Of(4, [0, 1, 2, 3])), [0], []);
        scores.Select(float.IsNegativeInfinity).ShouldBe([true, false, false, true]);
    }

    [Fact]
    public void Update_NewEvents_EqualsAFitOnAllTogether()
    {
        var model = (IUpdatable)Fit(new SequentialRulesOptions(), OrderedData.Of(4, [0, 1], [1, 2]));
        var updated = model.Update(OrderedData.Of(5, [3], [], [4, 0, 2]), new FitContext());
        AllScores(updated).ShouldBe(AllScores(Fit(new SequentialRulesOptions(), OrderedData.Of(5, [0, 1, 3], [1, 2], [4, 0, 2]))));
    }

    [Theory]
    [InlineData("""{"weighting":"cubic"}""", "reciprocal")]
    [InlineData("""{"maxDistance":0}""", "1 to 1000")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("sequential-rules", json)).Message.ShouldContain(expected);

    private static IModel Fit(SequentialRulesOptions options, Dataset data) => new SequentialRulesTrainer(options).Fit(data, new FitContext());
}
