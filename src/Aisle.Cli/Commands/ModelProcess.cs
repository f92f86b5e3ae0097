using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Aisle.Cli.Commands;

/// <summary>What became of one model.</summary>
/// <param name="Result">As <c>aisle evaluate --json</c> prints it; null where there is none.</param>
/// <param name="Failure">Why there is none.</param>
internal sealed record ModelOutcome(string Model, JsonObject? Result, string? Failure);

/// <summary>Runs <c>aisle evaluate</c> in a process of its own, so that its peak memory is that of one model, and holds it to limits.</summary>
/// <param name="Seconds">Of the whole process.</param>
/// <param name="Megabytes">Of its memory; the process is told, so that a model that knows what it needs refuses before it starts.</param>
/// <param name="Clock">Which the seconds are counted by.</param>
internal sealed record ModelProcess(double Seconds, double Megabytes, TimeProvider Clock)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    public async Task<ModelOutcome> RunAsync(string model, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        using var process = Process.Start(this.Command(["evaluate", "--model", model, "--json", .. arguments]))!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        var over = await this.WatchAsync(process, cancellation);
        var (printed, said) = (await output, await error);
        if (over is not null) return new ModelOutcome(model, null, over);
        if (process.ExitCode == 0 && JsonNode.Parse(printed) is JsonArray { Count: 1 } array) return new ModelOutcome(model, array[0]!.AsObject(), null);
        return new ModelOutcome(model, null, Reason(said, process.ExitCode));
    }

    /// <returns>The limit that it went over; null where it ended by itself.</returns>
    private async Task<string?> WatchAsync(Process process, CancellationToken cancellation)
    {
        var start = this.Clock.GetTimestamp();
        try
        {
            while (!process.HasExited)
            {
                if (this.Clock.GetElapsedTime(start).TotalSeconds > this.Seconds) return Stop(process, string.Create(CultureInfo.InvariantCulture, $"stopped after {this.Seconds:0.###} s, the limit"));
                process.Refresh();
                if (!process.HasExited && process.WorkingSet64 / 1048576.0 > this.Megabytes) return Stop(process, string.Create(CultureInfo.InvariantCulture, $"stopped at {this.Megabytes:0} MB, the limit"));
                await Task.WhenAny(process.WaitForExitAsync(cancellation), Task.Delay(LookAgain, this.Clock, cancellation));
                cancellation.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
            Stop(process, "");
            throw;
        }

        return null;
    }

    private static string Stop(Process process, string reason)
    {
        process.Kill(entireProcessTree: true);
        return reason;
    }

    private ProcessStartInfo Command(IEnumerable<string> arguments)
    {
        // Under `dotnet aisle.dll` this process is dotnet, which needs the program's name first.
        var program = typeof(ModelProcess).Assembly.Location;
        var host = Environment.ProcessPath!;
        var isDotnet = string.Equals(Path.GetFileNameWithoutExtension(host), "dotnet", StringComparison.OrdinalIgnoreCase);
        var start = new ProcessStartInfo(host) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in isDotnet ? arguments.Prepend(program) : arguments) start.ArgumentList.Add(argument);
        start.Environment["DOTNET_GCHeapHardLimit"] = ((long)(this.Megabytes * 1048576)).ToString("X", CultureInfo.InvariantCulture);
        return start;
    }

    /// <summary>The last line that says something: a command ends with its reason.</summary>
    private static string Reason(string error, int exitCode)
    {
        var lines = error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var memory = Array.Find(lines, line => line.Contains("OutOfMemoryException", StringComparison.Ordinal));
        return memory is not null ? "needs more memory than the limit" : lines.Length > 0 ? lines[^1] : $"ended with code {exitCode}";
    }
}
