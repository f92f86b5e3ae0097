using System.CommandLine;
using Aisle.Engine.Cleaning;
using Aisle.Engine.Storage.Sqlite;

namespace Aisle.Cli.Commands;

/// <summary><c>aisle import</c>: cleans a shop's file and stores what is sound.</summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The file to import, gzipped or not; for movielens a folder too." };
        var format = new Option<string>("--format") { Required = true, Description = $"How the file is laid out: {string.Join(", ", ImportFormats.Names)}." };
        var store = StoreOption.Create();
        var map = new Option<string[]>("--map") { Description = "Columns that are named otherwise: COLUMN=field, several of them or --map again.", AllowMultipleArgumentsPerToken = true };
        var rejects = new Option<string?>("--rejects") { Description = "File for the rows that are left out; default: rejects/NAME-FORMAT.csv in the store." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of a table." };
        var command = new Command("import", "Clean a shop's file and store its events and items.") { file, format, store, map, rejects, json };
        command.SetAction(async (call, cancellation) =>
        {
            var folder = call.GetValue(store)!;
            var request = Request(call.GetRequiredValue(file), call.GetRequiredValue(format), Columns(call.GetValue(map) ?? []), call.GetValue(rejects), folder);
            var report = await ProgressDisplay.ShowAsync(progress => RunAsync(request, folder, progress, cancellation));
            var output = call.InvocationConfiguration.Output;
            if (call.GetValue(json)) ImportOutput.WriteJson(report, output);
            else ImportOutput.WriteTable(report, output);
            return CommandRunner.Success;
        });
        return command;
    }

    private static async Task<ImportReport> RunAsync(ImportRequest request, string folder, IProgress<ProgressStep> progress, CancellationToken cancellation)
    {
        using var store = SqliteStore.Open(folder, TimeProvider.System);
        var import = new FileImport(store.Events, store.Catalog, store.Users, TimeProvider.System);
        return await import.RunAsync(request, new Steps(progress), cancellation);
    }

    private static ImportRequest Request(string file, string format, Dictionary<string, string> columns, string? rejects, string folder)
    {
        if (ImportFormats.Check(format, columns) is { } wrong) throw new WrongCallException(wrong);
        if (!File.Exists(file) && !Directory.Exists(file)) throw new WrongCallException($"There is no file '{file}'. Name the file to import.");
        return new ImportRequest { Path = file, Format = format, Columns = columns, RejectsPath = rejects ?? DefaultRejects(file, format, folder) };
    }

    private static string DefaultRejects(string file, string format, string folder)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(file)));
        if (name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) name = name[..^3];
        return Path.Combine(folder, "rejects", $"{Path.GetFileNameWithoutExtension(name)}-{format}.csv");
    }

    private static Dictionary<string, string> Columns(string[] pairs)
    {
        var columns = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in pairs)
        {
            // A header may contain '='; a field's name does not.
            var equals = pair.LastIndexOf('=');
            if (equals < 1 || equals == pair.Length - 1) throw new WrongCallException($"--map takes COLUMN=field, for example --map visitorid=user, not '{pair}'.");
            if (!columns.TryAdd(pair[..equals].Trim(), pair[(equals + 1)..].Trim())) throw new WrongCallException($"--map names the column '{pair[..equals]}' twice.");
        }

        return columns;
    }

    private sealed class Steps(IProgress<ProgressStep> progress) : IProgress<ImportStep>
    {
        public void Report(ImportStep value) => progress.Report(new ProgressStep(value.Stage, value.Fraction));
    }
}
