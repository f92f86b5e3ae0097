using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Distributed;

namespace Aisle.Learning.Models;

/// <summary>Fits one family of model. A trainer is immutable: its options (seed included) are given when it is made.</summary>
public interface ITrainer
{
    /// <summary>The name by which the command line and the model file know this family, e.g. <c>als</c>.</summary>
    string Name { get; }

    /// <summary>Fits a model. The same data and options give the same model, whatever the thread count.</summary>
    /// <param name="data">At least one interaction, all weights above 0 and at most a million; the rest as the family needs it.</param>
    /// <param name="context">Threads, progress and cancellation.</param>
    /// <exception cref="ArgumentException">There is nothing to learn from, a weight is out of range, or what the family needs (order, texts…) is missing.</exception>
    /// <exception cref="OperationCanceledException">Cancelled through the context.</exception>
    IModel Fit(Dataset data, FitContext context);

    /// <summary>The options in use, for the model file: the JSON object from which <see cref="Trainers"/> makes an equal trainer.</summary>
    JsonElement Options { get; }
}

/// <summary>What a fit may use and whom it tells.</summary>
public sealed record FitContext
{
    /// <summary>Worker threads, at least 1. Default: all cores.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    public IProgress<TrainingStep>? Progress { get; init; }

    public CancellationToken Cancellation { get; init; }

    /// <summary>
    /// The processes that fit this model together, all given the same data and options. Families that know how share the work (ALS, neural models);
    /// with the others each process does all of it. The model is the same in every process. Default: this one alone.
    /// </summary>
    public IProcessGroup Processes { get; init; } = SingleProcess.Instance;

    /// <summary>Where long fits keep what they need to be taken up again; null: nowhere.</summary>
    public Checkpoints? Checkpoints { get; init; }
}

/// <summary>One step of a fit, for progress displays.</summary>
/// <param name="Stage">What is being done, e.g. <c>iteration</c>.</param>
/// <param name="Step">1-based.</param>
/// <param name="Loss">The objective, where the model computes one.</param>
public readonly record struct TrainingStep(string Model, string Stage, int Step, int Steps, double? Loss = null);

public static class TrainerExtensions
{
    /// <summary>Fits on interactions alone.</summary>
    public static IModel Fit(this ITrainer trainer, Interactions train, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(train);
        return trainer.Fit(new Dataset(train), context);
    }
}
