using System.Diagnostics;
using System.Globalization;
using Aisle.Engine;
using Aisle.Engine.ChoicePoints;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aisle.Benchmarks;

/// <summary>What a rank of the choice API costs in the process, one caller: with the log on the disk (as served), 20 features an action.</summary>
internal static class ChoiceLatency
{
    private const int Features = 20;
    private const int WarmUp = 200;
    private const int Asked = 1000;

    public static async Task RunAsync(TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("aisle-choices-").FullName;
        try
        {
            await using var engine = EngineServices.Open(folder, TimeProvider.System, NullLoggerFactory.Instance);
            foreach (var (belief, rule) in new[] { ("counts", "thompson"), ("linear", "thompson"), ("linear", "optimistic"), ("shared-linear", "optimistic"), ("shared-linear", "thompson") })
            {
                foreach (var actions in new[] { 10, 50 }) await MeasureAsync(engine, belief, rule, actions, output);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(EngineServices engine, string belief, string rule, int actions, TextWriter output)
    {
        var name = $"{belief}-{rule}-{actions}";
        var features = string.Join(", ", Enumerable.Range(0, Features).Select(feature => $"f{feature}: number"));
        await engine.ChoicePoints.PublishAsync(
            $"choices: {{{name}: {{policy: {{belief: {belief}, rule: {rule}}}, learns: at-reward, features: {{{features}}}}}}}", null, engine.ChoicePoints.Version?.Version ?? 0, CancellationToken.None);
        var point = engine.ChoicePoints.Current.Find(name)!;
        var random = new Random(5);
        var times = new List<double>();
        for (var asked = 0; asked < WarmUp + Asked; asked++)
        {
            var question = Question(random, actions);
            var begun = Stopwatch.GetTimestamp();
            var record = await engine.Choices.RankAsync(point, question, 1, null, null, CancellationToken.None);
            if (asked >= WarmUp) times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            if (asked % 2 == 0) await engine.Choices.RewardAsync(point, record.Id, null, random.NextDouble() < 0.2 ? 1 : 0, CancellationToken.None);
        }

        times.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{belief} {rule}, {actions} actions: p50 {times[times.Count / 2]:F2} ms, p99 {times[times.Count * 99 / 100]:F2} ms"));
    }

    private static ChoiceQuestion Question(Random random, int actions) => new(
        new Dictionary<string, FeatureValue>(),
        [.. Enumerable.Range(0, actions).Select(action => new ChoiceAction($"action-{action}", Enumerable.Range(0, Features).ToDictionary(feature => $"f{feature}", _ => new FeatureValue((float)random.NextDouble(), null))))]);
}
