using System.Globalization;
using Aisle.Engine;
using Aisle.Learning.Index;
using Aisle.Learning.Kernels;
using Aisle.Learning.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aisle.Benchmarks;

/// <summary>
/// How near the best items that a serving personal model finds come to those of all its scores, on the shoppers of a trained store, and what each way costs;
/// and the same of the search over its factors, beside a graph over the same vectors.
/// </summary>
internal static class CandidateSearch
{
    private const int Shoppers = 300;
    private const int Places = 100;
    private const int First = 12;

    public static async Task PrintAsync(string store, TextWriter output)
    {
        await using var engine = EngineServices.Open(store, TimeProvider.System, NullLoggerFactory.Instance);
        var serving = engine.Models.Serving ?? throw new ArgumentException("The store has no serving model; train it first: aisle train.");
        var model = serving.For("personal")!;
        var histories = engine.Users.List(null, Shoppers)
            .Select(user => engine.Histories.Of(user.Id).Items.Select(entry => serving.IndexOf(entry.Item)).OfType<int>().ToArray())
            .Where(history => history.Length > 0).ToList();
        await output.WriteLineAsync($"{model.Name}, {model.Items} items, {histories.Count} shoppers");
        var (all, allTime) = Ask(histories, history => Best(model, history));
        Tell(output, "all scores", all, all, allTime);
        var (found, foundTime) = Ask(histories, history => Ranked(model, history));
        Tell(output, "best items", found, all, foundTime);
        Tell(output, "reasons of the first 12", all, all, Ask(histories, history => Explained(model, history)).Microseconds);
        foreach (var factors in Factors(model)) CompareGraph(factors, histories, output);
    }

    private static IEnumerable<FactorModel> Factors(IModel model) => model switch
    {
        FactorModel factors => [factors],
        EnsembleModel ensemble => ensemble.Members.Select(member => member.Model).OfType<FactorModel>(),
        _ => [],
    };

    private static void CompareGraph(FactorModel model, List<int[]> histories, TextWriter output)
    {
        var items = model.Parts.Items;
        int[] known = [.. Enumerable.Range(0, items.Rows).Where(item => items.Values(item).ContainsAnyExcept(0f))];
        var vectors = known.SelectMany(item => items.Values(item).ToArray()).ToArray();
        var (all, _) = Ask(histories, history => Best(model, history));
        var (scan, scanTime) = Ask(histories, history => Ranked(model, history));
        Tell(output, $"{model.Name}: bytes, long vectors first", scan, all, scanTime);
        var started = Environment.CpuUsage.TotalTime;
        var graph = new HnswIndex(VectorMeasure.InnerProduct, items.Dimensions);
        graph.SetMany(known, vectors, threads: 2);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model.Name}: a graph is built in {(Environment.CpuUsage.TotalTime - started).TotalSeconds:F0} s of processor time"));
        var (walked, walkTime) = Ask(histories, history =>
        {
            var places = new int[Places];
            return places[..graph.Search(model.FoldIn(new History(history)), places, new float[Places])];
        });
        Tell(output, $"{model.Name}: graph", walked, all, walkTime);
    }

    private static int[] Best(IModel model, int[] history)
    {
        var scores = new float[model.Items];
        model.ScoreHistory(new History(history), scores);
        var places = new int[Places];
        return places[..TopK.Select(scores, places, new float[Places])];
    }

    private static int[] Ranked(IModel model, int[] history)
    {
        var places = new int[Places];
        return places[..model.RankHistory(new History(history), places, new float[Places])];
    }

    private static int[] Explained(IModel model, int[] history)
    {
        model.Explain(new History(history), Enumerable.Range(0, First).ToArray(), new float[First * history.Length]);
        return [];
    }

    /// <summary>The last of three rounds counts: code is compiled by then.</summary>
    private static (List<int[]> Lists, double Microseconds) Ask(List<int[]> histories, Func<int[], int[]> ask)
    {
        var lists = new List<int[]>();
        var time = TimeSpan.Zero;
        for (var round = 0; round < 3; round++)
        {
            lists.Clear();
            var started = Environment.CpuUsage.TotalTime;
            foreach (var history in histories) lists.Add(ask(history));
            time = Environment.CpuUsage.TotalTime - started;
        }

        return (lists, time.TotalMicroseconds / histories.Count);
    }

    private static void Tell(TextWriter output, string way, List<int[]> lists, List<int[]> truth, double microseconds) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{way}: {microseconds:F0} µs of processor time; of the best {Places}, {Share(lists, truth, Places):F4} found, of the best {First}, {Share(lists, truth, First):F4}"));

    private static double Share(List<int[]> lists, List<int[]> truth, int places) =>
        lists.Zip(truth, (list, best) => best.Take(places).Intersect(list).Count() / (double)Math.Max(1, Math.Min(places, best.Length))).Average();
}
