using System.Diagnostics;
using System.Globalization;

namespace Aisle.Hosts.Tests.Cli;

/// <summary>Runs the built <c>aisle</c> as users do: a process with its own standard streams.</summary>
internal static class AisleProcess
{
    // From its own folder: beside the tests lie the libraries of the server, too.
    private static readonly string Program = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Aisle.Cli", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "aisle.dll"));

    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => StartAsync("dotnet", [Program, .. arguments]);

    /// <summary>As many processes as asked for, also as root and with more of them than cores.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunUnderMpiAsync(int processes, params string[] arguments) =>
        StartAsync("mpirun", ["--allow-run-as-root", "--oversubscribe", "-n", processes.ToString(CultureInfo.InvariantCulture), "dotnet", Program, .. arguments]);

    private static async Task<(int ExitCode, string Output, string Error)> StartAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
