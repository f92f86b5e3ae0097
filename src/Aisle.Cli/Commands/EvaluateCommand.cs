using System.CommandLine;
using System.Diagnostics;
using Aisle.Engine.Training;
using Aisle.Learning.Data;
using Aisle.Learning.Distributed;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;
using Spectre.Console;

namespace Aisle.Cli.Commands;

/// <summary><c>aisle evaluate</c>: fits models on the training part of a data set and measures their rankings on its test part.</summary>
internal static class EvaluateCommand
{
    private static readonly (string Word, MeasureKinds Kind)[] Kinds =
    [
        ("auc", MeasureKinds.Auc),
        ("lists", MeasureKinds.Lists),
        ("intervals", MeasureKinds.Intervals),
        ("groups", MeasureKinds.Groups),
        ("tests", MeasureKinds.Tests),
    ];

    public static Command Create()
    {
        var data = new DataOptions();
        var model = new Option<string?>("--model") { Description = $"Models, separated by commas: {string.Join(", ", Trainers.All.Select(family => family.Name))}." };
        var options = new Option<string[]>("--options") { Description = "Files of options as aisle tune writes them; their models are evaluated too.", AllowMultipleArgumentsPerToken = true };
        var refit = new Option<bool>("--refit") { Description = "Measure the test part by a model fitted on training and validation data together: --valid, or the sequence format." };
        var at = new Option<string>("--at") { Description = "List lengths, separated by commas.", DefaultValueFactory = _ => "10,20" };
        var set = new Option<string[]>("--set") { Description = "Options of models: factors=64 for every model that has it, als.factors=64 for one.", AllowMultipleArgumentsPerToken = true };
        var seed = new Option<int?>("--seed") { Description = "Seed of every model that uses chance, and of intervals." };
        var threads = new Option<int>("--threads") { Description = "Worker threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var full = new Option<bool>("--full") { Description = "Measure everything: the same as --metrics with all its words." };
        var metrics = new Option<string?>("--metrics") { Description = $"Measure more than accuracy: {string.Join(", ", Kinds.Select(kind => kind.Word))}, separated by commas." };
        var baseline = new Option<string?>("--baseline") { Description = "Model against which the others are tested. Default: the best." };
        var json = new Option<bool>("--json") { Description = "Print one JSON array instead of a table." };
        var byCase = new Option<bool>("--by-case") { Description = "Add to the JSON the NDCG of the longest list for each case (by_case), for tests of your own." };
        var command = new Command("evaluate", "Fit models on a training part and measure their rankings on a test part.") { model, options, refit, at, set, seed, threads, full, metrics, baseline, json, byCase };
        data.AddTo(command, withTest: true);
        var distributed = new DistributedOptions();
        distributed.AddTo(command);
        command.SetAction((call, cancellation) => distributed.RunAsync(call, processes =>
        {
            var request = new EvaluationRequest(
                ModelSettings.Trainers(DataOptions.Words(call.GetValue(model) ?? ""), call.GetValue(set) ?? [], call.GetValue(seed), call.GetValue(options) ?? []),
                call.GetValue(refit),
                DataOptions.Cutoffs(call.GetRequiredValue(at)),
                DataOptions.Threads(call.GetValue(threads)),
                call.GetValue(full) ? MeasureKinds.All : Measured(call.GetValue(metrics)),
                call.GetValue(baseline),
                call.GetValue(seed) ?? 1,
                processes,
                distributed.Checkpoint(call));
            var output = call.InvocationConfiguration.Output;
            var results = Run(request, data.Read(call), call.InvocationConfiguration.Error, cancellation);
            if (processes.Rank > 0) return Task.FromResult(CommandRunner.Success);
            if (call.GetValue(json)) EvaluationOutput.WriteJson(results, call.GetValue(byCase), output);
            else EvaluationOutput.WriteTable(results, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }));
            return Task.FromResult(CommandRunner.Success);
        }));
        return command;
    }

    private static IReadOnlyList<EvaluationResult> Run(EvaluationRequest request, IReadOnlyList<Split> splits, TextWriter error, CancellationToken cancellation)
    {
        if (request.Refit && splits.Any(split => split.Full is null))
            throw new WrongCallException("--refit needs validation data: give --valid FILE beside --test, or the sequence format, which has a validation part of its own. --split and --folds make none.");
        if (request.Baseline is { } name && request.Trainers.All(trainer => trainer.Name != name))
            throw new WrongCallException($"--baseline: '{name}' is not a model of this call, which are: {string.Join(", ", request.Trainers.Select(trainer => trainer.Name))}.");
        var checkpoints = request.Checkpoint?.For($"{string.Join(" ", request.Trainers.Select(trainer => trainer.Options.GetRawText()))} data {string.Join(" ", splits.Select(split => split.Train.Fingerprint()))}");
        var results = new List<EvaluationResult>();
        foreach (var trainer in request.Trainers)
        {
            var parts = splits.Select(split => Evaluate(trainer, split, request, checkpoints, error, cancellation)).OfType<EvaluationResult>().ToList();
            if (parts.Count > 0) results.Add(parts.Count == 1 ? parts[0] : EvaluationResult.MeanOf(parts));
        }

        if (request.Processes.Rank > 0) return results;
        request.Checkpoint?.Delete();
        return request.Kinds.HasFlag(MeasureKinds.Tests) ? Significance.Of(results, request.Baseline, request.Seed) : results;
    }

    /// <returns>Null in processes that follow the first: they help to fit, and no more.</returns>
    private static EvaluationResult? Evaluate(ITrainer trainer, Split split, EvaluationRequest request, Checkpoints? checkpoints, TextWriter error, CancellationToken cancellation)
    {
        var context = new FitContext
        {
            Threads = request.Threads,
            Progress = request.Processes.Rank == 0 ? new ProgressLines(error) : null,
            Cancellation = cancellation,
            Processes = request.Processes,
            Checkpoints = checkpoints,
        };
        var start = Stopwatch.GetTimestamp();
        var chosenBy = trainer.Fit(split.Train, context);
        var (model, learned) = (chosenBy, split.Train);
        if (request.Refit)
        {
            start = Stopwatch.GetTimestamp();
            (model, learned) = (trainer.Fit(split.Full!, context), split.Full!);
        }

        if (request.Processes.Rank > 0) return null;
        var fit = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        var report = RankingEvaluator.Evaluate(model, split.Test, request.Cutoffs, request.Threads, details: Measurements.DetailsFor(request.Kinds), cancellation: cancellation);
        var score = Stopwatch.GetElapsedTime(start);
        var validation = split.Validation is null
            ? null
            : RankingEvaluator.Evaluate(chosenBy, split.Validation, request.Cutoffs, request.Threads, cancellation: cancellation);
        var main = $"ndcg@{request.Cutoffs.Max()}";
        return new EvaluationResult
        {
            Trainer = trainer,
            Train = learned.Interactions,
            TestUsers = report.Users.Count,
            Test = Measurements.Of(report, split.Test, learned, request.Kinds, request.Seed, request.Threads, cancellation),
            Validation = validation is null ? null : Measurements.Of(validation, split.Validation!, split.Train, MeasureKinds.None, request.Seed, request.Threads, cancellation),
            Ratings = model is IRatingModel predicting && split.TestRatings is not null ? RatingReport.Of(predicting, split.TestRatings, cancellation) : null,
            ValidationRatings = chosenBy is IRatingModel early && split.ValidationRatings is not null ? RatingReport.Of(early, split.ValidationRatings, cancellation) : null,
            MainMetric = main,
            MainByCase = Measurements.PerCase(report, main),
            FitSeconds = fit.TotalSeconds,
            ScoreSeconds = score.TotalSeconds,
            PeakMemoryMegabytes = PeakMemory(),
            Notes = split.Notes,
        };
    }

    private static double PeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1048576.0;
    }

    private static MeasureKinds Measured(string? words) => DataOptions.Words(words ?? "").Aggregate(MeasureKinds.None, (kinds, word) =>
        Array.FindIndex(Kinds, kind => kind.Word == word) is var known and >= 0
            ? kinds | Kinds[known].Kind
            : throw new WrongCallException($"--metrics: there is no '{word}'; the words are {string.Join(", ", Kinds.Select(kind => kind.Word))}."));

    private sealed record EvaluationRequest(
        IReadOnlyList<ITrainer> Trainers, bool Refit, int[] Cutoffs, int Threads, MeasureKinds Kinds, string? Baseline, int Seed, IProcessGroup Processes, CheckpointFile? Checkpoint);
}
