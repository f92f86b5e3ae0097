using System.Text.Json.Nodes;
using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tuning;

/// <summary>Measures options on the validation part: fits the family with them and gives the metric, larger for better (errors with a minus).</summary>
public sealed class TuningObjective
{
    private readonly TrainerFamily _family;
    private readonly SearchSpace _space;
    private readonly Split _split;
    private readonly string _metric;
    private readonly int _threads;
    private readonly JsonObject _fixed;
    private readonly JsonObject _defaults;

    /// <param name="split">Its test part is what options are chosen by: a validation part.</param>
    /// <param name="metric">Such as <c>ndcg@20</c>; <c>rmse</c> or <c>mae</c> for models that predict ratings.</param>
    /// <param name="fixedOptions">Options that are not searched.</param>
    /// <exception cref="ArgumentException">There is no such metric, or the data has no ratings.</exception>
    public TuningObjective(TrainerFamily family, SearchSpace space, Split split, string metric, JsonObject fixedOptions, int threads)
    {
        (this._family, this._space, this._split, this._metric, this._fixed, this._threads) = (family, space, split, metric, fixedOptions, threads);
        if (this.IsError && split.TestRatings is null) throw new ArgumentException($"{metric} needs ratings to predict, which this data does not hold. Give a ranking metric such as ndcg@20.");
        if (!this.IsError && !IsRanking(metric, out _)) throw new ArgumentException($"There is no metric '{metric}' to tune by. Give recall, precision, f1, ndcg, hit, mrr or map with a list length, such as ndcg@20, or rmse or mae.");
        this._defaults = JsonObject.Create(family.Create(fixedOptions.ToJsonString()).Options)!;
    }

    /// <summary>The options of a model to which the caller has said nothing but what is fixed.</summary>
    public JsonObject Defaults => this._defaults.DeepClone().AsObject();

    /// <summary>Whether smaller is better; scores then carry a minus.</summary>
    public bool IsError => this._metric is "rmse" or "mae";

    /// <param name="budget">Share of the effort, in (0, 1]: of the iterations, or of the users.</param>
    public double Measure(JsonObject options, double budget, IProgress<TrainingStep>? progress, CancellationToken cancellation)
    {
        var whole = this._fixed.DeepClone().AsObject();
        foreach (var (name, value) in options) whole[name] = value?.DeepClone();
        var split = this._split;
        if (budget < 1)
        {
            if (this._space.BudgetOption is { } steps) whole[steps] = Math.Max(1, (int)Math.Round(budget * ((whole[steps] ?? this._defaults[steps])?.GetValue<int>() ?? 1)));
            else split = FewerUsers(split, budget);
        }

        var model = this._family.Create(whole.ToJsonString()).Fit(split.Train, new FitContext { Threads = this._threads, Progress = progress, Cancellation = cancellation });
        if (this.IsError)
        {
            var ratings = RatingReport.Of(model as IRatingModel ?? throw new ArgumentException($"{this._family.Name} predicts no ratings. Give a ranking metric such as ndcg@20."), split.TestRatings!, cancellation);
            return this._metric == "rmse" ? -ratings.Rmse : -ratings.Mae;
        }

        IsRanking(this._metric, out var cutoff);
        var report = RankingEvaluator.Evaluate(model, split.Test, [cutoff], this._threads, cancellation: cancellation);
        return Bootstrap.MeanOf(Measurements.PerCase(report, this._metric));
    }

    private static bool IsRanking(string metric, out int cutoff)
    {
        cutoff = 0;
        var at = metric.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && metric[..at] is "recall" or "precision" or "f1" or "ndcg" or "hit" or "mrr" or "map" && int.TryParse(metric.AsSpan(at + 1), out cutoff) && cutoff > 0;
    }

    /// <summary>Some users keep all they did and the others nothing: histories stay whole, and the cost falls with the share.</summary>
    private static Split FewerUsers(Split split, double share)
    {
        const int Seed = 1;
        var train = split.Train.Interactions;
        var keeps = Enumerable.Range(0, train.Users).Select(user => new RandomStream(Seed, user).UniformDouble() < share).ToArray();
        var sequences = split.Train.Sequences;
        var data = split.Train.With(
            train.WhereUsers(keeps),
            sequences?.Where((user, _) => keeps[user]));
        var ratings = split.TestRatings;
        if (!split.Test.AreKnownUsers) return split with { Train = data };
        var targets = split.Test.Targets;
        return split with
        {
            Train = data,
            Test = RankingCases.OfUsers(targets.WhereUsers(keeps), split.Test.Excluded ?? data.Interactions),
            TestRatings = ratings?.WhereUsers(keeps),
        };
    }
}
