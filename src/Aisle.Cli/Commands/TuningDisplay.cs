using System.Globalization;
using Aisle.Learning.Tuning;
using Spectre.Console;

namespace Aisle.Cli.Commands;

/// <summary>Shows a search while it runs: the best trials as a live table on a terminal, a line a trial elsewhere.</summary>
internal static class TuningDisplay
{
    private const int Shown = 10;

    public static IReadOnlyList<Trial> Show(
        string metric, int count, bool isError, TextWriter error, Func<Action<IReadOnlyList<Trial>, Trial?>, IReadOnlyList<Trial>> run)
    {
        if (Console.IsErrorRedirected || error != Console.Error)
        {
            var lines = new Lines(metric, isError, error);
            return run((finished, _) => lines.Update(finished));
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        IReadOnlyList<Trial> trials = [];
        console.Live(new Text("")).Start(live => trials = run((finished, under) =>
        {
            live.UpdateTarget(Table(metric, count, isError, finished, under));
            live.Refresh();
        }));
        return trials;
    }

    private static Table Table(string metric, int count, bool isError, IReadOnlyList<Trial> finished, Trial? under)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("options", "effort", metric, "seconds");
        foreach (var trial in finished.OrderByDescending(trial => double.IsNaN(trial.Score) ? double.NegativeInfinity : trial.Score).Take(Shown))
            table.AddRow(Markup.Escape(Options(trial)), Effort(trial), Markup.Escape(Score(trial, isError)), Seconds(trial));
        table.Caption(Markup.Escape(under is null
            ? $"{finished.Count} trials"
            : $"{finished.Count} trials of {finished.Select(trial => trial.Configuration).Distinct().Count()} of {count} sets of options; now {Options(under)}"));
        return table;
    }

    private static string Options(Trial trial) => trial.Options.Count == 0 ? "defaults" : string.Join(" ", trial.Options.Select(option => $"{option.Key}={option.Value}"));

    private static string Score(Trial trial, bool isError) =>
        double.IsNaN(trial.Score) ? trial.Failure ?? "failed" : (isError ? -trial.Score : trial.Score).ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Effort(Trial trial) => trial.Budget.ToString("0 %", CultureInfo.InvariantCulture);

    private static string Seconds(Trial trial) => trial.Seconds.ToString("0.0", CultureInfo.InvariantCulture);

    private sealed class Lines(string metric, bool isError, TextWriter error)
    {
        private int _told = -1;

        public void Update(IReadOnlyList<Trial> finished)
        {
            if (this._told < 0)
            {
                this._told = finished.Count;
                if (finished.Count > 0) error.WriteLine($"{finished.Count} trials are finished already; the search goes on.");
            }

            for (; this._told < finished.Count; this._told++)
            {
                var trial = finished[this._told];
                var best = TuningPlan.Best([.. finished.Take(this._told + 1).Where(other => other.Budget >= trial.Budget)]);
                error.WriteLine($"trial {this._told + 1}: {metric} {Score(trial, isError)} in {Seconds(trial)} s at {Effort(trial)} of the effort (best {(best is null ? "–" : Score(best, isError))}): {Options(trial)}");
            }
        }
    }
}
