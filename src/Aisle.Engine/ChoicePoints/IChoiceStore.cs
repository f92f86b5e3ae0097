namespace Aisle.Engine.ChoicePoints;

/// <summary>The log of decisions and rewards, and what was learned from it.</summary>
public interface IChoiceStore
{
    /// <summary>Writes in order, in one transaction; durable when it returns. One outcome for each.</summary>
    Task<IReadOnlyList<ChoiceOutcome>> WriteAsync(IReadOnlyList<ChoiceWrite> writes, CancellationToken cancellation);

    /// <summary>Null where there is none of this id.</summary>
    ChoiceRecord? Find(string choice, string id);

    /// <summary>Settles decisions whose window has closed, those that closed first before others, at most <paramref name="most"/>; returns how many.</summary>
    Task<int> SettleDueAsync(DateTimeOffset now, int most, CancellationToken cancellation);

    /// <summary>Settled decisions in the order of learning, after a number, at most <paramref name="most"/>.</summary>
    IReadOnlyList<ChoiceRecord> ReadSettled(string choice, long after, int most);

    /// <summary>Number of the last decision that was settled, dropped ones too; 0 for none.</summary>
    long LastSettled(string choice);

    /// <summary>Decisions whose window is open.</summary>
    long CountWaiting(string choice);

    ChoiceSnapshot? Snapshot(string choice);

    Task SaveSnapshotAsync(string choice, ChoiceSnapshot snapshot, CancellationToken cancellation);

    /// <summary>Drops settled decisions that are too many or too old, of those that a snapshot of this fingerprint has learned; returns how many.</summary>
    Task<int> TrimAsync(string choice, string fingerprint, int kept, DateTimeOffset before, CancellationToken cancellation);
}

/// <summary>What was learned up to a settled decision.</summary>
/// <param name="Fingerprint">Of the point that learned it.</param>
public sealed record ChoiceSnapshot(long Settled, string Fingerprint, byte[] State);

public abstract record ChoiceWrite;

/// <summary>A decision; where its id is known already, the one that is stored stands.</summary>
public sealed record DecisionWrite(ChoiceRecord Record) : ChoiceWrite;

/// <param name="Place">From 0.</param>
public sealed record RewardWrite(string Choice, string Id, int Place, double Reward, DateTimeOffset At, SettleWhen Settle) : ChoiceWrite;

/// <summary>When a reward settles its decision.</summary>
public enum SettleWhen
{
    /// <summary>At the window's end only.</summary>
    Never,

    /// <summary>Once every place has one.</summary>
    Complete,

    /// <summary>At once.</summary>
    Now,
}

public enum RewardOutcome
{
    Recorded,

    /// <summary>The place has a reward already; that one stands.</summary>
    Known,

    /// <summary>The window has closed.</summary>
    Late,

    /// <summary>There is no such decision, or it was dropped.</summary>
    Unknown,
}

/// <param name="Standing">Of a decision: what the log holds under its id.</param>
/// <param name="Reward">Of a reward: what became of it.</param>
/// <param name="Value">The reward that stands.</param>
/// <param name="ClosesAt">Of the decision's window.</param>
/// <param name="Settled">Whether this reward settled its decision.</param>
public sealed record ChoiceOutcome(ChoiceRecord? Standing, RewardOutcome Reward = RewardOutcome.Unknown, double Value = 0, DateTimeOffset ClosesAt = default, bool Settled = false);
