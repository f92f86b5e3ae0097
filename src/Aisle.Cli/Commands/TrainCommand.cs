using System.CommandLine;
using System.Globalization;
using Aisle.Engine;
using Aisle.Engine.Carts;
using Aisle.Engine.Ranking;
using Aisle.Engine.Training;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;

namespace Aisle.Cli.Commands;

/// <summary><c>aisle train</c>: fits models on the store's events, the recipe that serves among them, and publishes the best; <c>--rollback</c> goes back.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var store = StoreOption.Create();
        var models = new Option<string>("--models") { Description = "Models that compete, separated by commas; popularity, itemknn and an ensemble of the best are always measured beside them. Default: what suits the size of the shop.", DefaultValueFactory = _ => "" };
        var set = new Option<string[]>("--set") { Description = "Options of models: factors=64 for every model that has it, als.factors=64 for one.", AllowMultipleArgumentsPerToken = true };
        var files = new Option<string[]>("--options") { Description = "Files of options as aisle tune writes them; their models compete too.", AllowMultipleArgumentsPerToken = true };
        var share = new Option<double>("--validation") { Description = "Share of the events, the latest, that validate.", DefaultValueFactory = _ => 0.1 };
        var seed = new Option<int>("--seed") { Description = "Seed of every model that uses chance.", DefaultValueFactory = _ => 1 };
        var threads = new Option<int>("--threads") { Description = "Worker threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var keep = new Option<int>("--keep") { Description = "Versions kept on disk.", DefaultValueFactory = _ => 5 };
        var room = new Option<string>("--events") { Description = "Where the events are held while models learn from them: memory, disk (in the store's folder, gone after the run), or auto: memory unless they would take a quarter of it. The models are the same.", DefaultValueFactory = _ => "auto" };
        room.AcceptOnlyFromAmong("auto", "memory", "disk");
        var rollback = new Option<int?>("--rollback") { Description = "Train nothing; make this published version the serving one." };
        var ranker = new Option<bool>("--ranker") { Description = "Train the ranker of pipelines that say rank: learned, from served lists and what came of them, instead of models." };
        var carts = new Option<bool>("--carts") { Description = "Train the model of which carts are left, from the shop's events, instead of models." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of a table." };
        var command = new Command("train", "Fit models on the store's events and publish the best.") { store, models, set, files, share, seed, threads, keep, room, rollback, ranker, carts, json };
        var distributed = new DistributedOptions();
        distributed.AddTo(command);
        command.SetAction((call, cancellation) => distributed.RunAsync(call, async processes =>
        {
            await using var engine = EngineServices.Open(call.GetRequiredValue(store), TimeProvider.System, NullLoggerFactory.Instance);
            if (call.GetValue(rollback) is { } version) return RollBack(engine, version);
            if (call.GetValue(ranker))
                return await TrainBesideAsync(() => RankerAsync(engine, new RankerOptions { Seed = call.GetValue(seed), Threads = call.GetValue(threads) }, cancellation), call.GetValue(json));
            if (call.GetValue(carts))
                return await TrainBesideAsync(() => CartsAsync(engine, new CartModelOptions { Seed = call.GetValue(seed), Threads = call.GetValue(threads) }, cancellation), call.GetValue(json));

            var named = call.GetRequiredValue(models).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var tuned = call.GetValue(files) ?? [];
            var settings = ModelSettings.Checked(
                named.Length > 0 ? named : tuned.Length > 0 ? TrainingOptions.UsualModels.Take(2).ToArray() : TrainingOptions.UsualModels, call.GetValue(set) ?? [], call.GetValue(seed), tuned);
            var options = new TrainingOptions
            {
                Models = named.Length == 0 && tuned.Length == 0 ? [] : [.. settings.Keys],
                Settings = settings,
                ValidationShare = call.GetValue(share),
                Seed = call.GetValue(seed),
                Threads = call.GetValue(threads),
                Keep = call.GetValue(keep),
                Events = call.GetRequiredValue(room) switch { "memory" => EventRoom.Memory, "disk" => EventRoom.Disk, _ => EventRoom.Automatic },
                Processes = processes,
                Checkpoint = distributed.Checkpoint(call),
            };
            return await TrainAsync(engine, options, call.GetValue(json), cancellation);
        }));
        return command;
    }

    private static async Task<int> TrainAsync(EngineServices engine, TrainingOptions options, bool json, CancellationToken cancellation)
    {
        TrainingRunRecord run;
        try
        {
            if (options.Processes.Rank > 0)
            {
                await engine.Training.RunAsync(options, "command", null, cancellation);
                return CommandRunner.Success;
            }

            run = await ProgressDisplay.ShowAsync(progress => engine.Training.RunAsync(options, "command", new Steps(progress), cancellation));
        }
        catch (InvalidOperationException impossible)
        {
            await Console.Error.WriteLineAsync(impossible.Message);
            return CommandRunner.Failed;
        }

        if (TrainingRun.ReadReport(run) is not { } report)
        {
            await Console.Error.WriteLineAsync(run.Error);
            return CommandRunner.Failed;
        }

        if (json) Console.WriteLine(run.Report);
        else Write(report);
        return CommandRunner.Success;
    }

    /// <summary>A model beside the one that serves lists, with a report of its own.</summary>
    private static async Task<int> TrainBesideAsync(Func<Task<(string Json, string Verdict)>> train, bool json)
    {
        try
        {
            var report = await train();
            Console.WriteLine(json ? report.Json : report.Verdict);
            return CommandRunner.Success;
        }
        catch (InvalidOperationException impossible)
        {
            await Console.Error.WriteLineAsync(impossible.Message);
            return CommandRunner.Failed;
        }
    }

    private static async Task<(string Json, string Verdict)> RankerAsync(EngineServices engine, RankerOptions options, CancellationToken cancellation)
    {
        var report = await engine.RankerTraining.RunAsync(options, cancellation);
        return (report.ToJson(), report.Verdict);
    }

    private static async Task<(string Json, string Verdict)> CartsAsync(EngineServices engine, CartModelOptions options, CancellationToken cancellation)
    {
        var report = await engine.CartTraining.RunAsync(options, cancellation);
        return (report.ToJson(), report.Verdict);
    }

    private static int RollBack(EngineServices engine, int version)
    {
        try
        {
            engine.Models.Activate(version);
        }
        catch (ArgumentException missing)
        {
            throw new WrongCallException($"--rollback: {missing.Message}", missing);
        }

        Console.WriteLine($"Version {version} serves now.");
        return CommandRunner.Success;
    }

    private static void Write(TrainingReport report)
    {
        if (report.Validation.Count > 0)
        {
            var table = new Table().Border(TableBorder.Rounded).AddColumn("model");
            foreach (var metric in report.Validation[0].Metrics.Keys) table.AddColumn(new TableColumn(metric).RightAligned());
            foreach (var score in report.Validation)
            {
                var name = score.Model == report.Chosen ? $"[bold green]{score.Model}[/]" : score.Model;
                table.AddRow([name, .. score.Metrics.Values.Select(value => value.ToString("F4", CultureInfo.InvariantCulture))]);
            }

            AnsiConsole.Write(table);
        }

        Console.WriteLine(report.Verdict);
    }

    private sealed class Steps(IProgress<ProgressStep> display) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => display.Report(new ProgressStep(value.Stage, value.Fraction));
    }
}
