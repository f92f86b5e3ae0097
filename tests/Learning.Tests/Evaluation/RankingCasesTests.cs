using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Evaluation;

public sealed class RankingCasesTests
{
    /// <summary>Item 0 is the most popular, then 1, 2, 3, 4.</summary>
    private static readonly IModel Model = new PopularityTrainer().Fit(
        Interactions.From(5, 5, [0, 1, 2, 3, 4, 0, 1, 2, 3, 0, 1, 2, 0, 1, 0], [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4]), new FitContext { Threads = 1 });

    private static readonly Sequences Histories = Sequences.From(5, [[0, 1, 0], [4]]);

    private static readonly Interactions Targets = Interactions.From(2, 5, [0, 1], [0, 1]);

    [Fact]
    public void OfHistories_ThatMayRepeat_FindTheLastItemAgain()
    {
        var report = RankingEvaluator.Evaluate(Model, RankingCases.OfHistories(Histories, Targets, mayRepeat: true), [1, 2], threads: 2);
        report.At(1).PerUser.Select(metrics => metrics.Hit).ShouldBe([1f, 0f]);
        report.At(2).Mrr.ShouldBe(0.75);
    }

    [Fact]
    public void OfHistories_ThatMayNotRepeat_LeaveTheHistoryOut()
    {
        var report = RankingEvaluator.Evaluate(Model, RankingCases.OfHistories(Histories, Targets, mayRepeat: false), [5], threads: 1);
        report.At(5).PerUser.Select(metrics => metrics.Hit).ShouldBe([0f, 1f]);
    }

    [Fact]
    public void Among_GivenCandidates_RanksOnlyThose()
    {
        var cases = RankingCases.OfHistories(Histories, Targets, mayRepeat: true).Among([[3, 4, 0], [4, 3, 2, 1]]);
        cases.AreSampled.ShouldBeTrue();
        RankingEvaluator.Evaluate(Model, cases, [1], threads: 1).At(1).Mrr.ShouldBe(1);
        Should.Throw<ArgumentException>(() => cases.Among([[1]])).Message.ShouldContain("2 cases");
    }

    [Fact]
    public void OfUsers_WithoutAnyTarget_SaysThatThereIsNothingToMeasure()
    {
        var none = Interactions.From(2, 5, [], []);
        Should.Throw<ArgumentException>(() => RankingCases.OfUsers(none, none)).Message.ShouldContain("nothing to measure");
        Should.Throw<ArgumentException>(() => RankingCases.OfUsers(Targets, Interactions.From(3, 5, [], []))).Message.ShouldContain("one shape");
    }
}
