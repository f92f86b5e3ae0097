using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aisle.Learning.Models;
using Aisle.Learning.Tuning;
using Spectre.Console;

namespace Aisle.Cli.Commands;

/// <summary><c>aisle tune</c>: searches the options of one model on validation data and writes the best as a file for <c>evaluate</c> and <c>train</c>.</summary>
internal static class TuneCommand
{
    private static readonly (string Word, SearchMethod Method)[] Methods =
    [
        ("random", SearchMethod.Random),
        ("halving", SearchMethod.Halving),
        ("tpe", SearchMethod.Tpe),
    ];

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var data = new DataOptions();
        var model = new Option<string>("--model") { Required = true, Description = $"The model: one of {string.Join(", ", Trainers.All.Select(family => family.Name))}." };
        var search = new Option<string>("--search") { Description = "tpe: learns from earlier trials. random: draws evenly. halving: draws evenly, gives most a part of the effort and the best all of it.", DefaultValueFactory = _ => "tpe" };
        var trials = new Option<int>("--trials") { Description = "Sets of options to try, the model's defaults among them.", DefaultValueFactory = _ => 30 };
        var time = new Option<double?>("--time") { Description = "Seconds after which no new trial begins." };
        var metric = new Option<string>("--metric") { Description = "What to tune by: recall, precision, f1, ndcg, hit, mrr or map with a list length; rmse or mae for ratings.", DefaultValueFactory = _ => "ndcg@20" };
        var space = new Option<string[]>("--space") { Description = "Search over key=lo..hi, key=lo..hi:log or key=a|b|c, in place of the model's own range.", AllowMultipleArgumentsPerToken = true };
        var set = new Option<string[]>("--set") { Description = "Options that are not searched, key=value.", AllowMultipleArgumentsPerToken = true };
        var seed = new Option<int>("--seed") { Description = "Seed of the search, and of a model that uses chance.", DefaultValueFactory = _ => 1 };
        var threads = new Option<int>("--threads") { Description = "Worker threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var output = new Option<string?>("--output") { Description = "File for the best options. Default: MODEL.options.json." };
        var state = new Option<string?>("--state") { Description = "File of the trials; where it exists, the search goes on. Default: the output with .trials behind its name." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of a table." };
        var command = new Command("tune", "Search the options of a model on validation data. The test part is never read.") { model, search, trials, time, metric, space, set, seed, threads, output, state, json };
        data.AddTo(command, withTest: false);
        command.SetAction((call, cancellation) =>
        {
            var family = Family(call.GetRequiredValue(model));
            var fixedOptions = Fixed(family, call.GetValue(set) ?? [], call.GetValue(seed));
            var method = Method(call.GetRequiredValue(search));
            var file = call.GetValue(output) ?? $"{family.Name}.options.json";
            try
            {
                var searched = SearchSpaces.Of(family, [.. (call.GetValue(space) ?? []).Select(SearchDimension.Parse)]);
                searched = searched with { Dimensions = [.. searched.Dimensions.Where(dimension => !Named(call.GetValue(set) ?? []).Contains(dimension.Name))] };
                var count = call.GetValue(trials);
                if (count < 1) throw new WrongCallException($"--trials takes 1 or more, not {count}.");
                var split = data.ReadForTuning(call);
                var objective = new TuningObjective(family, searched, split, call.GetRequiredValue(metric), fixedOptions, DataOptions.Threads(call.GetValue(threads)));
                var question = $"{family.Name} by {call.GetRequiredValue(metric)} on {split.Train.Interactions.Users} × {split.Train.Interactions.Items}, {split.Train.Interactions.Count} interactions, {split.Test.Count} cases; "
                    + $"{call.GetRequiredValue(search)}, seed {call.GetValue(seed)}, {string.Join(" ", searched.Dimensions)}; fixed {fixedOptions.ToJsonString()}{data.Content(call)}";
                foreach (var note in split.Notes) call.InvocationConfiguration.Error.WriteLine(note);
                var run = new TuningRun(new TuningPlan(searched, method, count, call.GetValue(seed)), objective, question, call.GetValue(state) ?? $"{file}.trials", call.GetValue(time));
                var report = TuningDisplay.Show(call.GetRequiredValue(metric), count, objective.IsError, call.InvocationConfiguration.Error, update => run.Run(TimeProvider.System, update, cancellation));
                return Task.FromResult(Finish(report, family, fixedOptions, call.GetRequiredValue(metric), objective.IsError, file, call.GetValue(json), call.InvocationConfiguration));
            }
            catch (ArgumentException wrong)
            {
                throw new WrongCallException(wrong.Message, wrong);
            }
        });
        return command;
    }

    private static int Finish(IReadOnlyList<Trial> trials, TrainerFamily family, JsonObject fixedOptions, string metric, bool isError, string file, bool asJson, InvocationConfiguration streams)
    {
        if (TuningPlan.Best(trials) is not { } best)
        {
            streams.Error.WriteLine(trials.Count == 0 ? "The time was over before a trial began." : $"All {trials.Count} trials failed; the last: {trials[^1].Failure}");
            return CommandRunner.Failed;
        }

        var options = fixedOptions.DeepClone().AsObject();
        foreach (var (name, value) in best.Options) options[name] = value?.DeepClone();
        var sign = isError ? -1 : 1;
        var first = trials.FirstOrDefault(trial => trial.Configuration == 0 && trial.Budget == best.Budget);
        var result = new JsonObject
        {
            ["model"] = family.Name,
            ["options"] = options,
            [$"valid_{metric}"] = Math.Round(sign * best.Score, 6),
            ["defaults"] = first is null || double.IsNaN(first.Score) ? null : JsonValue.Create(Math.Round(sign * first.Score, 6)),
            ["budget"] = Math.Round(best.Budget, 3),
            ["trials"] = trials.Count,
            ["seconds"] = Math.Round(trials.Sum(trial => trial.Seconds), 1),
        };
        TuningRun.WriteWhole(file, result.ToJsonString(Readable));
        if (asJson) streams.Output.WriteLine(result.ToJsonString(Readable));
        else WriteTable(result, metric, file, streams.Output);
        if (best.Budget < 1) streams.Error.WriteLine("The time was over before any set of options had the whole effort; these are the best of those that had a part of it.");
        return CommandRunner.Success;
    }

    private static void WriteTable(JsonObject result, string metric, string file, TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        var table = new Table().Border(TableBorder.Rounded).AddColumns("", "best");
        foreach (var (name, value) in result["options"]!.AsObject()) table.AddRow(Markup.Escape(name), Markup.Escape(value?.ToString() ?? ""));
        table.AddRow($"valid {metric}", result[$"valid_{metric}"]!.ToJsonString());
        table.AddRow("with defaults", result["defaults"]?.ToJsonString() ?? "–");
        console.Write(table);
        console.WriteLine($"Written to {file}: aisle evaluate --options {file} measures it on a test part, aisle train --options {file} learns with it.");
    }

    private static TrainerFamily Family(string name)
    {
        try
        {
            return Trainers.Find(name);
        }
        catch (ArgumentException failure)
        {
            throw new WrongCallException(failure.Message, failure);
        }
    }

    /// <summary>Options said by the caller, and the seed where the model has one.</summary>
    private static JsonObject Fixed(TrainerFamily family, string[] settings, int seed)
    {
        var options = JsonObject.Create(ModelSettings.Trainers([family.Name], settings, seed)[0].Options)!;
        var named = Named(settings);
        foreach (var name in options.Select(option => option.Key).Where(name => name != "seed" && !named.Contains(name)).ToArray()) options.Remove(name);
        return options;
    }

    private static HashSet<string> Named(string[] settings) =>
        [.. settings.Select(setting => setting.Split('=')[0]).Select(key => key[(key.IndexOf('.', StringComparison.Ordinal) + 1)..])];

    private static SearchMethod Method(string word) => Array.FindIndex(Methods, known => known.Word == word) is var place and >= 0
        ? Methods[place].Method
        : throw new WrongCallException($"--search: there is no '{word}'; it must be one of {string.Join(", ", Methods.Select(known => known.Word))}.");
}
