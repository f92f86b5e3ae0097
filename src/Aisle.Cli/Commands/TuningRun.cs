using System.Diagnostics;
using Aisle.Learning.Tuning;

namespace Aisle.Cli.Commands;

/// <summary>Measures the trials of a plan one after another, and remembers each in a file as soon as it is finished.</summary>
internal sealed class TuningRun(TuningPlan plan, TuningObjective objective, string question, string stateFile, double? seconds)
{
    /// <param name="update">Told of all trials after each one, and before the first; the one under way is null between trials.</param>
    /// <returns>All finished trials, those of an earlier run included.</returns>
    public IReadOnlyList<Trial> Run(TimeProvider clock, Action<IReadOnlyList<Trial>, Trial?> update, CancellationToken cancellation)
    {
        var trials = File.Exists(stateFile) ? TuningState.FromJson(File.ReadAllText(stateFile), question).Trials.ToList() : [];
        var start = clock.GetTimestamp();
        update(trials, null);
        while (plan.Next(trials, objective.Defaults) is { } next)
        {
            if (seconds is { } limit && clock.GetElapsedTime(start).TotalSeconds >= limit) break;
            update(trials, next);
            trials.Add(this.Measure(next, cancellation));
            WriteWhole(stateFile, new TuningState(question, trials).ToJson());
            update(trials, null);
        }

        return trials;
    }

    private Trial Measure(Trial trial, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            var score = objective.Measure(trial.Options, trial.Budget, null, cancellation);
            return trial with { Score = score, Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidOperationException or ArithmeticException or OutOfMemoryException)
        {
            // Options that cannot be fitted are an answer, too: the search goes on elsewhere.
            return trial with { Failure = failure.Message, Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds };
        }
    }

    /// <summary>Writes beside the file and puts the new one in its place, so that whoever reads sees a whole file, even after a crash.</summary>
    public static void WriteWhole(string path, string text)
    {
        var fresh = $"{path}.new";
        File.WriteAllText(fresh, text);
        File.Move(fresh, path, overwrite: true);
    }
}
