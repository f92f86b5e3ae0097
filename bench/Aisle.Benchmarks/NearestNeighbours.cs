using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Aisle.Learning.Index;

namespace Aisle.Benchmarks;

/// <summary>
/// The nearest-neighbour index on the vectors, queries and true neighbours that bench/peers/nearest_hnswlib.cpp wrote into a folder; searches by one
/// thread. The first round of each search warms caches and compiler and is not told. Rates are by processor time, as the peer's are: the machine
/// may be shared.
/// </summary>
internal static class NearestNeighbours
{
    private const int Dimensions = 64;
    private const int Places = 10;

    public static int Run(string[] args, TextWriter output)
    {
        switch (args)
        {
            case ["build", var folder, var count, var threads, "bytes" or "floats"]:
                Build(folder, Whole(count), Whole(threads), args[4] == "bytes", output);
                return 0;
            case ["search", var folder, .. var efs]:
                Search(folder, [.. efs.Select(Whole)], output);
                return 0;
            case ["scan", var folder, var count]:
                ScanAll(folder, Whole(count), output);
                return 0;
            case ["crossover", var folder, .. var counts]:
                Crossover(folder, [.. counts.Select(Whole)], output);
                return 0;
            case ["allowed", var folder, .. var shares]:
                Allowed(folder, [.. shares.Select(share => double.Parse(share, CultureInfo.InvariantCulture))], output);
                return 0;
            default:
                output.WriteLine("usage: nearest-neighbours build FOLDER COUNT THREADS bytes|floats | search FOLDER EF… | scan FOLDER COUNT | crossover FOLDER COUNT… | allowed FOLDER SHARE…");
                return 2;
        }
    }

    private static void Build(string folder, int count, int threads, bool byBytes, TextWriter output)
    {
        var vectors = Read<float>(folder, "vectors.f32", count * Dimensions);
        var index = new HnswIndex(VectorMeasure.InnerProduct, Dimensions, new HnswOptions { WalkByBytes = byBytes });
        var (start, processor) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        index.SetMany(Enumerable.Range(0, count).ToArray(), vectors, threads);
        Line(output, $"aisle build {count} vectors, {threads} threads, by {(byBytes ? "bytes" : "floats")}: {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, {(Environment.CpuUsage.TotalTime - processor).TotalSeconds:0.0} s of processor time");
        using var file = File.Create(Path.Combine(folder, "aisle.index"));
        index.Save(file);
    }

    private static void Search(string folder, int[] efs, TextWriter output)
    {
        var index = Load(folder, output);
        var (queries, truth) = (Read<float>(folder, "queries.f32", 0), Read<int>(folder, "truth.i32", 0));
        foreach (var round in new[] { "warm", "aisle" })
        {
            foreach (var ef in efs)
            {
                index.EfSearch = ef;
                var (recall, seconds) = Measure(index, queries, truth, null);
                if (round == "aisle") Line(output, $"aisle ef {ef}: recall@10 {recall:0.0000}, {queries.Length / Dimensions / seconds:0} queries/s on 1 thread");
            }
        }
    }

    private static void ScanAll(string folder, int count, TextWriter output)
    {
        var vectors = Read<float>(folder, "vectors.f32", count * Dimensions);
        var (queries, truth) = (Read<float>(folder, "queries.f32", 0), Read<int>(folder, "truth.i32", 0));
        foreach (var asBytes in new[] { false, true })
        {
            var index = new ExactIndex(VectorMeasure.InnerProduct, Dimensions, asBytes);
            index.SetMany(Enumerable.Range(0, count).ToArray(), vectors);
            Measure(index, queries.AsSpan(0, 20 * Dimensions), truth, null);
            var (recall, seconds) = Measure(index, queries.AsSpan(0, 200 * Dimensions), truth, null);
            var (items, scores) = (new int[truth.Length], new float[truth.Length]);
            var start = Environment.CpuUsage.TotalTime;
            index.SearchMany(queries, items, scores);
            var together = (Environment.CpuUsage.TotalTime - start).TotalMilliseconds / (queries.Length / Dimensions);
            Line(output, $"scan of {count} as {(asBytes ? "bytes" : "floats")}: {seconds * 1e3 / 200:0.000} ms a query, {together:0.000} ms in a batch; recall@10 {recall:0.0000}");
        }
    }

    /// <summary>Walks at recall .95 and better beside scans, on the first so many vectors.</summary>
    private static void Crossover(string folder, int[] counts, TextWriter output)
    {
        var all = Read<float>(folder, "vectors.f32", counts.Max() * Dimensions);
        var queries = Read<float>(folder, "queries.f32", 0);
        foreach (var count in counts)
        {
            var items = Enumerable.Range(0, count).ToArray();
            var exact = new ExactIndex(VectorMeasure.InnerProduct, Dimensions);
            exact.SetMany(items, all.AsMemory(0, count * Dimensions));
            var truth = new int[queries.Length / Dimensions * Places];
            exact.SearchMany(queries, truth, new float[truth.Length]);
            Measure(exact, queries, truth, null);
            var text = $"{count} vectors: scan {Micros(Measure(exact, queries, truth, null).Seconds, queries)} µs";
            var graph = new HnswIndex(VectorMeasure.InnerProduct, Dimensions);
            graph.SetMany(items, all.AsMemory(0, count * Dimensions), 2);
            foreach (var ef in new[] { 10, 16, 24, 32, 64 })
            {
                graph.EfSearch = ef;
                Measure(graph, queries, truth, null);
                var (recall, seconds) = Measure(graph, queries, truth, null);
                text += string.Create(CultureInfo.InvariantCulture, $"; ef {ef} {Micros(seconds, queries)} µs ({recall:0.000})");
            }

            output.WriteLine(text);
        }
    }

    /// <summary>Searches with sets drawn at random that hold a share of all items.</summary>
    private static void Allowed(string folder, double[] shares, TextWriter output)
    {
        var index = Load(folder, output);
        var vectors = Read<float>(folder, "vectors.f32", index.Count * Dimensions);
        var queries = Read<float>(folder, "queries.f32", 0)[..(100 * Dimensions)];
        var exact = new ExactIndex(VectorMeasure.InnerProduct, Dimensions);
        exact.SetMany(Enumerable.Range(0, index.Count).ToArray(), vectors);
        foreach (var share in shares)
        {
            var set = new ItemSet(index.Count);
            var random = new Random(1);
            for (var item = 0; item < index.Count; item++)
            {
                if (random.NextDouble() < share) set.Add(item);
            }

            var truth = new int[100 * Places];
            exact.SearchMany(queries, truth, new float[truth.Length], 1, set);
            Measure(exact, queries, truth, set);
            Measure(index, queries, truth, set);
            var scan = Measure(exact, queries, truth, set).Seconds;
            var (recall, seconds) = Measure(index, queries, truth, set);
            Line(output, $"{share:0.#####} allowed: scan {Micros(scan, queries)} µs, ef {index.EfSearch} {Micros(seconds, queries)} µs, recall@10 {recall:0.0000}");
        }
    }

    private static (double Recall, double Seconds) Measure(VectorIndex index, ReadOnlySpan<float> queries, int[] truth, ItemSet? allowed)
    {
        Span<int> items = stackalloc int[Places];
        Span<float> scores = stackalloc float[Places];
        var hits = 0;
        var count = queries.Length / Dimensions;
        var start = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < count; i++)
        {
            var found = index.Search(queries.Slice(i * Dimensions, Dimensions), items, scores, allowed);
            foreach (var item in items[..found]) hits += truth.AsSpan(i * Places, Places).Contains(item) ? 1 : 0;
        }

        return (hits / (double)(count * Places), (Environment.CpuUsage.TotalTime - start).TotalSeconds);
    }

    private static HnswIndex Load(string folder, TextWriter output)
    {
        using var file = File.OpenRead(Path.Combine(folder, "aisle.index"));
        var start = Stopwatch.GetTimestamp();
        var index = HnswIndex.Load(file);
        Line(output, $"loaded {index.Count} in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} s");
        return index;
    }

    /// <param name="count">Numbers from the start; 0 means all.</param>
    private static T[] Read<T>(string folder, string name, int count)
        where T : unmanaged
    {
        using var file = File.OpenRead(Path.Combine(folder, name));
        var values = new T[count == 0 ? (int)(file.Length / 4) : count];
        file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static string Micros(double seconds, float[] queries) => (seconds * 1e6 / (queries.Length / Dimensions)).ToString("0.0", CultureInfo.InvariantCulture);

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static void Line(TextWriter output, FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
