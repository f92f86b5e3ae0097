using System.Text.Json.Nodes;
using Aisle.Learning.Tuning;

namespace Aisle.Learning.Tests.Tuning;

public sealed class TuningPlanTests
{
    private static readonly SearchSpace Space = new(
        [SearchDimension.Number("x", -5, 5), SearchDimension.Number("y", 0.001, 10, log: true), SearchDimension.OneOf("kind", "good", "fair", "bad")]);

    private static readonly JsonObject Defaults = new() { ["x"] = 4.0, ["y"] = 5.0, ["kind"] = "bad" };

    /// <summary>Best at x = 1, y = 0.1, kind = good, where it is 0.</summary>
    private static double Quadratic(JsonObject given)
    {
        double Read(string name) => (given[name] ?? Defaults[name])!.GetValue<double>();
        var kind = (given["kind"] ?? Defaults["kind"])!.GetValue<string>();
        return -Math.Pow((Read("x") - 1) / 5, 2) - Math.Pow(Math.Log10(Read("y") / 0.1) / 2, 2) - (kind == "good" ? 0 : kind == "fair" ? 0.1 : 0.3);
    }

    /// <summary>Branin's function on the unit square, least 0.397887.</summary>
    private static double Branin(double u, double v)
    {
        var (x, y) = ((15 * u) - 5, 15 * v);
        var inner = y - (5.1 / (4 * Math.PI * Math.PI) * x * x) + (5 / Math.PI * x) - 6;
        return (inner * inner) + (10 * (1 - (1 / (8 * Math.PI))) * Math.Cos(x)) + 10;
    }

    [Fact]
    public void Tpe_OnFunctionsOfKnownOptimum_ComesNearerThanRandomSearch()
    {
        var (tpe, random, braninTpe, braninRandom) = (0.0, 0.0, 0.0, 0.0);
        const int seeds = 20;
        for (var seed = 1; seed <= seeds; seed++)
        {
            tpe -= TuningPlan.Best(Run(new TuningPlan(Space, SearchMethod.Tpe, 60, seed)))!.Score / seeds;
            random -= TuningPlan.Best(Run(new TuningPlan(Space, SearchMethod.Random, 60, seed)))!.Score / seeds;
            braninTpe += (Least(new TpeSearch([0, 0], seed)) - 0.397887) / seeds;
            braninRandom += (Least(new RandomSearch(2, seed)) - 0.397887) / seeds;
        }

        tpe.ShouldBeLessThan(0.7 * random, $"TPE is {tpe} from the optimum, random search {random}");
        braninTpe.ShouldBeLessThan(0.7 * braninRandom, $"TPE is {braninTpe} from Branin's optimum, random search {braninRandom}");
    }

    [Fact]
    public void Next_OfASearchThatWasStopped_GoesOnAsIfItHadNot()
    {
        foreach (var method in Enum.GetValues<SearchMethod>())
        {
            var plan = new TuningPlan(Space, method, 15, 3);
            var whole = Run(plan);
            var resumed = Run(plan, TuningState.FromJson(new TuningState("q", [.. whole.Take(6)]).ToJson(), "q").Trials);
            resumed.Select(Words).ShouldBe(whole.Select(Words), method.ToString());
        }
    }

    [Fact]
    public void Next_First_IsTheDefaults()
    {
        var trials = Run(new TuningPlan(Space, SearchMethod.Tpe, 3, 1));
        trials.Count.ShouldBe(3);
        trials[0].Options.Count.ShouldBe(0);
        trials[1].Options.Select(option => option.Key).ShouldBe(["x", "y", "kind"]);
    }

    [Fact]
    public void Halving_OfManyPoints_GivesFewTheWholeEffort()
    {
        var trials = Run(new TuningPlan(Space, SearchMethod.Halving, 27, 1));
        var byBudget = trials.GroupBy(trial => trial.Budget).OrderBy(group => group.Key).Select(group => group.Count()).ToArray();
        // At least a third goes on, and some that were among the best third only until better points were drawn.
        byBudget[0].ShouldBe(27);
        byBudget[1].ShouldBeInRange(9, 18);
        byBudget[2].ShouldBeInRange(3, 9);
        var best = TuningPlan.Best(trials)!;
        best.Budget.ShouldBe(1);
        best.Score.ShouldBe(trials.Where(trial => trial.Budget == 1).Max(trial => trial.Score));
        trials.Where(trial => trial.Budget < 0.2).MaxBy(trial => trial.Score)!.Configuration.ShouldBe(best.Configuration, "the score does not depend on the effort here");
    }

    [Fact]
    public void Halving_OfTwoPoints_StillGoesAllTheWay() =>
        TuningPlan.Best(Run(new TuningPlan(Space, SearchMethod.Halving, 2, 1)))!.Budget.ShouldBe(1);

    [Fact]
    public void Best_TrialsThatFailed_DoNotCount()
    {
        var failed = new Trial(0, 1, [], double.NaN, 1, "no");
        TuningPlan.Best([failed]).ShouldBeNull();
        TuningPlan.Best([failed, new Trial(1, 1, [], -2, 1)])!.Configuration.ShouldBe(1);
        var plan = new TuningPlan(Space, SearchMethod.Tpe, 30, 1);
        Run(plan, [], options => options["kind"]?.GetValue<string>() == "bad" ? double.NaN : Quadratic(options)).Count.ShouldBe(30);
    }

    [Fact]
    public void FromJson_OfAnotherSearchOrNone_IsRefused()
    {
        Should.Throw<InvalidDataException>(() => TuningState.FromJson(new TuningState("als", []).ToJson(), "bpr")).Message.ShouldContain("another search");
        Should.Throw<InvalidDataException>(() => TuningState.FromJson("{", "bpr")).Message.ShouldContain("cannot be read");
        Should.Throw<InvalidDataException>(() => TuningState.FromJson("{\"question\":\"bpr\",\"trials\":[null]}", "bpr")).Message.ShouldContain("incomplete");
    }

    private static double Least(ISearch search)
    {
        var tried = new List<(double[], double)>();
        for (var number = 0; number < 60; number++)
        {
            var point = search.Propose(tried, number);
            tried.Add((point, -Branin(point[0], point[1])));
        }

        return -tried.Max(one => one.Item2);
    }

    private static List<Trial> Run(TuningPlan plan, IReadOnlyList<Trial>? earlier = null, Func<JsonObject, double>? measure = null)
    {
        List<Trial> trials = [.. earlier ?? []];
        while (plan.Next(trials, Defaults) is { } next) trials.Add(next with { Score = (measure ?? Quadratic)(next.Options), Seconds = 1 });
        return trials;
    }

    private static string Words(Trial trial) => $"{trial.Configuration} {trial.Budget:0.000} {trial.Options.ToJsonString()} {trial.Score:R}";
}
