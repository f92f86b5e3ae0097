using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Benchmarks.Kernels;

/// <summary>Times repeated fits of one model on a split in the LightGCN layout, by wall clock, and processor time for judging a disturbed run; then single requests.</summary>
internal static class AlsFit
{
    /// <summary>Shoppers asked about one at a time after the last fit.</summary>
    private const int Requests = 200;

    public static void Print(string folder, int threads, int runs, string name, string optionsJson, TextWriter output)
    {
        using var train = File.OpenText(Path.Combine(folder, "train.txt"));
        using var test = File.OpenText(Path.Combine(folder, "test.txt"));
        var split = SplitFormats.Find("lightgcn").Read(new SplitTexts(new NamedText("train.txt", train), Test: new NamedText("test.txt", test)));
        var trainer = Trainers.Create(name, optionsJson);
        output.WriteLine($"{name} {JsonSerializer.Serialize(trainer.Options)}, {threads} threads");
        var seconds = new List<double>();
        IModel? model = null;
        for (var run = 0; run < runs; run++)
        {
            var cpu = Environment.CpuUsage.TotalTime;
            var start = Stopwatch.GetTimestamp();
            model = trainer.Fit(split.Train, new FitContext { Threads = threads });
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"fit {seconds[^1]:0.00} s, processor {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:0.00} s"));
        }

        seconds.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median {seconds[seconds.Count / 2]:0.00} s, best {seconds[0]:0.00} s"));
        if (model is not null) PrintRequests(model, split.Train.Interactions, output);
    }

    /// <summary>Every item scored for one shopper at a time, from their history, on one thread.</summary>
    private static void PrintRequests(IModel model, Interactions train, TextWriter output)
    {
        var scores = new float[train.Items];
        var milliseconds = new List<double>();
        for (var request = 0; request < Requests; request++)
        {
            var user = (int)((long)request * train.Users / Requests);
            var history = new History(train.ItemsOf(user), train.WeightsOf(user));
            var start = Stopwatch.GetTimestamp();
            model.ScoreHistory(history, scores);
            milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        milliseconds.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one shopper alone: median {milliseconds[Requests / 2]:0.00} ms, 99 of 100 within {milliseconds[Requests * 99 / 100]:0.00} ms"));
    }
}
