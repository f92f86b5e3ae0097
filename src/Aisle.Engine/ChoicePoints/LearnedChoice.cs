using System.Text;
using Aisle.Learning.Exploration;

namespace Aisle.Engine.ChoicePoints;

/// <summary>What an action did.</summary>
/// <param name="Chosen">Places that it stood at in settled decisions.</param>
/// <param name="Rewards">Sum of what these earned.</param>
/// <param name="Last">Number of the last settled decision with it.</param>
internal record struct ActionTally(long Chosen, double Rewards, long Last);

/// <summary>How the policy compares with the caller whom it watches, per decision.</summary>
public sealed record ApprenticeFigures(long Decisions, double Agreement, double BaselineReward, double PredictedBaselineReward, double PredictedReward);

/// <summary>
/// What a choice point learned: a fold over its settled decisions in their order, and of nothing else. So every process, and this one after a restart,
/// comes to the same state to the bit. Since a policy that was saved and loaded may differ in its last bits from one that went on, the policy is saved and
/// loaded at every <see cref="SnapshotEvery"/>th decision, whoever learns and whether or not anything is kept of it.
/// </summary>
internal sealed class LearnedChoice
{
    /// <summary>Settled decisions between two snapshots: as many are learned again at a start, at most.</summary>
    public const int SnapshotEvery = 5000;

    private const int Layout = 1;
    private const int MostActions = 10_000;

    /// <summary>Bytes that linear models of actions may take.</summary>
    private const long MostLinearBytes = 64 << 20;

    /// <summary>Forgetting goes in so many steps a half-life.</summary>
    private const int StepsPerHalfLife = 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ActionTally> _actions = [];
    private volatile Policy _policy;
    private long _period = -1;
    private long _decisions;
    private long _skipped;
    private double _rewards;
    private (long Decisions, double Agreement, double Baseline, double PredictedBaseline, double Predicted) _apprentice;

    public LearnedChoice(ChoicePoint point)
    {
        this.Point = point;
        this.Fingerprint = point.Fingerprint;
        this._policy = new Policy(point.Policy);
    }

    /// <summary>As it was when this began to learn.</summary>
    public ChoicePoint Point { get; }

    public string Fingerprint { get; }

    public Policy Policy => this._policy;

    /// <summary>Number of the last decision that was learned.</summary>
    public long Settled { get; private set; }

    public (long Decisions, long Skipped, double MeanReward, ApprenticeFigures? Apprentice, IReadOnlyList<(string Id, ActionTally Tally)> Actions) Figures()
    {
        lock (this._gate)
        {
            var (count, agreement, baseline, predictedBaseline, predicted) = this._apprentice;
            return (
                this._decisions, this._skipped, this._decisions == 0 ? 0 : this._rewards / this._decisions,
                count == 0 ? null : new ApprenticeFigures(count, agreement / count, baseline / count, predictedBaseline / count, predicted / count),
                [.. this._actions.Select(action => (action.Key, action.Value)).OrderByDescending(action => action.Value.Chosen).ThenBy(action => action.Key, StringComparer.Ordinal)]);
        }
    }

    /// <summary>Leaves out the decisions up to a number.</summary>
    public void StartAfter(long settled) => this.Settled = settled;

    /// <returns>A snapshot where one is due; null otherwise.</returns>
    public ChoiceSnapshot? Learn(ChoiceRecord record)
    {
        lock (this._gate)
        {
            this.Settled = record.Settled!.Value;
            this.Forget(record.SettledAt!.Value);
            this.Count(record);
            try
            {
                this.LearnRewards(record);
            }
            catch (ArgumentException)
            {
                // A reward that the belief cannot take: it was logged under another one.
                this._skipped++;
            }

            if (this.Settled % SnapshotEvery != 0) return null;
            var state = this.Save();
            using var policy = new MemoryStream(state.Policy);
            this._policy = Policy.Load(policy);
            return new ChoiceSnapshot(this.Settled, this.Fingerprint, state.Bytes);
        }
    }

    /// <summary>The decision as a policy learns it, from the numbers of all its actions and their features.</summary>
    internal static Decision Lesson(PolicyOptions options, ChoiceRecord record, long[] numbers, float[] rows)
    {
        var dimensions = options.Dimensions;
        var features = new float[record.Chosen.Length * dimensions];
        for (var place = 0; place < record.Chosen.Length && dimensions > 0; place++)
            rows.AsSpan(record.Chosen[place] * dimensions, dimensions).CopyTo(features.AsSpan(place * dimensions));
        return new Decision([.. record.Chosen.Select(chosen => numbers[chosen])], record.Propensities, features);
    }

    /// <summary>What each place earned; below the first reward of a cascade nothing.</summary>
    internal static double[] Rewards(ChoicePoint point, ChoiceRecord record)
    {
        double[] rewards = [.. record.Rewards.Select(reward => double.IsNaN(reward) ? point.DefaultReward : reward)];
        if (point.IsCascade && Array.FindIndex(rewards, reward => reward != 0) is >= 0 and var first) rewards.AsSpan(first + 1).Clear();
        return rewards;
    }

    /// <summary>Features of all actions, as the policy takes them.</summary>
    internal static float[] Rows(PolicyOptions options, FeatureLayout layout, ChoiceQuestion question) => options.Dimensions == 0 ? [] : layout.Encode(question);

    private void LearnRewards(ChoiceRecord record)
    {
        if (record.Mode == ChoiceMode.Off) return;
        var (numbers, rows) = (record.Question.Numbers(), Rows(this.Point.Policy, this.Point.Features, record.Question));
        var (decision, rewards) = (Lesson(this.Point.Policy, record, numbers, rows), Rewards(this.Point, record));
        if (record.Mode == ChoiceMode.Learning)
        {
            this._policy.Learn(decision, rewards);
            return;
        }

        var apprentice = new Apprentice(this._policy);
        apprentice.Watch(new Choices(numbers, rows), decision.Actions, rewards, StableHash.Of(record.Id));
        var report = apprentice.Report;
        this._apprentice = (
            this._apprentice.Decisions + 1, this._apprentice.Agreement + report.Agreement, this._apprentice.Baseline + report.BaselineReward,
            this._apprentice.PredictedBaseline + report.PredictedBaselineReward, this._apprentice.Predicted + report.PredictedReward);
    }

    private void Count(ChoiceRecord record)
    {
        var rewards = Rewards(this.Point, record);
        this._decisions++;
        for (var place = 0; place < rewards.Length; place++)
        {
            this._rewards += rewards[place];
            var id = record.Question.Actions[record.Chosen[place]].Id;
            var tally = this._actions.GetValueOrDefault(id);
            this._actions[id] = new ActionTally(tally.Chosen + 1, tally.Rewards + rewards[place], this.Settled);
        }

        var most = this.Point.Policy.Belief == Belief.Linear
            ? Math.Clamp((int)(MostLinearBytes / (16L * this.Point.Policy.Dimensions * this.Point.Policy.Dimensions)), ChoiceRules.MostPlaces, MostActions)
            : MostActions;
        if (this._actions.Count > most) this.Drop(this._actions.Count - (most * 9 / 10));
    }

    /// <summary>Forgets the actions that were chosen longest ago, so that ids without end do not fill the memory.</summary>
    private void Drop(int count)
    {
        foreach (var (id, _) in this._actions.OrderBy(action => action.Value.Last).ThenBy(action => action.Key, StringComparer.Ordinal).Take(count).ToList())
        {
            this._actions.Remove(id);
            this._policy.Remove(StableHash.Of(id));
        }
    }

    private void Forget(DateTimeOffset at)
    {
        if (this.Point.HalfLife is not { } halfLife) return;
        var period = at.UtcTicks / Math.Max(1, halfLife.Ticks / StepsPerHalfLife);
        var steps = period - this._period;
        if (this._period >= 0 && steps > 0) this._policy.Forget(Math.Pow(0.5, (double)steps / StepsPerHalfLife));
        if (steps > 0) this._period = period;
    }

    private (byte[] Bytes, byte[] Policy) Save()
    {
        using var policy = new MemoryStream();
        this._policy.Save(policy);
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        writer.Write(Layout);
        writer.Write(this.Settled);
        writer.Write(this._period);
        writer.Write(this._decisions);
        writer.Write(this._skipped);
        writer.Write(this._rewards);
        writer.Write(this._apprentice.Decisions);
        foreach (var sum in new[] { this._apprentice.Agreement, this._apprentice.Baseline, this._apprentice.PredictedBaseline, this._apprentice.Predicted }) writer.Write(sum);
        writer.Write(this._actions.Count);
        foreach (var (id, tally) in this._actions.OrderBy(action => action.Key, StringComparer.Ordinal))
        {
            writer.Write(id);
            writer.Write(tally.Chosen);
            writer.Write(tally.Rewards);
            writer.Write(tally.Last);
        }

        writer.Write(policy.ToArray());
        writer.Flush();
        return (bytes.ToArray(), policy.ToArray());
    }

    /// <exception cref="InvalidDataException">The snapshot is damaged, or of a newer Aisle.</exception>
    public static LearnedChoice Load(ChoicePoint point, ChoiceSnapshot snapshot)
    {
        try
        {
            using var bytes = new MemoryStream(snapshot.State);
            using var reader = new BinaryReader(bytes, Encoding.UTF8);
            if (reader.ReadInt32() != Layout) throw new InvalidDataException("The snapshot has another layout.");
            var learned = new LearnedChoice(point) { Settled = reader.ReadInt64(), _period = reader.ReadInt64(), _decisions = reader.ReadInt64(), _skipped = reader.ReadInt64(), _rewards = reader.ReadDouble() };
            learned._apprentice = (reader.ReadInt64(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
            var actions = reader.ReadInt32();
            if (actions is < 0 or > MostActions || learned.Settled != snapshot.Settled) throw new InvalidDataException("The snapshot is damaged.");
            for (var i = 0; i < actions; i++) learned._actions[reader.ReadString()] = new ActionTally(reader.ReadInt64(), reader.ReadDouble(), reader.ReadInt64());
            learned._policy = Policy.Load(bytes);
            return learned;
        }
        catch (Exception failure) when (failure is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException("The snapshot is damaged.", failure);
        }
    }
}
