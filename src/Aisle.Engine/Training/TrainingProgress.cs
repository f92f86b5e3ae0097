using Aisle.Learning.Models;

namespace Aisle.Engine.Training;

/// <summary>What a run does one after the other.</summary>
public enum TrainingPhase
{
    Reading = 1,
    FetchingEmbeddings,
    Splitting,

    /// <summary>A candidate is fitted on the past and measured on what came after.</summary>
    Validating,

    /// <summary>What won is fitted on everything.</summary>
    Fitting,
    Publishing,
    Done,
}

/// <summary>Where a run stands, for displays.</summary>
/// <param name="Stage">What is being done, e.g. <c>fitting als</c>.</param>
/// <param name="Fraction">Of the whole run, in [0, 1].</param>
public readonly record struct TrainingProgress(string Stage, double Fraction)
{
    public TrainingPhase Phase { get; init; }

    /// <summary>The recipe at hand while validating and fitting.</summary>
    public string? Recipe { get; init; }
}

/// <summary>Names the stages for a display and measures each.</summary>
internal sealed class TrainingStages(IProgress<TrainingProgress>? progress, TimeProvider time)
{
    private readonly Dictionary<string, double> _seconds = [];
    private TrainingProgress _at;
    private double _from;
    private double _until;
    private long _since;

    /// <summary>What each stage took that has ended.</summary>
    public IReadOnlyDictionary<string, double> Seconds => this._seconds;

    /// <summary>Ends the stage before and begins one that moves the bar from one fraction to another.</summary>
    public void Begin(string stage, TrainingPhase phase, double from, double until, string? recipe = null)
    {
        if (this._at.Stage is { } ended) this._seconds[ended] = Math.Round(time.GetElapsedTime(this._since).TotalSeconds, 3);
        (this._from, this._until, this._since) = (from, until, time.GetTimestamp());
        this._at = new TrainingProgress(stage, from) { Phase = phase, Recipe = recipe };
        this.Tell(stage);
    }

    public void Tell(string words) => progress?.Report(this._at with { Stage = words });

    /// <summary>Moves the bar within the stage as a fit goes on.</summary>
    public IProgress<TrainingStep> Steps() => new StepProgress(this);

    private sealed class StepProgress(TrainingStages stages) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep step)
        {
            var share = Math.Clamp((double)step.Step / Math.Max(1, step.Steps), 0, 1);
            stages._at = stages._at with { Fraction = stages._from + ((stages._until - stages._from) * share) };
            stages.Tell($"{stages._at.Stage}: {step.Stage} {step.Step}/{step.Steps}");
        }
    }
}
