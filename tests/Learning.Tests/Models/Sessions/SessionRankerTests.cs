using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class SessionRankerTests : ModelContract
{
    private const int Pairs = 20;

    private const int Others = 40;

    /// <summary>
    /// Where a session begins with one of the other items, its twin follows; where it begins with the first of a pair, one of the others comes between and
    /// then the second of the pair: what comes third is told by the event before the last, which counts alone do not know.
    /// </summary>
    private static readonly Dataset Interrupted = OrderedData.Of((2 * Pairs) + (2 * Others), [.. InterruptedRows(seed: 5, rows: 3000).SelectMany(row => new[] { row, [row[1], row[1] + Others] })]);

    private static readonly IModel Learned = Fit(Interrupted);

    private protected override ITrainer Trainer { get; } = new SessionRankerTrainer();

    private protected override string OptionsJson => """{"candidates":30,"leaves":15,"learningRate":0.1}""";

    /// <summary>Trees have no sum over events.</summary>
    private protected override bool ExplanationsAddUp => false;

    private protected override Dataset DataOf(Interactions interactions) => OrderedData.Shuffled(interactions);

    [Fact]
    public void Score_WhatFollowsTheEventBeforeTheLast_IsLearned()
    {
        var blend = new SessionBlendTrainer().Fit(Interrupted, new FitContext { Threads = 1 });
        int learned = 0, blended = 0;
        foreach (var row in InterruptedRows(seed: 6, rows: 200))
        {
            learned += Best(Folded(Learned, row[..2], []), row.AsSpan(0, 2)) == row[2] ? 1 : 0;
            blended += Best(Folded(blend, row[..2], []), row.AsSpan(0, 2)) == row[2] ? 1 : 0;
        }

        learned.ShouldBeGreaterThan(190);
        blended.ShouldBeLessThan(20);
        var importance = ((SessionRankerModel)Learned).Importance;
        importance.Count.ShouldBe(SessionFeatures.Schema.Count);
        importance.Single(feature => feature.Feature == "after.second").Gain.ShouldBeGreaterThan(0);
    }

    /// <summary>Fifty shoppers who come again and again: with times the latest events are put away, and what they did before is counted; nobody's sequence is whole.</summary>
    [Fact]
    public void Score_ShoppersWhoComeAgain_IsLearnedFromTheirLatestEvents()
    {
        const int Shoppers = 50;
        var visits = InterruptedRows(seed: 5, rows: 3000).SelectMany(row => new[] { row, [row[1], row[1] + Others] }).ToArray();
        var rows = Enumerable.Range(0, Shoppers).Select(shopper => visits.Where((_, visit) => visit % Shoppers == shopper).SelectMany(visit => visit).ToArray()).ToArray();
        var times = rows.Select(row => Enumerable.Range(0, row.Length).Select(place => 1_700_000_000L + (place * 3600L)).ToArray()).ToArray();
        var model = (SessionRankerModel)Fit(new Dataset(Sequences.From((2 * Pairs) + (2 * Others), rows, times)));
        model.Importance.ShouldNotBeEmpty();
        var found = InterruptedRows(seed: 6, rows: 200).Count(row => Best(Folded(model, row[..2], []), row.AsSpan(0, 2)) == row[2]);
        found.ShouldBeGreaterThan(150);
    }

    [Fact]
    public void SaveAndLoad_WithTrees_ScoresTheSame()
    {
        var loaded = Reloaded(Learned);
        foreach (var row in InterruptedRows(seed: 7, rows: 20)) Folded(loaded, row[..2], []).ShouldBe(Folded(Learned, row[..2], []));
        Saved(loaded).ShouldBe(Saved(Learned));
        ((SessionRankerModel)loaded).Importance.ShouldBe(((SessionRankerModel)Learned).Importance);
    }

    [Fact]
    public void Fit_WithTrees_IsTheSameOnAnyNumberOfThreads() => Saved(new SessionRankerTrainer().Fit(Interrupted, new FitContext { Threads = 3 })).ShouldBe(Saved(Learned));

    [Fact]
    public void Score_Candidates_StandAboveAllOthers()
    {
        var few = Fit(Interrupted, new SessionRankerOptions { Candidates = 5 });
        var scores = Folded(few, [0, 50], []);
        scores.Count(score => score >= 1f).ShouldBe(5);
        scores.Count(float.IsFinite).ShouldBeGreaterThan(5);
    }

    [Fact]
    public void Fit_TooFewSequencesToLearnFrom_RanksAsTheBlend()
    {
        var data = OrderedData.Of(20, OrderedData.Random(seed: 12, rows: 80, items: 20, longest: 7));
        var model = Fit(data);
        Folded(model, [3, 5], []).ShouldBe(Folded(new SessionBlendTrainer().Fit(data, new FitContext { Threads = 1 }), [3, 5], []));
        ((SessionRankerModel)model).Importance.ShouldBeEmpty();
    }

    [Fact]
    public void Update_NewSessions_AreCountedAndTheTreesStay()
    {
        var items = Interrupted.Interactions.Items + 1;
        var rows = Enumerable.Repeat(0, 6000).Select(_ => Array.Empty<int>()).Concat(Enumerable.Range(0, 60).Select(i => new[] { 0, (2 * Pairs) + (i % Others), items - 1 }));
        var updated = ((IUpdatable)Learned).Update(OrderedData.Of(items, [.. rows]), new FitContext { Threads = 1 });
        updated.Users.ShouldBe(6060);
        Folded(updated, [0, 2 * Pairs], [])[items - 1].ShouldBeGreaterThan(1f, "the new item is a candidate");
        Best(Folded(updated, [2, 2 * Pairs], []), [2, 2 * Pairs]).ShouldBe(3, "what was learned goes on");
        ((SessionRankerModel)updated).Importance.ShouldBe(((SessionRankerModel)Learned).Importance);
    }

    [Theory]
    [InlineData("""{"candidates":1}""", "5 to 1000")]
    [InlineData("""{"heldOutShare":0.9}""", "0.01 to 0.5")]
    [InlineData("""{"cases":1}""", "100 to 1000000")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string allowed) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("session-ranker", json)).Message.ShouldContain(allowed);

    private static IModel Fit(Dataset data, SessionRankerOptions? options = null) => new SessionRankerTrainer(options).Fit(data, new FitContext { Threads = 1 });

    private static int[][] InterruptedRows(int seed, int rows)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ =>
        {
            var pair = random.Next(Pairs);
            return new[] { 2 * pair, (2 * Pairs) + random.Next(Others), (2 * pair) + 1 };
        })];
    }
}
