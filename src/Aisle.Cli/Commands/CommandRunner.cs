using System.CommandLine;
using Aisle.Engine.Cleaning;
using Aisle.Engine.Simulation;
using Aisle.Engine.Storage;

namespace Aisle.Cli.Commands;

/// <summary>A call that cannot be carried out as given; the message names what is allowed.</summary>
internal sealed class WrongCallException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Runs a command and turns its outcome into the exit code: 0 success, 1 a failed run, 2 a wrong call.</summary>
internal static class CommandRunner
{
    public const int Success = 0;
    public const int Failed = 1;
    public const int WrongCall = 2;

    /// <summary>How long a command may take to end in order after Ctrl+C.</summary>
    private static readonly TimeSpan EndInOrder = TimeSpan.FromSeconds(10);

    /// <param name="output">Results.</param>
    /// <param name="error">Progress and what went wrong, a line each.</param>
    public static async Task<int> RunAsync(RootCommand root, string[] args, TextWriter output, TextWriter error)
    {
        var call = root.Parse(args);
        if (call.Errors.Count > 0)
        {
            foreach (var wrong in call.Errors) await error.WriteLineAsync(wrong.Message);
            return WrongCall;
        }

        try
        {
            return await call.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = EndInOrder,
                Output = output,
                Error = error,
            });
        }
        catch (Exception failure) when (IsForeseen(failure))
        {
            await error.WriteLineAsync(MessageOf(failure));
            return CodeOf(failure);
        }
    }

    public static int CodeOf(Exception failure) => failure is WrongCallException ? WrongCall : Failed;

    /// <summary>What went wrong, in a line; with its place in the program only where that must be mended there.</summary>
    public static string MessageOf(Exception failure) => failure is OperationCanceledException ? "Cancelled." : IsForeseen(failure) ? failure.Message : failure.ToString();

    private static bool IsForeseen(Exception failure) => failure is WrongCallException or OperationCanceledException
        or ImportException or SimulationException or StoreException or IOException or FormatException or InvalidDataException or ArgumentException or UnauthorizedAccessException;
}
