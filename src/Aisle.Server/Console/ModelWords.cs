using System.Globalization;
using System.Text.Json;
using Aisle.Engine.Training;
using Aisle.Learning.Models;
using Microsoft.Extensions.Localization;

namespace Aisle.Server.Console;

/// <summary>Says in the reader's language what models are called, what they do, and what a training run does and found.</summary>
internal sealed class ModelWords(IStringLocalizer<ModelText> models, IStringLocalizer<ConsoleText> text)
{
    /// <summary>A recipe's readable name; the recipe itself where the family has none.</summary>
    public string Name(string recipe)
    {
        var (family, halfLife) = ModelScore.Split(recipe);
        string name = models[family];
        return halfLife is { } days ? text["{0}, {1}-day memory", name, days] : name;
    }

    /// <summary>A sentence of what a recipe's family does.</summary>
    public string About(string recipe) => models[$"{ModelScore.Split(recipe).Model}.about"];

    /// <summary>A metric as people write it: <c>NDCG@10</c>.</summary>
    public string Metric(string metric)
    {
        var at = metric.IndexOf('@', StringComparison.Ordinal);
        return at < 0 ? text[metric] : text[metric[..at]] + metric[at..];
    }

    public static string Number(double value) => value.ToString("F4", CultureInfo.InvariantCulture);

    /// <summary>A difference with its sign.</summary>
    public static string Signed(double value) => value.ToString("+0.0000;−0.0000;0.0000", CultureInfo.InvariantCulture);

    public string Seconds(double? seconds) => seconds switch
    {
        null => "–",
        < 60 => text["{0} s", seconds.Value.ToString(seconds < 10 ? "0.0" : "0", CultureInfo.InvariantCulture)],
        _ => text["{0} min", (seconds.Value / 60).ToString("0.0", CultureInfo.InvariantCulture)],
    };

    /// <summary>Where a run stands.</summary>
    public string Progress(TrainingProgress progress) => progress.Phase switch
    {
        TrainingPhase.Reading => text["Reading events"],
        TrainingPhase.FetchingEmbeddings => text["Fetching embeddings"],
        TrainingPhase.Splitting => text["Setting the latest events aside"],
        TrainingPhase.Validating => text["Trying {0}", this.Name(progress.Recipe ?? "")],
        TrainingPhase.Fitting => text["Fitting {0} on everything", this.Name(progress.Recipe ?? "")],
        TrainingPhase.Publishing => text["Publishing"],
        TrainingPhase.Done => text["Done"],
        _ => text["Waiting to begin"],
    };

    /// <summary>What an ensemble is made of, the heaviest first; null for other models.</summary>
    public string? Members(ModelPart part)
    {
        if (part.Model != EnsembleTrainer.ModelName || !part.Options.TryGetProperty("members", out var members) || !part.Options.TryGetProperty("weights", out var weights)) return null;
        var shares = weights.EnumerateArray().Select(weight => weight.GetDouble()).ToList();
        var names = members.EnumerateArray()
            .Select(member => (member.ValueKind == JsonValueKind.String ? member : member.GetProperty("model")).GetString()!).ToList();
        if (shares.Count != names.Count || shares.Sum() <= 0) return null;
        return string.Join(" + ", names.Zip(shares).OrderByDescending(member => member.Second)
            .Select(member => $"{this.Name(member.First)} {(member.Second / shares.Sum()).ToString("0 %", CultureInfo.InvariantCulture)}"));
    }

    /// <summary>What came of a run, in a sentence.</summary>
    public string Verdict(TrainingRunRecord run)
    {
        if (run.State == TrainingState.Cancelled) return text["The run was cancelled; what served goes on serving."];
        if (TrainingRun.ReadReport(run) is not { } report) return run.Error ?? "";
        if (Find(report.Validation, report.Chosen) is not { } chosen)
            return text["Published version {0}: {1}, without validation: too few shoppers came back.", run.ModelVersion ?? "", this.Name(report.Chosen)];
        var (metric, score) = (this.Metric(report.Metric), Number(chosen.Metrics[report.Metric]));
        if (run.State == TrainingState.NotBetter && report.Serving is { } serving)
            return text["Not published: {0} reaches {1} {2}; what serves ({3}) reaches {4} on the same events.", this.Name(report.Chosen), metric, score, this.Name(serving.Model), Number(serving.Metrics[report.Metric])];
        var words = new object[] { run.ModelVersion ?? "", this.Name(report.Chosen), metric, score, Number(Find(report.Validation, PopularityTrainer.ModelName)?.Metrics[report.Metric] ?? 0) };
        return report.Renewed
            ? text["Published version {0}: {1} as before, fitted on the newest events, {2} {3} (best sellers: {4}).", words]
            : text["Published version {0}: {1}, {2} {3} (best sellers: {4}).", words];
    }

    /// <summary>Why the chosen one won; null where nothing was compared.</summary>
    public string? Reason(TrainingReport report)
    {
        if (report.Lead is not { } lead || Find(report.Validation, report.Chosen) is not { } chosen) return null;
        var numbers = new object[]
        {
            this.Name(report.Chosen), this.Metric(report.Metric), Number(chosen.Metrics[report.Metric]), this.Name(lead.RunnerUp),
            Signed(lead.Difference), Signed(lead.Interval.Low), Signed(lead.Interval.High),
        };
        return lead.Interval.Low > 0
            ? text["{0} won: {1} {2}, {4} over {3} (95 % interval {5} to {6}), which is more than chance.", numbers]
            : text["{0} won: {1} {2}, {4} over {3} (95 % interval {5} to {6}). The two may as well be equal; the better mean decided.", numbers];
    }

    private static ModelScore? Find(IReadOnlyList<ModelScore> scores, string recipe) => scores.FirstOrDefault(score => score.Model == recipe);
}
