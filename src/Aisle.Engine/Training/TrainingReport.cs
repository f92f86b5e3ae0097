namespace Aisle.Engine.Training;

/// <summary>What a run found, for people and for the record.</summary>
/// <param name="Chosen">The recipe that won on validation.</param>
/// <param name="Serving">What served before, refitted on the same training window because the serving model has seen the validation events; null at the first run.</param>
/// <param name="Verdict">A sentence: what was done and why.</param>
public sealed record TrainingReport(
    string Chosen,
    string Metric,
    IReadOnlyList<ModelScore> Validation,
    ModelScore? Serving,
    DateTimeOffset? SplitAt,
    int ValidationUsers,
    DataWindow Window,
    string Verdict,
    IReadOnlyDictionary<string, double> Seconds)
{
    /// <summary>How far the chosen one is ahead; null where nothing was validated, and in reports of earlier releases.</summary>
    public ModelLead? Lead { get; init; }

    /// <summary>What published pipelines ask for and could not be fitted, by role, with the reason.</summary>
    public IReadOnlyDictionary<string, string> LeftOut { get; init; } = new Dictionary<string, string>();

    /// <summary>What served before won again: the same recipe, fitted on the newest events.</summary>
    public bool Renewed { get; init; }
}

/// <summary>The chosen model against the best of the others, by the metric that decides, over the same shoppers.</summary>
/// <param name="RunnerUp">The other's recipe.</param>
/// <param name="Difference">Chosen − runner-up.</param>
/// <param name="Interval">Of the difference; holds 0 where the two may as well be equal.</param>
public sealed record ModelLead(string RunnerUp, double Difference, ScoreInterval Interval);

/// <summary>Where the true value lies with a confidence of 95 %, given who happened to come back (bootstrap over shoppers).</summary>
public sealed record ScoreInterval(double Low, double High);
