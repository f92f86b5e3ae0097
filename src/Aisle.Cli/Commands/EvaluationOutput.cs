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
    ITrainer Trainer, Interactions Train, RankingReport Report, RankingReport? Validation, double FitSeconds, double ScoreSeconds, double PeakMemoryMegabytes);

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

    /// <summary>A row per metric and a column per model: stays narrow however many list lengths are asked for.</summary>
    public static void WriteTable(IReadOnlyList<EvaluationResult> results, IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumn("");
        foreach (var result in results) table.AddColumn(new TableColumn(Markup.Escape(result.Trainer.Name)).RightAligned());
        AddMetricRows(table, "", results, result => result.Report);
        if (results[0].Validation is not null) AddMetricRows(table, "valid ", results, result => result.Validation!);
        table.AddRow(["fit", .. results.Select(result => Seconds(result.FitSeconds))]);
        table.AddRow(["score", .. results.Select(result => Seconds(result.ScoreSeconds))]);
        table.AddRow(["peak memory", .. results.Select(result => string.Create(CultureInfo.InvariantCulture, $"{result.PeakMemoryMegabytes:0} MB"))]);
        console.Write(table);
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{results[0].Train.Users:N0} users, {results[0].Train.Items:N0} items, {results[0].Train.Count:N0} training interactions; {results[0].Report.Users.Count:N0} users measured."));
    }

    private static void AddMetricRows(Table table, string prefix, IReadOnlyList<EvaluationResult> results, Func<EvaluationResult, RankingReport> ranking)
    {
        foreach (var cutoff in ranking(results[0]).Cutoffs.Select(report => report.Cutoff))
        {
            foreach (var (name, value) in Metrics)
                table.AddRow([$"{prefix}{name}@{cutoff}", .. results.Select(result => value(ranking(result).At(cutoff)).ToString("0.0000", CultureInfo.InvariantCulture))]);
        }
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
        AddMetrics(json, "", result.Report);
        if (result.Validation is not null) AddMetrics(json, "valid_", result.Validation);
        json["fit_seconds"] = Math.Round(result.FitSeconds, 3);
        json["score_seconds"] = Math.Round(result.ScoreSeconds, 3);
        json["peak_memory_mb"] = Math.Round(result.PeakMemoryMegabytes, 1);
        return json;
    }

    private static void AddMetrics(JsonObject json, string prefix, RankingReport ranking)
    {
        foreach (var report in ranking.Cutoffs)
        {
            foreach (var (name, value) in Metrics) json[$"{prefix}{name}@{report.Cutoff}"] = Math.Round(value(report), 6);
        }
    }

    private static string Seconds(double seconds) => $"{seconds.ToString("0.00", CultureInfo.InvariantCulture)} s";
}
