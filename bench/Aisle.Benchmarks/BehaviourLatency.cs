using System.Diagnostics;
using System.Globalization;
using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Benchmarks;

/// <summary>One shopper asked of the large behaviour model on one core: a whole history, and one more event of a watched one.</summary>
internal static class BehaviourLatency
{
    private const int Events = 200;
    private const int Runs = 300;

    public static void Print(int items, TextWriter output)
    {
        // What the weights are does not matter to the time: one epoch on few sequences that hold every item.
        var random = new Random(1);
        var rows = Enumerable.Range(0, (items / 50) + 1).Select(row => Enumerable.Range(0, 50).Select(i => Math.Min(items - 1, (row * 50) + i)).ToArray()).ToList();
        var options = $$"""{"epochs":1,"length":{{Events}},"dimensions":64,"blocks":2,"batchSize":4096}""";
        var model = (BehaviourTransformerModel)Trainers.Create(BehaviourTransformerTrainer.ModelName, options).Fit(new Dataset(Sequences.From(items, rows)), new FitContext { Threads = 2 });
        int[] history = [.. Enumerable.Range(0, Events).Select(_ => random.Next(items))];
        var scores = new float[items];
        var session = model.Watch();
        foreach (var item in history) session.Add(item, null, 60);

        var asked = 0;
        int[][] others = [.. Enumerable.Range(0, Runs + 50).Select(_ => Enumerable.Range(0, Events - 60).Select(_ => random.Next(items)).ToArray())];
        Time("a history of 140 events for the first time, all items scored", () => model.ScoreHistory(new History(others[asked++ % others.Length]), scores));
        int[] growing = [.. others[^1], .. Enumerable.Range(0, 60).Select(_ => random.Next(items))];
        Time("the same history again, all items scored", () => model.ScoreHistory(new History(others[^1]), scores));
        var length = others[^1].Length;
        Time("one more event each time, all items scored", () => model.ScoreHistory(new History(growing.AsSpan(0, length = length == growing.Length ? others[^1].Length : length + 1)), scores));
        Time("whole history, all items scored", () =>
        {
            history[0] = random.Next(items);
            model.ScoreHistory(new History(history), scores);
        });
        Time("whole history, state alone", () => model.StateOf(new History(history), new float[model.StateLength]));
        Time("one more event", () => session.Add(random.Next(items), null, 60));
        Time("all items scored", () => session.Score(scores));

        void Time(string what, Action work)
        {
            var times = new double[Runs];
            var processor = TimeSpan.Zero;
            for (var run = -50; run < Runs; run++)
            {
                if (run == 0) processor = Environment.CpuUsage.TotalTime;
                var started = Stopwatch.GetTimestamp();
                work();
                if (run >= 0) times[run] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            }

            var used = (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds / Runs;
            Array.Sort(times);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: median {times[Runs / 2]:F3} ms, p95 {times[Runs * 95 / 100]:F3} ms, {used:F3} ms of processor time"));
        }
    }
}
