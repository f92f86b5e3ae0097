using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aisle.Engine.Simulation;
using Aisle.Learning.Experiments;
using Spectre.Console;

namespace Aisle.Cli.Commands;

/// <summary>The report of <c>aisle simulate</c> as tables for people or JSON for programs.</summary>
internal static class SimulationOutput
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteJson(SimulationReport report, TextWriter output)
    {
        var json = new JsonObject
        {
            ["seed"] = report.Seed,
            ["days"] = report.Days,
            ["baseline"] = report.Baseline,
            ["seconds"] = Math.Round(report.Seconds, 2),
            ["arms"] = new JsonArray([.. report.Arms.Select(ArmOf)]),
        };
        output.WriteLine(json.ToJsonString(Readable));
    }

    public static void WriteTables(SimulationReport report, TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        foreach (var arm in report.Arms)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{arm.Name}: {arm.Shoppers:N0} shoppers, {arm.Sessions:N0} sessions, {arm.Lists:N0} lists, {arm.Clicks:N0} clicks, {arm.Views:N0} views, {arm.Carts:N0} carts, {arm.Purchases:N0} purchases"));
            var table = new Table().Border(TableBorder.Rounded).AddColumn("metric").AddColumn(new TableColumn("value").RightAligned())
                .AddColumn("95 %").AddColumn(new TableColumn($"against {Markup.Escape(report.Baseline)}").RightAligned()).AddColumn("95 %");
            foreach (var metric in arm.Metrics)
            {
                table.AddRow(
                    metric.Name.Replace('_', ' '), Number(metric.Value), Range(metric.Interval, Number),
                    metric.Lift is { } lift ? Percent(lift.Lift) : "", metric.Lift is { } known ? Range(known.FixedLift, Percent) : "");
            }

            console.Write(table);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Days} days of visits, seed {report.Seed}, {report.Seconds:0.0} s."));
    }

    private static JsonNode ArmOf(SimulatedArm arm) => new JsonObject
    {
        ["arm"] = arm.Name,
        ["shoppers"] = arm.Shoppers,
        ["sessions"] = arm.Sessions,
        ["lists"] = arm.Lists,
        ["impressions"] = arm.Impressions,
        ["clicks"] = arm.Clicks,
        ["views"] = arm.Views,
        ["carts"] = arm.Carts,
        ["purchases"] = arm.Purchases,
        ["revenue"] = Math.Round(arm.Revenue, 2),
        ["metrics"] = new JsonObject(arm.Metrics.Select(metric => KeyValuePair.Create(metric.Name, (JsonNode?)MetricOf(metric)))),
    };

    private static JsonObject MetricOf(SimulatedMetric metric)
    {
        var json = new JsonObject { ["value"] = metric.Value, ["low"] = Finite(metric.Interval.Low), ["high"] = Finite(metric.Interval.High) };
        if (metric.Lift is not { } lift) return json;
        json["lift"] = Finite(lift.Lift);
        json["lift_low"] = Finite(lift.FixedLift.Low);
        json["lift_high"] = Finite(lift.FixedLift.High);
        json["p"] = lift.FixedProbability;
        json["variance_reduction"] = lift.VarianceReduction;
        return json;
    }

    private static JsonNode? Finite(double number) => double.IsFinite(number) ? JsonValue.Create(number) : null;

    private static string Range(Interval interval, Func<double, string> write) =>
        double.IsFinite(interval.Low) && double.IsFinite(interval.High) ? $"{write(interval.Low)} … {write(interval.High)}" : "not known";

    private static string Number(double number) => number.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Percent(double share) => double.IsFinite(share) ? (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) + " %" : "–";
}
