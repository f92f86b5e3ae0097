using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Aisle.Cli.Commands;

/// <summary>The outcomes of a benchmark as Markdown and as a picture.</summary>
internal static class BenchmarkReport
{
    private static readonly string[] Intervals = ["recall", "ndcg"];
    private static readonly string[] Plain = ["hit", "mrr", "coverage"];

    /// <summary>The best first; models without figures at the end, each with its reason.</summary>
    public static string Markdown(BenchmarkFolder data, IReadOnlyList<ModelOutcome> outcomes, int cutoff, int threads, string? picture)
    {
        var measured = outcomes.Where(outcome => outcome.Result is not null).OrderByDescending(outcome => Value(outcome.Result!, $"ndcg@{cutoff}")).ToList();
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"## {data.Name}").AppendLine();
        if (measured.Count > 0)
        {
            var first = measured[0].Result!;
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{Value(first, "users"):N0} users, {Value(first, "items"):N0} items, {Value(first, "train_interactions"):N0} training interactions; {Value(first, "test_users"):N0} cases measured, {data.Protocol}. {threads} threads, each model in a process of its own; 95 % bootstrap intervals over the cases. p: chance of such a difference of NDCG@{cutoff} from {measured[0].Model} if there were none (paired t test over the cases, corrected for the number of models by Holm's method).").AppendLine();
            if (picture is not null) text.AppendLine(CultureInfo.InvariantCulture, $"![Accuracy against fit time]({picture})").AppendLine();
            var names = Intervals.Concat(Plain).Select(name => $"{name}@{cutoff}").ToArray();
            text.AppendLine(CultureInfo.InvariantCulture, $"| model | {string.Join(" | ", names)} | p | fit, s | score, s | peak MB |");
            text.AppendLine(CultureInfo.InvariantCulture, $"|---|{string.Concat(names.Select(_ => "--:|"))}--:|--:|--:|--:|");
            foreach (var outcome in measured) text.AppendLine(CultureInfo.InvariantCulture, $"| {outcome.Model} | {string.Join(" | ", names.Select(name => Cell(outcome.Result!, name)))} | {EvaluationOutput.Probability(outcome.Result!["p_value_holm"]?.GetValue<double>())} | {Seconds(outcome.Result!, "fit_seconds")} | {Seconds(outcome.Result!, "score_seconds")} | {Value(outcome.Result!, "peak_memory_mb"):0} |");
            foreach (var note in measured.SelectMany(outcome => outcome.Result!["notes"]?.AsArray() ?? []).Select(note => note!.GetValue<string>()).Distinct()) text.AppendLine().AppendLine(note);
        }

        var failed = outcomes.Where(outcome => outcome.Failure is not null).ToList();
        if (failed.Count > 0) text.AppendLine().AppendLine("Not measured:").AppendLine();
        foreach (var outcome in failed) text.AppendLine(CultureInfo.InvariantCulture, $"- {outcome.Model}: {outcome.Failure}");
        return text.ToString();
    }

    public static string Picture(BenchmarkFolder data, IReadOnlyList<ModelOutcome> outcomes, int cutoff)
    {
        var metric = $"ndcg@{cutoff}";
        var points = outcomes.Where(outcome => outcome.Result is not null)
            .Select(outcome => new ParetoPoint(outcome.Model, Value(outcome.Result!, "fit_seconds"), Value(outcome.Result!, metric), Value(outcome.Result!, $"{metric}_low"), Value(outcome.Result!, $"{metric}_high")))
            .ToList();
        return points.Count == 0 ? throw new WrongCallException("--svg: no model was measured, so that there is nothing to draw.") : ParetoPicture.Draw(points, $"{data.Name}: NDCG@{cutoff} against fit time", "fit time, seconds", $"NDCG@{cutoff}");
    }

    /// <summary>One line of progress.</summary>
    public static string Line(ModelOutcome outcome, int cutoff) => outcome.Result is null
        ? $"{outcome.Model}: {outcome.Failure}"
        : string.Create(CultureInfo.InvariantCulture, $"{outcome.Model}: ndcg@{cutoff} {Value(outcome.Result, $"ndcg@{cutoff}"):0.0000}, fit {Seconds(outcome.Result, "fit_seconds")} s, {Value(outcome.Result, "peak_memory_mb"):0} MB");

    private static string Cell(JsonObject result, string name)
    {
        var value = Figure(Value(result, name));
        return result[$"{name}_low"] is null ? value : $"{value} ({Figure(Value(result, $"{name}_low"))}–{Figure(Value(result, $"{name}_high"))})";
    }

    private static double Value(JsonObject result, string name) => result[name]?.GetValue<double>() ?? double.NaN;

    /// <summary>As papers write it: .1498.</summary>
    private static string Figure(double value) => double.IsFinite(value) ? value.ToString(value < 1 ? ".0000" : "0.0000", CultureInfo.InvariantCulture) : "–";

    private static string Seconds(JsonObject result, string name) => Value(result, name) is var seconds && seconds < 10
        ? seconds.ToString("0.00", CultureInfo.InvariantCulture)
        : seconds.ToString("0.0", CultureInfo.InvariantCulture);
}
