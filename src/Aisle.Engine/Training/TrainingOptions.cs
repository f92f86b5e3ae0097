using System.Text.Json;
using Aisle.Learning.Distributed;
using Aisle.Learning.Models;

namespace Aisle.Engine.Training;

/// <summary>Where a training run holds the events that it learns from.</summary>
public enum EventRoom
{
    /// <summary>In memory, unless they are estimated to take more than a quarter of it.</summary>
    Automatic,

    Memory,

    /// <summary>In files in the store's folder, which are gone after the run: memory then grows with shoppers and products, not with events.</summary>
    Disk,
}

/// <summary>What a training run does. Defaults suit a shop with up to millions of events.</summary>
public sealed record TrainingOptions
{
    /// <summary>
    /// Families that compete for the personal role; popularity and item neighbours are always measured beside them. Empty, the default, leaves the
    /// choice to the run: those of the <see cref="UsualModels"/> that suit the shop.
    /// </summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Families that compete beside those of <see cref="Models"/>, whether these are given or left to the run.</summary>
    public IReadOnlyList<string> Also { get; init; } = [];

    /// <summary>
    /// What <see cref="Models"/> stands for where it is empty: cheap ones, so that the run of a small shop takes seconds. EASE, whose cost grows with
    /// the cube of the items, only in small catalogues; content only where there is a catalogue; the behaviour transformer only where one fit is estimated
    /// at 15 seconds at most (<see cref="BehaviourTransformerTrainer.OperationsOf"/>, at 15 GFLOP/s for each thread).
    /// </summary>
    public static IReadOnlyList<string> UsualModels { get; } =
    [
        AlsTrainer.ModelName, ItemNeighboursTrainer.ModelName, Rp3BetaTrainer.ModelName, EaseTrainer.ModelName, ContentEmbeddingsTrainer.ModelName,
        ItemTransitionTrainer.ModelName, BehaviourTransformerTrainer.ModelName,
    ];

    /// <summary>Whether an ensemble of the best is tried as one more candidate, with weights learned within the training part. Default true.</summary>
    public bool Ensemble { get; init; } = true;

    /// <summary>Options by model name; a model that is not named here takes its defaults.</summary>
    public IReadOnlyDictionary<string, JsonElement> Settings { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>
    /// Half-lives in days that each competing model is tried with, the best on validation being kept; null for no decay. Where seasons
    /// turn, old interactions mislead; where tastes last, they are most of what is known: only the data can tell.
    /// </summary>
    public IReadOnlyList<double?> HalfLives { get; init; } = [null, 30];

    /// <summary>Share of the events, the latest, that validate. In [0.01, 0.5].</summary>
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>List length of the metrics. In [1, 1000].</summary>
    public int Cutoff { get; init; } = 10;

    /// <summary>Versions kept on disk, the serving one among them. In [1, 100].</summary>
    public int Keep { get; init; } = 5;

    public int Seed { get; init; } = 1;

    /// <summary>Worker threads. At least 1; default: all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Where the run holds the shop's events while it learns from them; what comes out is the same to the bit. Default: in memory while they fit well.</summary>
    public EventRoom Events { get; init; }

    /// <summary>Processes that train together, each on the same store or a copy of it. The first one records, publishes and says what there is to say.</summary>
    public IProcessGroup Processes { get; init; } = SingleProcess.Instance;

    /// <summary>Where long fits keep what they need to be taken up again; null: nowhere.</summary>
    public CheckpointFile? Checkpoint { get; init; }

    /// <summary>The checkpoints of this run, once it is known what it depends on.</summary>
    internal Checkpoints? Checkpoints { get; init; }

    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public void Check()
    {
        if (this.HalfLives.Count == 0 || this.HalfLives.Any(halfLife => halfLife is not (null or >= 0.1 and <= 10_000)))
            throw new ArgumentException("half-lives must hold at least one entry, each none or from 0.1 to 10000 days.");
        if (this.ValidationShare is not (>= 0.01 and <= 0.5)) throw new ArgumentException($"validation share is {this.ValidationShare}; it must lie between 0.01 and 0.5.");
        if (this.Cutoff is < 1 or > 1000) throw new ArgumentException($"cutoff is {this.Cutoff}; it must lie between 1 and 1000.");
        if (this.Keep is < 1 or > 100) throw new ArgumentException($"keep is {this.Keep}; it must lie between 1 and 100.");
        if (this.Threads < 1) throw new ArgumentException($"threads is {this.Threads}; it must be at least 1.");
    }
}
