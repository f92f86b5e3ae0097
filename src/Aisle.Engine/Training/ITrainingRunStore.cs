namespace Aisle.Engine.Training;

public enum TrainingState
{
    Running = 1,
    Published = 2,

    /// <summary>In records of earlier releases: it ended well, but what served was better on validation. Now a run fits that anew.</summary>
    NotBetter = 3,
    Failed = 4,
    Cancelled = 5,
}

/// <summary>The record of one training run.</summary>
/// <param name="Trigger">Who asked: <c>command</c>, <c>schedule</c>, <c>api</c>, <c>demo</c>.</param>
/// <param name="Report">JSON; null while running or after a failure before evaluation.</param>
public sealed record TrainingRunRecord(
    long Id, string Trigger, TrainingState State, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, string? ModelVersion, string? Report, string? Error);

public interface ITrainingRunStore
{
    Task<long> StartAsync(string trigger, DateTimeOffset startedAt, CancellationToken cancellation);

    Task FinishAsync(TrainingRunRecord run, CancellationToken cancellation);

    TrainingRunRecord? Find(long id);

    /// <summary>Newest first.</summary>
    IReadOnlyList<TrainingRunRecord> Latest(int count);
}
