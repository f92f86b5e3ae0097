using System.Text.Json.Nodes;

namespace Aisle.Learning.Tuning;

public enum SearchMethod
{
    Random,

    /// <summary>Many random points at a ninth of the effort, the best third of them at a third, the best third of those at all of it.</summary>
    Halving,

    Tpe,
}

/// <summary>
/// Which trial comes next, told from the trials that are finished and nothing else: a search that was stopped goes on as if it had not been.
/// The first trial is the model's defaults, so that no search ends worse than it began.
/// </summary>
/// <param name="Configurations">Sets of options to try.</param>
public sealed record TuningPlan(SearchSpace Space, SearchMethod Method, int Configurations, int Seed)
{
    /// <summary>Of the trials at one budget, one of so many goes on to the next.</summary>
    private const int Reduction = 3;

    private static readonly double[] Budgets = [1.0 / 9, 1.0 / 3, 1];

    /// <summary>Whether a trial of the plan's method can be at less than the whole effort.</summary>
    public bool IsStaged => this.Method == SearchMethod.Halving;

    /// <param name="finished">In any order; scores larger for better.</param>
    /// <param name="defaults">The model's default options.</param>
    /// <returns>The next trial, not measured yet; null when the search is over.</returns>
    public Trial? Next(IReadOnlyList<Trial> finished, JsonObject defaults)
    {
        var started = finished.Select(trial => trial.Configuration).Distinct().Count();
        if (this.IsStaged && this.Promotion(finished, started) is { } promoted) return promoted;
        if (started >= this.Configurations) return null;
        return new Trial(started, this.IsStaged ? Budgets[0] : 1, started == 0 ? new JsonObject() : this.OptionsAt(this.Propose(finished, started, defaults)), double.NaN, 0);
    }

    /// <summary>The best trial at the largest budget that any trial has had; null where all failed.</summary>
    public static Trial? Best(IReadOnlyList<Trial> finished) =>
        finished.Where(trial => !double.IsNaN(trial.Score)).OrderByDescending(trial => trial.Budget).ThenByDescending(trial => trial.Score).ThenBy(trial => trial.Configuration).FirstOrDefault();

    /// <summary>
    /// Asynchronous successive halving (Li et al.: A system for massively parallel hyperparameter tuning, MLSys 2020), one trial at a time:
    /// whoever is among the best third of a budget goes on before a new point is drawn. When all points are drawn, at least one goes all the way.
    /// </summary>
    private Trial? Promotion(IReadOnlyList<Trial> finished, int started)
    {
        for (var rung = Budgets.Length - 2; rung >= 0; rung--)
        {
            var here = At(finished, Budgets[rung]);
            var above = At(finished, Budgets[rung + 1]).Select(trial => trial.Configuration).ToHashSet();
            var places = here.Count / Reduction;
            if (places == 0 && started >= this.Configurations && above.Count == 0) places = 1;
            var next = here.Take(places).FirstOrDefault(trial => !above.Contains(trial.Configuration));
            if (next is not null) return next with { Budget = Budgets[rung + 1], Score = double.NaN, Seconds = 0 };
        }

        return null;
    }

    /// <summary>The trials of one budget that did not fail, best first.</summary>
    private static List<Trial> At(IReadOnlyList<Trial> finished, double budget) =>
        [.. finished.Where(trial => Math.Abs(trial.Budget - budget) < 1e-6 && !double.IsNaN(trial.Score)).OrderByDescending(trial => trial.Score).ThenBy(trial => trial.Configuration)];

    private double[] Propose(IReadOnlyList<Trial> finished, int number, JsonObject defaults)
    {
        ISearch search = this.Method == SearchMethod.Tpe
            ? new TpeSearch([.. this.Space.Dimensions.Select(dimension => dimension.Choices?.Count ?? 0)], this.Seed)
            : new RandomSearch(this.Space.Dimensions.Count, this.Seed);
        return search.Propose([.. finished.Select(trial => (this.PointOf(trial.Options, defaults), trial.Score))], number);
    }

    private double[] PointOf(JsonObject options, JsonObject defaults) =>
        [.. this.Space.Dimensions.Select(dimension => dimension.PointOf(options[dimension.Name] ?? defaults[dimension.Name]))];

    private JsonObject OptionsAt(double[] point)
    {
        var options = new JsonObject();
        for (var d = 0; d < point.Length; d++) options[this.Space.Dimensions[d].Name] = this.Space.Dimensions[d].ValueAt(point[d]);
        return options;
    }
}
