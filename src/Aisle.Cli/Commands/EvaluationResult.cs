using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;

namespace Aisle.Cli.Commands;

/// <summary>What was found about one model.</summary>
internal sealed record EvaluationResult
{
    public required ITrainer Trainer { get; init; }

    public required Interactions Train { get; init; }

    public required int TestUsers { get; init; }

    public required Measurements Test { get; init; }

    public Measurements? Validation { get; init; }

    public RatingReport? Ratings { get; init; }

    public RatingReport? ValidationRatings { get; init; }

    /// <summary>The metric by which models are compared: NDCG of the longest list.</summary>
    public required string MainMetric { get; init; }

    /// <summary>That metric for each case.</summary>
    public required float[] MainByCase { get; init; }

    public required double FitSeconds { get; init; }

    public required double ScoreSeconds { get; init; }

    /// <summary>Of the process so far: a later model of one call shows at least what an earlier one needed.</summary>
    public required double PeakMemoryMegabytes { get; init; }

    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Folds that the figures are means of; 1 where there was one split.</summary>
    public int Folds { get; init; } = 1;

    /// <summary>Standard deviation of each figure over the folds.</summary>
    public IReadOnlyDictionary<string, double>? Deviations { get; init; }

    /// <summary>How likely such a difference from the baseline is by chance; null where not tested, and for the baseline itself.</summary>
    public ModelTest? Against { get; init; }

    /// <summary>Cross-validation: figures and times are means over the folds, users of all folds together are the cases of tests.</summary>
    public static EvaluationResult MeanOf(IReadOnlyList<EvaluationResult> folds)
    {
        var names = folds[0].Test.All.Select(figure => figure.Name).ToArray();
        var values = names.ToDictionary(name => name, name => folds.Select(fold => fold.Test.All.Single(figure => figure.Name == name).Value).ToArray());
        return folds[^1] with
        {
            Folds = folds.Count,
            TestUsers = folds.Sum(fold => fold.TestUsers),
            Test = new Measurements([.. names.Select(name => new Measurement(name, values[name].Average()))], []),
            Deviations = values.ToDictionary(pair => pair.Key, pair => Deviation(pair.Value)),
            Ratings = folds[0].Ratings is null ? null : Mean([.. folds.Select(fold => fold.Ratings!)]),
            MainByCase = [.. folds.SelectMany(fold => fold.MainByCase)],
            FitSeconds = folds.Average(fold => fold.FitSeconds),
            ScoreSeconds = folds.Average(fold => fold.ScoreSeconds),
            Notes = [.. folds.SelectMany(fold => fold.Notes).Distinct(), $"Means over {folds.Count} folds."],
        };
    }

    private static double Deviation(double[] values) => Math.Sqrt(values.Sum(value => (value - values.Average()) * (value - values.Average())) / (values.Length - 1));

    private static RatingReport Mean(RatingReport[] folds) =>
        new(folds.Sum(fold => fold.Count), folds.Average(fold => fold.Rmse), folds.Average(fold => fold.Mae), folds.Average(fold => fold.Accuracy));
}

/// <param name="Baseline">Model compared with.</param>
/// <param name="Test">Two-sided probabilities.</param>
/// <param name="Corrected">The t test's probability corrected for the number of models (Holm).</param>
internal sealed record ModelTest(string Baseline, PairedTest Test, double Corrected);

/// <summary>Tests each model against one of them.</summary>
internal static class Significance
{
    public static IReadOnlyList<EvaluationResult> Of(IReadOnlyList<EvaluationResult> results, string? baselineName, int seed)
    {
        var tests = Of([.. results.Select(result => (result.Trainer.Name, result.MainByCase))], baselineName, seed);
        return [.. results.Zip(tests, (result, test) => result with { Against = test })];
    }

    /// <param name="models">Names, and the main metric of each case.</param>
    /// <param name="baselineName">Null for the best.</param>
    /// <returns>Beside each model its test; null for the one compared with.</returns>
    public static ModelTest?[] Of(IReadOnlyList<(string Name, float[] ByCase)> models, string? baselineName, int seed)
    {
        var baseline = Enumerable.Range(0, models.Count).FirstOrDefault(i => models[i].Name == baselineName, -1);
        if (baseline < 0) baseline = Enumerable.Range(0, models.Count).MaxBy(i => models[i].ByCase.Average());
        var others = Enumerable.Range(0, models.Count).Where(i => i != baseline).ToArray();
        var tests = Array.ConvertAll(others, i => PairedTest.Of(models[i].ByCase, models[baseline].ByCase, seed));
        var corrected = PairedTest.Holm(Array.ConvertAll(tests, test => test.Student));
        var against = new ModelTest?[models.Count];
        for (var i = 0; i < others.Length; i++) against[others[i]] = new ModelTest(models[baseline].Name, tests[i], corrected[i]);
        return against;
    }
}
