using System.Collections.Concurrent;
using Aisle.Engine.Configuration;
using Aisle.Engine.Profiles;
using Aisle.Learning.Exploration;
using Microsoft.Extensions.Logging;

namespace Aisle.Engine.ChoicePoints;

/// <summary>What became of a reward.</summary>
/// <param name="Value">The reward that stands.</param>
public sealed record RewardAnswer(RewardOutcome Outcome, int Place, double Value, DateTimeOffset ClosesAt);

/// <summary>One action in the state of a choice point.</summary>
/// <param name="Expected">What the policy expects of it; null where that depends on features.</param>
public sealed record ActionFigures(string Id, long Chosen, double MeanReward, double? Expected);

/// <param name="Decisions">Settled ones that are counted.</param>
/// <param name="Waiting">Decisions whose window is open.</param>
/// <param name="Skipped">Decisions whose rewards the policy's belief cannot take.</param>
/// <param name="MeanReward">Per decision.</param>
public sealed record ChoiceFigures(ChoicePoint Point, long Decisions, long Waiting, long Skipped, double MeanReward, IReadOnlyList<ActionFigures> Actions, ApprenticeFigures? Apprentice);

/// <summary>Chooses, takes rewards, learns. All that it acknowledges is in the log first.</summary>
public sealed partial class ChoiceService : IAsyncDisposable
{
    private const int Page = 1000;

    /// <summary>Decisions that are learned anew where a point changed so that what it had learned does not fit.</summary>
    private const int MostLearnedAnew = 100_000;

    /// <summary>Decisions and rewards of one transaction.</summary>
    private const int GroupSize = 512;

    /// <summary>Settled in one transaction, so that others need not wait long.</summary>
    private const int SettledAtOnce = 2000;

    private static readonly TimeSpan TrimInterval = TimeSpan.FromMinutes(1);

    private readonly IChoiceStore _store;
    private readonly PublishedConfiguration<ChoicePointSet> _published;
    private readonly IUserStore _users;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly GroupCommit<ChoiceWrite, ChoiceOutcome> _intake;
    private readonly Lock _learning = new();
    private readonly ConcurrentDictionary<string, LearnedChoice> _learned = new();
    private readonly ConcurrentDictionary<string, ChoiceSnapshot> _unsaved = new();
    private DateTimeOffset _trimmed = DateTimeOffset.MinValue;

    public ChoiceService(IChoiceStore store, PublishedConfiguration<ChoicePointSet> published, IUserStore users, TimeProvider time, ILogger logger)
    {
        this._store = store;
        this._published = published;
        this._users = users;
        this._time = time;
        this._logger = logger;
        this._intake = new GroupCommit<ChoiceWrite, ChoiceOutcome>(writes => store.WriteAsync(writes, CancellationToken.None), _ => 1, GroupSize, logger);
    }

    public ChoicePointSet Current => this._published.Current;

    /// <summary>Chooses, and logs the decision before it answers.</summary>
    /// <param name="question">Keeps to <see cref="ChoiceRules"/>.</param>
    /// <param name="id">The caller's own; a decision that is known under it is answered as it was made.</param>
    /// <returns>The decision as it stands in the log.</returns>
    public async Task<ChoiceRecord> RankAsync(ChoicePoint point, ChoiceQuestion question, int count, string? user, string? id, CancellationToken cancellation)
    {
        if (id is not null && this._store.Find(point.Name, id) is { } made) return made;
        question = this.WithShopper(point, question, user);
        var record = this.Decide(point, question, count, user, id ?? Guid.CreateVersion7(this._time.GetUtcNow()).ToString("N"));
        var outcome = await this._intake.AcceptAsync(new DecisionWrite(record), cancellation);
        return outcome.Standing!;
    }

    /// <summary>Logs a reward before it answers.</summary>
    /// <param name="action">Null for the top place.</param>
    /// <param name="reward">Keeps to <see cref="ChoiceRules"/>.</param>
    /// <returns>Null where the decision did not put the action anywhere.</returns>
    public async Task<RewardAnswer?> RewardAsync(ChoicePoint point, string id, string? action, double reward, CancellationToken cancellation)
    {
        if (this._store.Find(point.Name, id) is not { } record) return new RewardAnswer(RewardOutcome.Unknown, 0, 0, default);
        var place = action is null ? 0 : Array.FindIndex(record.Chosen, chosen => record.Question.Actions[chosen].Id == action);
        if (place < 0) return null;
        var settle = point.Settling == ChoiceSettling.AtWindowEnd ? SettleWhen.Never
            : point.IsCascade && reward != 0 ? SettleWhen.Now
            : SettleWhen.Complete;
        var outcome = await this._intake.AcceptAsync(new RewardWrite(point.Name, id, place, reward, this._time.GetUtcNow(), settle), cancellation);
        if (outcome.Settled) this.Follow(point);
        return new RewardAnswer(outcome.Reward, place, outcome.Value, outcome.ClosesAt);
    }

    public ChoiceFigures Figures(ChoicePoint point)
    {
        var learned = this.LearnedOf(point);
        var (decisions, skipped, mean, apprentice, actions) = learned.Figures();
        return new ChoiceFigures(point, decisions, this._store.CountWaiting(point.Name), skipped, mean, [.. actions.Select(Describe)], apprentice);

        ActionFigures Describe((string Id, ActionTally Tally) action) => new(
            action.Id, action.Tally.Chosen, action.Tally.Rewards / action.Tally.Chosen,
            learned.Point.Policy.Belief == Belief.Counts ? learned.Policy.Expect(StableHash.Of(action.Id)).Mean : null);
    }

    /// <summary>Judges a candidate on the last settled decisions.</summary>
    /// <param name="options">Of a candidate policy; null for the point's own.</param>
    /// <param name="most">Of the decisions that are read.</param>
    public ChoiceEvaluationReport Evaluate(ChoicePoint point, ChoiceCandidate candidate, PolicyOptions? options, int most, OffPolicyOptions judging, CancellationToken cancellation) =>
        ChoiceEvaluation.Run(point, candidate, options ?? point.Policy, this.Log(point, most), judging, cancellation);

    /// <summary>Takes in what was settled since, by whatever process, and points that were published.</summary>
    public void CatchUp()
    {
        foreach (var point in this.Current.Points) this.Follow(point);
    }

    /// <summary>Settles decisions whose window has closed, keeps what was learned, drops what is too old.</summary>
    public async Task TendAsync(CancellationToken cancellation)
    {
        var now = this._time.GetUtcNow();
        var settled = 0;
        for (var more = SettledAtOnce; more == SettledAtOnce; settled += more) more = await this._store.SettleDueAsync(now, SettledAtOnce, cancellation);
        if (settled > 0) this.CatchUp();
        foreach (var (name, snapshot) in this._unsaved)
        {
            await this._store.SaveSnapshotAsync(name, snapshot, cancellation);
            this._unsaved.TryRemove(KeyValuePair.Create(name, snapshot));
        }

        if (now - this._trimmed < TrimInterval) return;
        this._trimmed = now;
        foreach (var point in this.Current.Points) await this._store.TrimAsync(point.Name, point.Fingerprint, point.KeptDecisions, now - point.KeptAge, cancellation);
    }

    /// <summary>The last settled decisions, oldest first, a page at a time.</summary>
    private IEnumerable<ChoiceRecord> Log(ChoicePoint point, int most)
    {
        var last = this._store.LastSettled(point.Name);
        for (var after = Math.Max(0, last - most); after < last;)
        {
            var page = this._store.ReadSettled(point.Name, after, Page);
            foreach (var record in page) yield return record;
            if (page.Count < Page) yield break;
            after = page[^1].Settled!.Value;
        }
    }

    public ValueTask DisposeAsync() => this._intake.DisposeAsync();

    private ChoiceRecord Decide(ChoicePoint point, ChoiceQuestion question, int count, string? user, string id)
    {
        var places = Math.Min(count, question.Actions.Count);
        var (chosen, propensities) = (Enumerable.Range(0, places).ToArray(), Enumerable.Repeat(1.0, places).ToArray());
        if (point.Mode == ChoiceMode.Learning)
        {
            var numbers = question.Numbers();
            var learned = this.LearnedOf(point);
            var decision = learned.Policy.Choose(new Choices(numbers, LearnedChoice.Rows(learned.Point.Policy, learned.Point.Features, question)), places, StableHash.Of(id));
            chosen = [.. decision.Actions.Select(number => Array.IndexOf(numbers, number))];
            propensities = decision.Propensities;
        }

        // To the millisecond, as a retry reads it from the log.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(this._time.GetUtcNow().ToUnixTimeMilliseconds());
        return new ChoiceRecord
        {
            Choice = point.Name, Id = id, User = user, MadeAt = now, ClosesAt = now + point.Window, Mode = point.Mode, Question = question,
            Chosen = chosen, Propensities = propensities, Rewards = [.. Enumerable.Repeat(double.NaN, places)],
        };
    }

    /// <summary>Attributes of the shopper that the point asks for, as they are now, beside the caller's context.</summary>
    private ChoiceQuestion WithShopper(ChoicePoint point, ChoiceQuestion question, string? user)
    {
        if (user is null || !point.Features.AsksShopper || this._users.Find(new UserId(user)) is not { } shopper) return question;
        var context = new Dictionary<string, FeatureValue>(question.Context);
        foreach (var feature in point.Features.Features.Where(feature => feature.Owner == FeatureOwner.Shopper && !context.ContainsKey(feature.Name)))
        {
            if (!shopper.Attributes.TryGetValue(feature.Name, out var text)) continue;
            if (!feature.IsNumber) context[feature.Name] = new FeatureValue(0, text);
            else if (float.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) && Math.Abs(number) <= ChoiceRules.LargestNumber) context[feature.Name] = new FeatureValue(number, null);
        }

        return question with { Context = context };
    }

    /// <summary>What serves now.</summary>
    internal LearnedChoice LearnedOf(ChoicePoint point)
    {
        if (!this._learned.TryGetValue(point.Name, out var learned) || !ReferenceEquals(learned.Point, point) && learned.Fingerprint != point.Fingerprint) this.Follow(point);
        return this._learned[point.Name];
    }

    private void Follow(ChoicePoint point)
    {
        lock (this._learning)
        {
            var learned = this._learned.GetValueOrDefault(point.Name);
            var isNew = learned is null || learned.Fingerprint != point.Fingerprint;
            if (isNew) learned = this.Begin(point);
            while (this._store.ReadSettled(point.Name, learned!.Settled, Page) is { Count: > 0 } page)
            {
                foreach (var record in page)
                {
                    if (learned.Learn(record) is { } snapshot) this._unsaved[point.Name] = snapshot;
                }
            }

            if (isNew) this._learned[point.Name] = learned;
        }
    }

    /// <summary>From the snapshot where it is of the same point, from the log otherwise.</summary>
    private LearnedChoice Begin(ChoicePoint point)
    {
        if (this._store.Snapshot(point.Name) is { } snapshot && snapshot.Fingerprint == point.Fingerprint)
        {
            try
            {
                return LearnedChoice.Load(point, snapshot);
            }
            catch (InvalidDataException damaged)
            {
                LogDamaged(this._logger, point.Name, damaged.Message);
            }
        }

        var anew = new LearnedChoice(point);
        anew.StartAfter(Math.Max(0, this._store.LastSettled(point.Name) - MostLearnedAnew));
        return anew;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What the choice {Choice} had learned cannot be read; it learns its log anew. {Problem}")]
    private static partial void LogDamaged(ILogger logger, string choice, string problem);
}
