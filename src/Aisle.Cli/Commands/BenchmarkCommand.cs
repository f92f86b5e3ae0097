using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aisle.Learning.Models;

namespace Aisle.Cli.Commands;

/// <summary><c>aisle benchmark DIR</c>: all models over one data set, each in a process of its own, as a Markdown table and a picture.</summary>
internal static class BenchmarkCommand
{
    /// <summary>Of the memory that there is, what one model may take.</summary>
    private const double MemoryShare = 0.8;

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "Folder of the data set: train.txt with test.txt, sequences.txt, ratings.csv[.gz], or *train.rating with *test.rating." };
        var models = new Option<string?>("--models") { Description = "Models, separated by commas. Default: all." };
        var format = new Option<string?>("--format") { Description = "Format of the files, where they do not tell." };
        var split = new Option<string?>("--split") { Description = "How to divide a file that is not divided: leave-one-out, ratio, time, user-time, strong." };
        var share = new Option<string>("--test-share") { Description = "Share that --split takes for the test.", DefaultValueFactory = _ => "0.2" };
        var items = new Option<string?>("--items") { Description = "File that tells of the items, as of aisle evaluate. Default: items.csv[.gz], items.json or item_attributes.json in DIR, where there is one." };
        var users = new Option<string?>("--users") { Description = "File that tells of the users. Default: users.csv[.gz] or users.json in DIR, where there is one." };
        var at = new Option<int>("--at") { Description = "Length of the lists.", DefaultValueFactory = _ => 20 };
        var set = new Option<string[]>("--set") { Description = "Options of one model: als.factors=64.", AllowMultipleArgumentsPerToken = true };
        var options = new Option<string[]>("--options") { Description = "Files of options as aisle tune writes them.", AllowMultipleArgumentsPerToken = true };
        var extra = new Option<string[]>("--pass") { Description = "More arguments for aisle evaluate, such as --pass=--binary.", AllowMultipleArgumentsPerToken = true };
        var threads = new Option<int>("--threads") { Description = "Worker threads.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var seconds = new Option<double>("--time-limit") { Description = "Seconds that a model may take in all.", DefaultValueFactory = _ => 1800 };
        var megabytes = new Option<double?>("--memory-limit") { Description = "Megabytes that a model may take. Default: four fifths of what there is." };
        var output = new Option<string?>("--output") { Description = "File for the table. Default: standard output." };
        var svg = new Option<string?>("--svg") { Description = "File for a picture of accuracy against fit time." };
        var json = new Option<bool>("--json") { Description = "Print one JSON array in place of the table." };
        var command = new Command("benchmark", "Measure all models on a data set.") { folder, models, format, split, share, items, users, at, set, options, extra, threads, seconds, megabytes, output, svg, json };
        command.SetAction(async (call, cancellation) =>
        {
            var data = BenchmarkFolder.Recognise(call.GetRequiredValue(folder), call.GetValue(format), call.GetValue(split), call.GetValue(items), call.GetValue(users));
            var tuned = (call.GetValue(options) ?? []).ToDictionary(file => OptionsFile.Read(file).Model);
            var limits = new ModelProcess(call.GetValue(seconds), call.GetValue(megabytes) ?? (MemoryShare * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1048576), TimeProvider.System);
            var cutoff = call.GetValue(at);
            string[] common = [.. data.Arguments, "--test-share", call.GetRequiredValue(share), "--at", $"{cutoff}", "--threads", $"{call.GetValue(threads)}", "--metrics", "intervals", "--by-case", .. call.GetValue(extra) ?? []];
            var outcomes = new List<ModelOutcome>();
            foreach (var model in Models(call.GetValue(models)))
            {
                string[] own = [.. (call.GetValue(set) ?? []).Where(setting => setting.StartsWith($"{model}.", StringComparison.Ordinal)).SelectMany(setting => (string[])["--set", setting]), .. tuned.TryGetValue(model, out var file) ? (string[])["--options", file] : []];
                var outcome = await limits.RunAsync(model, [.. common, .. own], cancellation);
                outcomes.Add(outcome);
                await call.InvocationConfiguration.Error.WriteLineAsync(BenchmarkReport.Line(outcome, cutoff));
            }

            Compare(outcomes, cutoff);
            if (call.GetValue(svg) is { } picture) await File.WriteAllTextAsync(picture, BenchmarkReport.Picture(data, outcomes, cutoff), cancellation);
            var table = BenchmarkReport.Markdown(data, outcomes, cutoff, call.GetValue(threads), Link(call.GetValue(svg), call.GetValue(output)));
            if (call.GetValue(output) is { } report) await File.WriteAllTextAsync(report, table, cancellation);
            if (call.GetValue(json)) await call.InvocationConfiguration.Output.WriteLineAsync(Json(outcomes).ToJsonString(Readable));
            else if (call.GetValue(output) is null) await call.InvocationConfiguration.Output.WriteAsync(table);
            return outcomes.Exists(outcome => outcome.Result is not null) ? CommandRunner.Success : CommandRunner.Failed;
        });
        return command;
    }

    /// <summary>Each model tested against the best, case by case; the figures of the cases are then left out.</summary>
    private static void Compare(IReadOnlyList<ModelOutcome> outcomes, int cutoff)
    {
        const int seed = 1;
        var measured = outcomes.Where(outcome => outcome.Result is not null).ToArray();
        if (measured.Length == 0) return;
        var tests = Significance.Of([.. measured.Select(outcome => (outcome.Model, Cases(outcome.Result!)))], null, seed);
        for (var i = 0; i < measured.Length; i++)
        {
            if (tests[i] is { } test) EvaluationOutput.Add(measured[i].Result!, test, $"ndcg@{cutoff}");
        }
    }

    private static float[] Cases(JsonObject result)
    {
        var cases = result[EvaluationOutput.ByCase]!.AsArray().Select(value => value!.GetValue<float>()).ToArray();
        result.Remove(EvaluationOutput.ByCase);
        return cases;
    }

    private static string[] Models(string? words)
    {
        if (words is null) return [.. Trainers.All.Select(family => family.Name)];
        var names = DataOptions.Words(words);
        var unknown = Array.Find(names, name => Trainers.All.All(family => family.Name != name));
        if (unknown is not null || names.Length == 0)
            throw new WrongCallException($"--models: there is no '{unknown}'; the models are {string.Join(", ", Trainers.All.Select(family => family.Name))}.");
        return names;
    }

    /// <summary>Where the picture lies as seen from the table.</summary>
    private static string? Link(string? svg, string? output) =>
        svg is null ? null : Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(output ?? "table.md"))!, Path.GetFullPath(svg)).Replace('\\', '/');

    private static JsonArray Json(IEnumerable<ModelOutcome> outcomes) =>
        [.. outcomes.Select(outcome => outcome.Result?.DeepClone() ?? new JsonObject { ["model"] = outcome.Model, ["failure"] = outcome.Failure })];
}
