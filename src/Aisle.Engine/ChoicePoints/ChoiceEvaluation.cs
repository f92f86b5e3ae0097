using Aisle.Learning.Exploration;

namespace Aisle.Engine.ChoicePoints;

/// <summary>What is judged on the log.</summary>
public enum ChoiceCandidate
{
    /// <summary>A policy that learns the log as it goes through it.</summary>
    Policy,

    /// <summary>The caller's own order.</summary>
    First,

    /// <summary>Any order as likely as another.</summary>
    Uniform,
}

/// <param name="Decisions">Judged ones: made by chance, after those that were for learning only.</param>
/// <param name="Candidate">Of what is judged.</param>
/// <param name="Logged">Of what was really chosen, on the same decisions.</param>
public sealed record ChoiceEvaluationReport(int Decisions, OffPolicyReport? Candidate, OffPolicyReport? Logged, string? Problem);

/// <summary>
/// Judges a policy on logged decisions before it goes live. It goes through the log in order and learns a decision only after it was judged on it, so
/// that neither its probabilities nor its model of rewards know the answer.
/// </summary>
internal sealed class ChoiceEvaluation
{
    /// <summary>Share of the decisions, the first ones, that are learned and not judged.</summary>
    private const double WarmUp = 0.2;

    private readonly ChoicePoint _point;
    private readonly ChoiceCandidate _candidate;
    private readonly PolicyOptions _options;

    /// <summary>The candidate; beside a candidate that is none, the model of rewards.</summary>
    private readonly Policy _policy;

    private ChoiceEvaluation(ChoicePoint point, ChoiceCandidate candidate, PolicyOptions options)
    {
        this._point = point;
        this._candidate = candidate;
        this._options = options;
        this._policy = new Policy(options);
    }

    public static ChoiceEvaluationReport Run(ChoicePoint point, ChoiceCandidate candidate, PolicyOptions options, IEnumerable<ChoiceRecord> log, OffPolicyOptions judging, CancellationToken cancellation)
    {
        var evaluation = new ChoiceEvaluation(point, candidate, options);
        List<LoggedDecision> judged = [];
        foreach (var record in log)
        {
            cancellation.ThrowIfCancellationRequested();
            if (record.Mode != ChoiceMode.Learning) continue;
            judged.Add(evaluation.Judge(record));
        }

        judged.RemoveRange(0, (int)(judged.Count * WarmUp));
        if (judged.Count == 0)
            return new ChoiceEvaluationReport(0, null, null, "No decision of this choice was made with chance and has been settled; let it choose in the mode learning for a while.");
        var logged = judged.ConvertAll(decision => decision with { Target = decision.Logged, Predicted = null, TargetPredicted = null });
        var report = OffPolicy.Evaluate(judged, judging);
        return new ChoiceEvaluationReport(judged.Count, report, OffPolicy.Evaluate(logged, judging), report.Problem);
    }

    private LoggedDecision Judge(ChoiceRecord record)
    {
        var numbers = record.Question.Numbers();
        var rows = LearnedChoice.Rows(this._options, this._point.Features, record.Question);
        var lesson = LearnedChoice.Lesson(this._options, record, numbers, rows);
        var rewards = LearnedChoice.Rewards(this._point, record);
        double[] means = [.. numbers.Select((number, place) => this._policy.Expect(number, rows.AsSpan(place * this._options.Dimensions, this._options.Dimensions)).Mean)];
        var (target, predicted, targetPredicted) = (new double[rewards.Length], new double[rewards.Length], new double[rewards.Length]);
        List<int> left = [.. Enumerable.Range(0, numbers.Length)];
        var unseen = 1.0;
        for (var place = 0; place < rewards.Length; place++)
        {
            var chosen = record.Chosen[place];
            var probabilities = this.Probabilities(left, numbers, rows, StableHash.Of(record.Id));
            target[place] = Math.Clamp(probabilities[left.IndexOf(chosen)], 0, 1);
            predicted[place] = unseen * means[chosen];
            for (var i = 0; i < left.Count; i++) targetPredicted[place] += unseen * probabilities[i] * means[left[i]];
            // Down a cascade a place is reached only if nothing above it was rewarded.
            if (this._point.IsCascade) unseen *= 1 - Math.Clamp(means[chosen], 0, 1);
            left.Remove(chosen);
        }

        this.Learn(lesson, rewards);
        return new LoggedDecision
        {
            // A decision without a shopper is a unit of its own.
            Unit = record.User is { } user ? StableHash.Of(user) : record.Sequence,
            Logged = record.Propensities, Target = target, Rewards = rewards, Predicted = predicted, TargetPredicted = targetPredicted,
        };
    }

    /// <summary>Of what is left for a place.</summary>
    private double[] Probabilities(List<int> left, long[] numbers, float[] rows, long number)
    {
        if (this._candidate == ChoiceCandidate.Uniform) return [.. left.Select(_ => 1.0 / left.Count)];
        if (this._candidate == ChoiceCandidate.First) return [.. left.Select((_, place) => place == 0 ? 1.0 : 0.0)];
        if (left.Count == numbers.Length) return this._policy.Probabilities(new Choices(numbers, rows), number);
        var dimensions = this._options.Dimensions;
        return this._policy.Probabilities(
            new Choices([.. left.Select(place => numbers[place])], [.. left.SelectMany(place => rows.AsSpan(place * dimensions, dimensions).ToArray())]), number);
    }

    private void Learn(Decision lesson, double[] rewards)
    {
        // A belief in counts judges what was logged under another one as far as it can.
        if (this._options.Belief == Belief.Counts && rewards.Any(reward => reward is < 0 or > 1)) return;
        this._policy.Learn(lesson, rewards);
    }
}
