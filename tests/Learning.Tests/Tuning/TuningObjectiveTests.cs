using System.Text.Json.Nodes;
using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;
using Aisle.Learning.Tuning;

namespace Aisle.Learning.Tests.Tuning;

public sealed class TuningObjectiveTests
{
    /// <summary>Even users touch even items, odd users odd ones; each user's own number is to be found.</summary>
    private static readonly Split Checkerboard = Make();

    [Fact]
    public void Measure_GivesTheMetricOfTheValidationPart()
    {
        var objective = Objective("als", "recall@1");
        objective.IsError.ShouldBeFalse();
        objective.Measure(new JsonObject { ["factors"] = 4 }, 1, null, CancellationToken.None).ShouldBe(1);
        objective.Defaults["factors"]!.GetValue<int>().ShouldBe(64);
        Objective("als", "recall@1", new JsonObject { ["iterations"] = 2 }).Defaults["iterations"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public void Measure_OfPartOfTheEffort_DoesFewerIterationsOrTakesFewerUsers()
    {
        var steps = new Steps();
        Objective("als", "recall@1").Measure([], 1.0 / 3, steps, CancellationToken.None);
        steps.Last.Steps.ShouldBe(5);

        // Popularity has no iterations: of 40 users some are left, and only they are measured.
        Objective("popularity", "hit@40").Measure([], 0.5, null, CancellationToken.None).ShouldBe(1);
    }

    [Fact]
    public void Objective_OfAnUnknownMetric_IsRefused()
    {
        Should.Throw<ArgumentException>(() => Objective("als", "speed")).Message.ShouldContain("ndcg@20");
        Should.Throw<ArgumentException>(() => Objective("als", "rmse")).Message.ShouldContain("needs ratings");
    }

    private static TuningObjective Objective(string model, string metric, JsonObject? fixedOptions = null)
    {
        var family = Trainers.Find(model);
        return new TuningObjective(family, SearchSpaces.Of(family, []), Checkerboard, metric, fixedOptions ?? [], 2);
    }

    private static Split Make()
    {
        var users = Enumerable.Range(0, 40).ToArray();
        var pairs = users.SelectMany(user => users.Where(item => item % 2 == user % 2 && item != user).Select(item => (User: user, Item: item))).ToArray();
        var train = Interactions.From(40, 40, [.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)]);
        return new Split(new Dataset(train), null, RankingCases.OfUsers(Interactions.From(40, 40, users, users), train));
    }

    private sealed class Steps : IProgress<TrainingStep>
    {
        public TrainingStep Last { get; private set; }

        public void Report(TrainingStep value) => this.Last = value;
    }
}
