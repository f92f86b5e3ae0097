using System.Diagnostics;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aisle.Engine.Cleaning;
using Spectre.Console;

namespace Aisle.Cli.Commands;

/// <summary>The report of <c>aisle import</c> as a table for people or JSON for programs.</summary>
internal static class ImportOutput
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteJson(ImportReport report, TextWriter output)
    {
        var json = new JsonObject
        {
            ["format"] = report.Format,
            ["rows_read"] = report.RowsRead,
            ["events_stored"] = report.EventsStored,
            ["duplicates"] = report.Duplicates,
            ["repeated_rows"] = report.RepeatedRows,
            ["known_events"] = report.KnownEvents,
            ["users"] = report.Users,
            ["items"] = report.Items,
            ["items_changed"] = report.ItemsChanged,
            ["rejected"] = Counts(report.Rejected),
            ["found"] = Counts(report.Found),
            ["rejects_file"] = report.RejectsPath,
            ["seconds"] = Math.Round(report.Seconds, 3),
            ["peak_memory_mb"] = Math.Round(PeakMemoryMegabytes(), 1),
        };
        output.WriteLine(json.ToJsonString(Readable));
    }

    public static void WriteTable(ImportReport report, TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        var table = new Table().Border(TableBorder.Rounded).AddColumn("rows").AddColumn(new TableColumn("count").RightAligned()).AddColumn("");
        Row(table, "read", report.RowsRead, "");
        Row(table, "stored as events", report.EventsStored, "");
        Row(table, "duplicates", report.Duplicates, $"{Number(report.RepeatedRows)} repeat a row of the file, {Number(report.KnownEvents)} were stored already, by an earlier row or before");
        foreach (var (reason, count) in report.Rejected) Row(table, "left out", count, reason);
        foreach (var (what, count) in report.Found) Row(table, "noticed", count, what.Replace('_', ' '));
        console.Write(table);

        var speed = report.Seconds > 0 ? report.RowsRead / report.Seconds : 0;
        output.WriteLine(
            $"{Number(report.Users)} users, {Number(report.Items)} items ({Number(report.ItemsChanged)} added or changed in the catalogue); "
            + $"{report.Seconds.ToString("0.0", CultureInfo.InvariantCulture)} s, {Number((long)speed)} rows/s, {Number((long)PeakMemoryMegabytes())} MB.");
        if (report.RejectsPath is { } path && report.Rejected.Count > 0) output.WriteLine($"Rows left out, with line and reason: {path}");
    }

    private static void Row(Table table, string what, long count, string remark) => table.AddRow(Markup.Escape(what), Number(count), Markup.Escape(remark));

    private static JsonObject Counts(IReadOnlyDictionary<string, long> counts)
    {
        var json = new JsonObject();
        foreach (var (name, count) in counts) json[name] = count;
        return json;
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static double PeakMemoryMegabytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / 1048576.0;
    }
}
