using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;
using Spectre.Console;

namespace Aisle.Cli.Commands;

/// <summary><c>aisle evaluate</c>: fits models on a published split and measures their rankings on its test part.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model") { Required = true, Description = $"Models, separated by commas: {string.Join(", ", Trainers.All.Select(family => family.Name))}." };
        var train = new Option<string>("--train") { Required = true, Description = "Training file." };
        var valid = new Option<string?>("--valid") { Description = "Validation file: measured too, as valid_…, and no candidates in the test ranking." };
        var test = new Option<string?>("--test") { Description = "Test file; the sequence format can do without." };
        var refit = new Option<bool>("--refit") { Description = "Measure the test part by a model fitted on training and validation data together (sequence format)." };
        var format = new Option<string>("--format") { Required = true, Description = string.Join("; ", SplitFormats.All.Select(known => $"{known.Name}: {known.Layout}")) + "." };
        var at = new Option<string>("--at") { Description = "List lengths, separated by commas.", DefaultValueFactory = _ => "10,20" };
        var set = new Option<string[]>("--set") { Description = "Options of models: factors=64 for every model that has it, als.factors=64 for one.", AllowMultipleArgumentsPerToken = true };
        var seed = new Option<int?>("--seed") { Description = "Seed of every model that uses chance." };
        var threads = new Option<int>("--threads") { Description = "Worker threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var json = new Option<bool>("--json") { Description = "Print one JSON array instead of a table." };
        var command = new Command("evaluate", "Fit models on a published split and measure their rankings on its test part.") { model, train, valid, test, refit, format, at, set, seed, threads, json };
        command.SetAction((call, cancellation) =>
        {
            var request = new EvaluationRequest(
                ModelSettings.Trainers(Words(call.GetRequiredValue(model)), call.GetValue(set) ?? [], call.GetValue(seed)),
                Format(call.GetRequiredValue(format)),
                call.GetRequiredValue(train),
                call.GetValue(valid),
                call.GetValue(test),
                call.GetValue(refit),
                Cutoffs(call.GetRequiredValue(at)),
                Threads(call.GetValue(threads)));
            var output = call.InvocationConfiguration.Output;
            var results = Run(request, call.InvocationConfiguration.Error, cancellation);
            if (call.GetValue(json)) EvaluationOutput.WriteJson(results, output);
            else EvaluationOutput.WriteTable(results, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }));
            return Task.FromResult(CommandRunner.Success);
        });
        return command;
    }

    private static List<EvaluationResult> Run(EvaluationRequest request, TextWriter error, CancellationToken cancellation)
    {
        var split = Read(request);
        var results = new List<EvaluationResult>();
        foreach (var trainer in request.Trainers)
        {
            var progress = new ProgressLines(error);
            var start = Stopwatch.GetTimestamp();
            var context = new FitContext { Threads = request.Threads, Progress = progress, Cancellation = cancellation };
            var chosenBy = trainer.Fit(split.Train, context);
            var model = chosenBy;
            if (request.Refit)
            {
                start = Stopwatch.GetTimestamp();
                model = trainer.Fit(split.Full!, context);
            }

            var fit = Stopwatch.GetElapsedTime(start);
            start = Stopwatch.GetTimestamp();
            var report = RankingEvaluator.Evaluate(model, split.Test, request.Cutoffs, request.Threads, cancellation: cancellation);
            var score = Stopwatch.GetElapsedTime(start);
            var validation = split.Validation is null
                ? null
                : RankingEvaluator.Evaluate(chosenBy, split.Validation, request.Cutoffs, request.Threads, cancellation: cancellation);
            using var process = Process.GetCurrentProcess();
            results.Add(new EvaluationResult(trainer, (request.Refit ? split.Full! : split.Train).Interactions, report, validation, fit.TotalSeconds, score.TotalSeconds, process.PeakWorkingSet64 / 1048576.0));
        }

        return results;
    }

    private static Split Read(EvaluationRequest request)
    {
        if (request.TestFile is null && request.Format.NeedsTest) throw new WrongCallException($"--test: the {request.Format.Name} format needs a test file.");
        using var train = Open("--train", request.TrainFile);
        using var valid = request.ValidationFile is null ? null : Open("--valid", request.ValidationFile);
        using var test = request.TestFile is null ? null : Open("--test", request.TestFile);
        var split = request.Format.Read(new SplitTexts(
            new NamedText(request.TrainFile, train),
            valid is null ? null : new NamedText(request.ValidationFile!, valid),
            test is null ? null : new NamedText(request.TestFile!, test)));
        return !request.Refit || split.Full is not null
            ? split
            : throw new WrongCallException("--refit needs training and validation data of one kind: the sequence format, without --test or with --valid beside it.");
    }

    private static StreamReader Open(string option, string path)
    {
        try
        {
            return new StreamReader(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new WrongCallException($"{option}: cannot read '{path}' ({failure.Message.TrimEnd('.')}).", failure);
        }
    }

    private static SplitFormat Format(string name)
    {
        try
        {
            return SplitFormats.Find(name);
        }
        catch (ArgumentException failure)
        {
            throw new WrongCallException(failure.Message, failure);
        }
    }

    private static int[] Cutoffs(string text) => Words(text).Select(word =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var cutoff) && cutoff > 0
            ? cutoff
            : throw new WrongCallException($"--at takes list lengths such as 10,20, not '{word}'.")).Distinct().ToArray();

    private static int Threads(int threads) =>
        threads is >= 1 and <= 1024 ? threads : throw new WrongCallException($"--threads takes 1 to 1024, not {threads}.");

    private static string[] Words(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private sealed record EvaluationRequest(
        IReadOnlyList<ITrainer> Trainers, SplitFormat Format, string TrainFile, string? ValidationFile, string? TestFile, bool Refit, int[] Cutoffs, int Threads);
}
