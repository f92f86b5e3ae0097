using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aisle.Learning.Evaluation;
using Spectre.Console;

namespace Aisle.Cli.Commands;

/// <summary>The results of <c>aisle evaluate</c> as a table for people or JSON for programs.</summary>
internal static class EvaluationOutput
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The member that holds the main metric of each case.</summary>
    public const string ByCase = "by_case";

    public static void WriteJson(IEnumerable<EvaluationResult> results, bool byCase, TextWriter output)
    {
        var array = new JsonArray();
        foreach (var result in results)
        {
            var json = ToJson(result);
            if (byCase) json[ByCase] = new JsonArray([.. result.MainByCase.Select(value => JsonValue.Create(value))]);
            array.Add((JsonNode)json);
        }

        output.WriteLine(array.ToJsonString(Readable));
    }

    /// <summary>A row per metric and a column per model: stays narrow however many list lengths are asked for.</summary>
    public static void WriteTable(IReadOnlyList<EvaluationResult> results, IAnsiConsole console)
    {
        var table = NewTable(results);
        AddMetricRows(table, "", results, result => result.Test);
        if (results[0].Validation is not null) AddMetricRows(table, "valid ", results, result => result.Validation!);
        if (results.Any(result => result.Ratings is not null))
        {
            table.AddRow(["rmse", .. results.Select(result => Figure(result.Ratings?.Rmse))]);
            table.AddRow(["mae", .. results.Select(result => Figure(result.Ratings?.Mae))]);
            table.AddRow(["accuracy", .. results.Select(result => Figure(result.Ratings?.Accuracy))]);
        }

        if (results.Any(result => result.Against is not null))
        {
            table.AddRow([$"p of {results[0].MainMetric}", .. results.Select(result => Probability(result.Against?.Test.Student))]);
            table.AddRow(["p, Holm", .. results.Select(result => Probability(result.Against?.Corrected))]);
        }

        table.AddRow(["fit", .. results.Select(result => Seconds(result.FitSeconds))]);
        table.AddRow(["score", .. results.Select(result => Seconds(result.ScoreSeconds))]);
        table.AddRow(["peak memory", .. results.Select(result => string.Create(CultureInfo.InvariantCulture, $"{result.PeakMemoryMegabytes:0} MB"))]);
        console.Write(table);
        if (results[0].Test.Groups.Count > 0) WriteGroups(results, console);
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{results[0].Train.Users:N0} users, {results[0].Train.Items:N0} items, {results[0].Train.Count:N0} training interactions; {results[0].TestUsers:N0} users measured."));
        if (results.FirstOrDefault(result => result.Against is not null) is { Against: { } test })
            console.WriteLine($"p: chance of such a difference from {test.Baseline} (paired t test; Holm: corrected for the number of models).");
        foreach (var note in results.SelectMany(result => result.Notes).Distinct()) console.WriteLine(note);
    }

    private static Table NewTable(IReadOnlyList<EvaluationResult> results)
    {
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumn(new TableColumn("").NoWrap());
        foreach (var result in results) table.AddColumn(new TableColumn(Markup.Escape(result.Trainer.Name)).RightAligned());
        return table;
    }

    /// <summary>The comparing metric, and the share of places that go to each group of items; the rest is in the JSON.</summary>
    private static void WriteGroups(IReadOnlyList<EvaluationResult> results, IAnsiConsole console)
    {
        var table = NewTable(results);
        var cutoff = results[0].MainMetric[(results[0].MainMetric.IndexOf('@', StringComparison.Ordinal) + 1)..];
        foreach (var group in results[0].Test.Groups)
        {
            foreach (var name in new[] { $"recall@{cutoff}", $"ndcg@{cutoff}", $"share@{cutoff}" }.Where(name => group.Measurements.Any(figure => figure.Name == name)))
                table.AddRow([$"{group.Kind} {group.Name} {name}", .. results.Select(result => Figure(Find(result, group, name)))]);
        }

        console.Write(table);
    }

    private static double? Find(EvaluationResult result, MeasuredGroup like, string name) =>
        result.Test.Groups.FirstOrDefault(group => group.Kind == like.Kind && group.Name == like.Name)?.Measurements.FirstOrDefault(figure => figure.Name == name).Value;

    private static void AddMetricRows(Table table, string prefix, IReadOnlyList<EvaluationResult> results, Func<EvaluationResult, Measurements> measured)
    {
        foreach (var name in ByCutoff(measured(results[0]).All).Select(figure => figure.Name))
            table.AddRow([$"{prefix}{name}", .. results.Select(result => WithInterval(measured(result).All.FirstOrDefault(figure => figure.Name == name)))]);
    }

    /// <summary>All figures of one list length together, in the order in which they were asked for.</summary>
    private static IEnumerable<Measurement> ByCutoff(IReadOnlyList<Measurement> all) =>
        all.GroupBy(figure => figure.Name[(figure.Name.IndexOf('@', StringComparison.Ordinal) + 1)..]).SelectMany(group => group);

    private static JsonObject ToJson(EvaluationResult result)
    {
        var json = new JsonObject
        {
            ["model"] = result.Trainer.Name,
            ["options"] = JsonObject.Create(result.Trainer.Options),
            ["users"] = result.Train.Users,
            ["items"] = result.Train.Items,
            ["train_interactions"] = result.Train.Count,
            ["test_users"] = result.TestUsers,
        };
        if (result.Folds > 1) json["folds"] = result.Folds;
        Add(json, "", result.Test.All);
        foreach (var (name, deviation) in result.Deviations ?? new Dictionary<string, double>()) json[$"{name}_sd"] = Number(deviation);
        if (result.Validation is not null) Add(json, "valid_", result.Validation.All);
        AddRatings(json, "", result.Ratings);
        AddRatings(json, "valid_", result.ValidationRatings);
        if (result.Against is { } against) Add(json, against, result.MainMetric);

        if (result.Test.Groups.Count > 0) json["by_group"] = Groups(result.Test.Groups);
        json["fit_seconds"] = Math.Round(result.FitSeconds, 3);
        json["score_seconds"] = Math.Round(result.ScoreSeconds, 3);
        json["peak_memory_mb"] = Math.Round(result.PeakMemoryMegabytes, 1);
        if (result.Notes.Count > 0) json["notes"] = new JsonArray([.. result.Notes.Select(note => JsonValue.Create(note))]);
        return json;
    }

    public static void Add(JsonObject json, ModelTest against, string metric)
    {
        json["compared_with"] = against.Baseline;
        json["compared_by"] = metric;
        json["p_value"] = against.Test.Student;
        json["p_value_holm"] = against.Corrected;
        json["p_value_bootstrap"] = against.Test.Bootstrap;
        json["p_value_wilcoxon"] = against.Test.Wilcoxon;
    }

    private static JsonObject Groups(IReadOnlyList<MeasuredGroup> groups)
    {
        var json = new JsonObject();
        foreach (var group in groups)
        {
            if (json[group.Kind] is not JsonObject kind) json[group.Kind] = kind = [];
            var figures = new JsonObject { ["cases"] = group.Cases };
            Add(figures, "", group.Measurements);
            kind[group.Name] = figures;
        }

        return json;
    }

    private static void Add(JsonObject json, string prefix, IReadOnlyList<Measurement> figures)
    {
        foreach (var figure in ByCutoff(figures))
        {
            json[prefix + figure.Name] = Number(figure.Value);
            if (figure.Low is null) continue;
            json[$"{prefix}{figure.Name}_low"] = Number(figure.Low.Value);
            json[$"{prefix}{figure.Name}_high"] = Number(figure.High!.Value);
        }
    }

    private static void AddRatings(JsonObject json, string prefix, RatingReport? ratings)
    {
        if (ratings is null) return;
        json[$"{prefix}rmse"] = Number(ratings.Rmse);
        json[$"{prefix}mae"] = Number(ratings.Mae);
        json[$"{prefix}accuracy"] = Number(ratings.Accuracy);
    }

    /// <summary>JSON has no word for "cannot be said" but null.</summary>
    private static JsonValue? Number(double value) => double.IsFinite(value) ? JsonValue.Create(Math.Round(value, 6)) : null;

    private static string WithInterval(Measurement figure) =>
        figure.Low is null ? Figure(figure.Value) : $"{Figure(figure.Value)} ({Figure(figure.Low)}–{Figure(figure.High)})";

    private static string Figure(double? value) => value is { } number && double.IsFinite(number) ? number.ToString("0.0000", CultureInfo.InvariantCulture) : "–";

    public static string Probability(double? value) => value switch
    {
        null => "–",
        < 0.0001 => "< 0.0001",
        { } number => number.ToString("0.0000", CultureInfo.InvariantCulture),
    };

    private static string Seconds(double seconds) => $"{seconds.ToString("0.00", CultureInfo.InvariantCulture)} s";
}
