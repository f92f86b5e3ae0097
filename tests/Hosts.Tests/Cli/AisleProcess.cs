using System.Diagnostics;

namespace Aisle.Hosts.Tests.Cli;

/// <summary>Runs the built <c>aisle</c> as users do: a process with its own standard streams.</summary>
internal static class AisleProcess
{
    // From its own folder: beside the tests lie the libraries of the server, too.
    private static readonly string Program = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Aisle.Cli", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "aisle.dll"));

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Program);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
