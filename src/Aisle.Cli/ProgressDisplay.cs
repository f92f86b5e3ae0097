using Spectre.Console;

namespace Aisle.Cli;

/// <summary>How far a command is.</summary>
/// <param name="Stage">What is being done.</param>
/// <param name="Fraction">Of the whole command, 0 to 1.</param>
internal readonly record struct ProgressStep(string Stage, double Fraction);

/// <summary>Shows progress on standard error: a live bar on a terminal, a line at each quarter on a pipe or in a log.</summary>
internal static class ProgressDisplay
{
    public static Task<T> ShowAsync<T>(Func<IProgress<ProgressStep>, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Profile.Out.IsTerminal && console.Profile.Capabilities.Ansi ? ShowBarAsync(console, work) : work(new MilestoneLines(Console.Error));
    }

    private static Task<T> ShowBarAsync<T>(IAnsiConsole console, Func<IProgress<ProgressStep>, Task<T>> work) =>
        console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context => await work(new Bar(context.AddTask("starting", maxValue: 1))));

    private sealed class Bar(ProgressTask task) : IProgress<ProgressStep>
    {
        public void Report(ProgressStep value)
        {
            task.Description = Markup.Escape(value.Stage);
            task.Value = value.Fraction;
        }
    }
}

/// <summary>Writes a line as each quarter is passed.</summary>
internal sealed class MilestoneLines(TextWriter output) : IProgress<ProgressStep>
{
    private const int Step = 25;

    private int _passed;

    public void Report(ProgressStep value)
    {
        var reached = (int)(Math.Clamp(value.Fraction, 0, 1) * 100) / Step * Step;
        if (reached <= this._passed) return;
        this._passed = reached;
        output.WriteLine($"{reached} % ({value.Stage})");
    }
}
