using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Evaluation;

public sealed class RankingEvaluatorTests
{
    /// <summary>Popularity of the five items: 3, 2, 2, 1 and none.</summary>
    private static readonly Interactions Train = Interactions.From(4, 5, [0, 1, 2, 0, 1, 2, 3, 3], [0, 0, 0, 1, 1, 2, 2, 3]);

    private static readonly Interactions Test = Interactions.From(4, 5, [0, 0, 1, 3], [2, 4, 3, 1]);

    private static readonly IModel Model = new PopularityTrainer().Fit(Train, new FitContext { Threads = 1 });

    [Fact]
    public void Evaluate_SmallCase_EqualsTheListsMadeByHand()
    {
        // Lists of 2 without training items: user 0 → 2, 3; user 1 → 2, 3; user 3 → 0, 1. User 2 has no test item. Item 4 is unknown and never listed.
        var report = RankingEvaluator.Evaluate(Model, Train, Test, [2, 1], threads: 1);
        report.Users.ShouldBe([0, 1, 3]);

        var two = report.At(2);
        two.PerUser.Select(metrics => metrics.Recall).ShouldBe([0.5f, 1f, 1f]);
        two.Recall.ShouldBe(2.5 / 3, 1e-6);
        two.Precision.ShouldBe(0.5, 1e-6);
        two.F1.ShouldBe((0.5 + (2.0 / 3) + (2.0 / 3)) / 3, 1e-6);
        two.HitRate.ShouldBe(1, 1e-6);
        two.Mrr.ShouldBe((1 + 0.5 + 0.5) / 3, 1e-6);
        two.Ndcg.ShouldBe(((1 / 1.6309298) + 0.6309298 + 0.6309298) / 3, 1e-6);
        two.Map.ShouldBe((0.5 + 0.5 + 0.5) / 3, 1e-6);
        two.Coverage.ShouldBe(4.0 / 5, 1e-6);

        var one = report.At(1);
        one.PerUser.Select(metrics => metrics.Hit).ShouldBe([1f, 0f, 0f]);
        one.Recall.ShouldBe(0.5 / 3, 1e-6);
        one.Coverage.ShouldBe(2.0 / 5, 1e-6);
        Should.Throw<ArgumentException>(() => report.At(3)).Message.ShouldContain("2, 1");
    }

    [Fact]
    public void Evaluate_AnyThreadCount_GivesTheSameReport()
    {
        var random = new Random(1);
        var train = RandomInteractions(random, 400, 300, 3_000);
        var test = RandomInteractions(random, 400, 300, 800);
        var model = new ItemNeighboursTrainer().Fit(train, new FitContext { Threads = 2 });
        var one = RankingEvaluator.Evaluate(model, train, test, [10], threads: 1);
        var many = RankingEvaluator.Evaluate(model, train, test, [10], threads: 5);
        many.Users.ShouldBe(one.Users);
        many.At(10).PerUser.ShouldBe(one.At(10).PerUser);
        many.At(10).Coverage.ShouldBe(one.At(10).Coverage);
    }

    [Fact]
    public void Evaluate_WhatCannotBeMeasured_IsRefused()
    {
        Should.Throw<ArgumentException>(() => RankingEvaluator.Evaluate(Model, Train, Interactions.From(4, 6, [0], [5]), [2], 1)).Message.ShouldContain("one shape");
        Should.Throw<ArgumentException>(() => RankingEvaluator.Evaluate(Model, Train, Interactions.From(4, 5, [], []), [2], 1)).Message.ShouldContain("nothing to measure");
        Should.Throw<ArgumentException>(() => RankingEvaluator.Evaluate(Model, Train, Test, [], 1)).Message.ShouldContain("at least one");
        Should.Throw<ArgumentException>(() => RankingEvaluator.Evaluate(Model, Train, Test, [6], 1)).Message.ShouldContain("1 to 5");
    }

    [Fact]
    public void Evaluate_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Should.Throw<OperationCanceledException>(() => RankingEvaluator.Evaluate(Model, Train, Test, [2], 1, cancellation: source.Token));
    }

    private static Interactions RandomInteractions(Random random, int users, int items, int count) => Interactions.From(
        users, items, [.. Enumerable.Range(0, count).Select(_ => random.Next(users))], [.. Enumerable.Range(0, count).Select(_ => random.Next(items))]);
}
