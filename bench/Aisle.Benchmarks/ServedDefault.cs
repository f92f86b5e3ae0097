using System.Diagnostics;
using System.Globalization;
using Aisle.Engine;
using Aisle.Engine.Training;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Models;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aisle.Benchmarks;

/// <summary>
/// Models on a store's events as a training run tries them: split at one moment, what shoppers took up anew in the latest tenth is to be found. A model
/// is <c>name</c>, <c>name@30</c> with a half-life in days, either followed by options as JSON. The first one is what the others are tested against.
/// </summary>
internal static class ServedDefault
{
    private const int ListLength = 10;
    private const double TestShare = 0.1;

    /// <param name="part">test: the split of a training run; validation: the same split made without the events of the test part, to choose options on.</param>
    public static async Task PrintAsync(string part, string store, int threads, string[] models, TextWriter output)
    {
        await using var engine = EngineServices.Open(store, TimeProvider.System, NullLoggerFactory.Instance);
        var split = Split(engine, part);
        var train = split.Train(null);
        var users = Enumerable.Range(0, train.Interactions.Users).Count(user => split.Validation.CountOf(user) > 0);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{part}, split at {split.At:u}: {train.Sequences!.Count} events before it, {users} shoppers with {split.Validation.Count} items to find"));
        float[]? first = null;
        foreach (var named in models)
        {
            var (trainer, halfLife) = Parse(named);
            var data = split.Train(halfLife);
            var started = Stopwatch.GetTimestamp();
            var model = trainer.Fit(data, new FitContext { Threads = threads });
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            var found = RankingEvaluator.Evaluate(model, data.Interactions, split.Validation, [ListLength], threads).Cutoffs[0];
            var (ndcg, recall) = (found.PerUser.Select(user => user.Ndcg).ToArray(), found.PerUser.Select(user => user.Recall).ToArray());
            var intervals = Bootstrap.Intervals([ndcg, recall], seed: 1, threads);
            var probability = first is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{PairedTest.Of(ndcg, first, seed: 1).Student:0.0000}");
            first ??= ndcg;
            var weights = model is EnsembleModel mixed ? $" {string.Join(" + ", mixed.Members.Select(member => string.Create(CultureInfo.InvariantCulture, $"{member.Model.Name} {member.Weight:0.00}")))}" : "";
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"| {named}{weights} | {found.Ndcg:0.0000} ({intervals[0].Low:0.0000}–{intervals[0].High:0.0000}) | {found.Recall:0.0000} ({intervals[1].Low:0.0000}–{intervals[1].High:0.0000}) | {found.Coverage:0.000} | {probability} | {seconds:0.0} |"));
        }
    }

    private static TrainingSplit Split(EngineServices engine, string part)
    {
        var last = engine.Events.LastSequence();
        var all = TrainingData.Read(engine.Events, engine.Catalogue, last, null, CancellationToken.None);
        var split = all.Split(TestShare);
        if (part == "test") return split;

        // Stores are filled in the order of time, or nearly: what has come by the moment of the test split is known by then.
        var known = engine.Events.Read().TakeWhile(stored => stored.Event.Time < split.At).Last().Sequence;
        return TrainingData.Read(engine.Events, engine.Catalogue, known, null, CancellationToken.None).Split(TestShare);
    }

    private static (ITrainer Trainer, double? HalfLife) Parse(string named)
    {
        var options = named.IndexOf('{', StringComparison.Ordinal);
        var name = (options < 0 ? named : named[..options]).Split('@');
        return (Trainers.Create(name[0], options < 0 ? null : named[options..]), name.Length > 1 ? double.Parse(name[1], CultureInfo.InvariantCulture) : null);
    }
}
