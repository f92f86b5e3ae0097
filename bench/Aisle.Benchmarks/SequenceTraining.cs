using System.Diagnostics;
using System.Globalization;
using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Benchmarks;

/// <summary>How long an epoch of a model of sequences takes, to be run beside a peer on the same file.</summary>
internal static class SequenceTraining
{
    /// <param name="path">A line per user, "user item item …" in time order; the last two items are left out, as the peers do.</param>
    public static void Print(string path, int threads, string model, string options, TextWriter output)
    {
        var rows = File.ReadLines(path).Select(line => line.Split(' ').Skip(1).Select(item => int.Parse(item, CultureInfo.InvariantCulture)).ToArray()).ToList();
        var items = rows.Max(row => row.Max()) + 1;
        var data = new Dataset(Sequences.From(items, rows.ConvertAll(row => row.Length > 3 ? row[..^2] : [])));
        var clock = Stopwatch.StartNew();
        var last = 0.0;
        var trainer = Trainers.Create(model, options);
        trainer.Fit(data, new FitContext
        {
            Threads = threads,
            Progress = new Immediate(step =>
            {
                var now = clock.Elapsed.TotalSeconds;
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"epoch {step.Step}: {now - last:F1} s, loss {step.Loss:F4}"));
                last = now;
            }),
        });
    }

    /// <summary><see cref="Progress{T}"/> would report later, from another thread.</summary>
    private sealed class Immediate(Action<TrainingStep> report) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => report(value);
    }
}
