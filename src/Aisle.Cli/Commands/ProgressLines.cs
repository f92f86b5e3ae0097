using Aisle.Learning.Models;

namespace Aisle.Cli.Commands;

/// <summary>Prints the first and last step of a fit and every tenth of the way between: readable on a terminal and in a log.</summary>
internal sealed class ProgressLines(TextWriter output) : IProgress<TrainingStep>
{
    private int _tenths = -1;

    public void Report(TrainingStep value)
    {
        var tenths = 10 * value.Step / value.Steps;
        if (tenths == this._tenths) return;
        this._tenths = tenths;
        var loss = value.Loss is { } known ? FormattableString.Invariant($", loss {known:F6}") : "";
        output.WriteLine($"{value.Model}: {value.Stage} {value.Step} of {value.Steps}{loss}");
    }
}
