using System.Text.Json.Serialization;

namespace Aisle.Learning.Neural;

/// <summary>How the learning rate goes on over the steps of a training.</summary>
public enum LearningSchedule
{
    [JsonStringEnumMemberName("constant")]
    Constant,

    /// <summary>Falls in a straight line to nothing.</summary>
    [JsonStringEnumMemberName("linear")]
    Linear,

    /// <summary>Falls along half a cosine to nothing (Loshchilov, Hutter 2017).</summary>
    [JsonStringEnumMemberName("cosine")]
    Cosine,
}

/// <summary>How a neural model is trained: what every family has in common.</summary>
internal sealed record TrainingPlan
{
    /// <summary>For messages and progress.</summary>
    public required string Model { get; init; }

    public required int Epochs { get; init; }

    /// <summary>Examples to a step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Backward passes whose gradients are added up before a step: a batch is divided into so many parts, so that memory need not hold all of it.</summary>
    public int Parts { get; init; } = 1;

    public required double LearningRate { get; init; }

    public LearningSchedule Schedule { get; init; }

    /// <summary>Steps over which the rate rises from nothing.</summary>
    public int WarmUpSteps { get; init; }

    public double LargestNorm { get; init; } = double.PositiveInfinity;

    /// <summary>Epochs between validations, where there is one.</summary>
    public int ValidateEvery { get; init; } = 1;

    /// <summary>Validations without a better value after which training stops; 0: never.</summary>
    public int Patience { get; init; }

    /// <summary>Share of the old average that each step keeps when weights are averaged over steps; 0: no average. The averages are what is kept.</summary>
    public double AverageDecay { get; init; }

    public required int Seed { get; init; }

    /// <summary>The rate of a step, 0-based.</summary>
    public double RateAt(long step, long steps)
    {
        var rise = this.WarmUpSteps > 0 ? Math.Min(1, (step + 1.0) / this.WarmUpSteps) : 1;
        var done = (double)step / Math.Max(1, steps);
        return this.LearningRate * rise * this.Schedule switch
        {
            LearningSchedule.Linear => 1 - done,
            LearningSchedule.Cosine => 0.5 * (1 + Math.Cos(Math.PI * done)),
            _ => 1,
        };
    }
}
