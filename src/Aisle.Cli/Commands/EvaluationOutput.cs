using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;
using Spectre.Console;

namespace Aisle.Cli.Commands;

internal sealed record EvaluationResult(
    ITrainer Trainer, Interactions Train, RankingReport Report, double FitSeconds, double ScoreSeconds, double PeakMemoryMegabytes);

/// <summary>The results of <c>aisle evaluate</c> as a table for people or JSON for programs.</summary>
internal static class EvaluationOutput
{
    private static readonly (string Name, Func<CutoffReport, double> Value)[] Metrics =
    [
        ("recall", at => at.Recall),
        ("precision", at => at.Precision),
        ("f1", at => at.F1),
        ("ndcg", at => at.Ndcg),
        ("hit", at => at.HitRate),
        ("mrr", at => at.Mrr),
        ("map", at => at.Map),
        ("coverage", at => at.Coverage),
    ];

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteJson(IEnumerable<EvaluationResult> results, TextWriter output)
    {
        var array = new JsonArray();
        foreach (var result in results) array.Add((JsonNode)ToJson(result));
        output.WriteLine(array.ToJsonString(Readable));
    }

    public static void WriteTable(IReadOnlyList<EvaluationResult> results)
    {
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumn("model");
        foreach (var report in results[0].Report.Cutoffs)
        {
            foreach (var (name, _) in Metrics) table.AddColumn(new TableColumn($"{name}@{report.Cutoff}").RightAligned());
        }

        table.AddColumn(new TableColumn("fit").RightAligned());
        table.AddColumn(new TableColumn("score").RightAligned());
        foreach (var result in results)
        {
            var cells = new List<string> { Markup.Escape(result.Trainer.Name) };
            foreach (var report in result.Report.Cutoffs) cells.AddRange(Metrics.Select(metric => metric.Value(report).ToString("0.0000", CultureInfo.InvariantCulture)));
            cells.Add(Seconds(result.FitSeconds));
            cells.Add(Seconds(result.ScoreSeconds));
            table.AddRow([.. cells]);
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{results[0].Train.Users:N0} users, {results[0].Train.Items:N0} items, {results[0].Train.Count:N0} training interactions; {results[0].Report.Users.Count:N0} users measured."));
    }

    private static JsonObject ToJson(EvaluationResult result)
    {
        var json = new JsonObject
        {
            ["model"] = result.Trainer.Name,
            ["options"] = JsonObject.Create(result.Trainer.Options),
            ["users"] = result.Train.Users,
            ["items"] = result.Train.Items,
            ["train_interactions"] = result.Train.Count,
            ["test_users"] = result.Report.Users.Count,
        };
        foreach (var report in result.Report.Cutoffs)
        {
            foreach (var (name, value) in Metrics) json[$"{name}@{report.Cutoff}"] = Math.Round(value(report), 6);
        }

        json["fit_seconds"] = Math.Round(result.FitSeconds, 3);
        json["score_seconds"] = Math.Round(result.ScoreSeconds, 3);
        json["peak_memory_mb"] = Math.Round(result.PeakMemoryMegabytes, 1);
        return json;
    }

    private static string Seconds(double seconds) => $"{seconds.ToString("0.00", CultureInfo.InvariantCulture)} s";
}
