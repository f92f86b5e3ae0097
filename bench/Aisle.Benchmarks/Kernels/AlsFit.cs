using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Benchmarks.Kernels;

/// <summary>Times repeated fits of one model on a split in the LightGCN layout: wall clock, and processor time for judging a disturbed run.</summary>
internal static class AlsFit
{
    public static void Print(string folder, int threads, int runs, string model, string optionsJson, TextWriter output)
    {
        using var train = File.OpenText(Path.Combine(folder, "train.txt"));
        using var test = File.OpenText(Path.Combine(folder, "test.txt"));
        var split = SplitFormats.Find("lightgcn").Read(new SplitTexts(new NamedText("train.txt", train), Test: new NamedText("test.txt", test)));
        var trainer = Trainers.Create(model, optionsJson);
        output.WriteLine($"{model} {JsonSerializer.Serialize(trainer.Options)}, {threads} threads");
        var seconds = new List<double>();
        for (var run = 0; run < runs; run++)
        {
            var cpu = Environment.CpuUsage.TotalTime;
            var start = Stopwatch.GetTimestamp();
            trainer.Fit(split.Train, new FitContext { Threads = threads });
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"fit {seconds[^1]:0.00} s, processor {(Environment.CpuUsage.TotalTime - cpu).TotalSeconds:0.00} s"));
        }

        seconds.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median {seconds[seconds.Count / 2]:0.00} s, best {seconds[0]:0.00} s"));
    }
}
