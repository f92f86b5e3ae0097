using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class BehaviourTransformerTests : ModelContract
{
    private static readonly BehaviourTransformerOptions Small = new() { Dimensions = 16, Blocks = 1, Length = 32, Epochs = 30, BatchSize = 8, LearningRate = 0.01 };

    private protected override ITrainer Trainer { get; } = new BehaviourTransformerTrainer(Small);

    private protected override string OptionsJson =>
        """{"dimensions":32,"blocks":3,"heads":4,"length":20,"dropRate":0.3,"itemDropRate":0.2,"minimumItems":3,"maximumTerms":500,"kindWeight":0.5,"negatives":9,"drawExponent":0.5,"temperature":0.2,"epochs":3,"patience":2,"batchSize":16,"learningRate":0.01,"weightDecay":0.1,"seed":9}""";

    private protected override bool ExplanationsAddUp => false;

    private protected override Dataset DataOf(Interactions interactions) => OrderedData.Shuffled(interactions);

    [Fact]
    public void Fit_CosinesAndDrawnItems_LearnsTheOrderAndSurvivesSaving()
    {
        int[][] rows = [.. Enumerable.Range(0, 100).Select(row => Enumerable.Range(0, 6).Select(i => (row + i) % 20).ToArray())];
        var model = new BehaviourTransformerTrainer(Small with { Temperature = 0.1, Negatives = 8, DrawExponent = 0.5, DropRate = 0 }).Fit(OrderedData.Of(20, rows), new FitContext { Threads = 2 });
        var scores = Folded(model, [7, 8, 9], []);
        Array.IndexOf(scores, scores.Max()).ShouldBe(10);
        scores.ShouldAllBe(score => Math.Abs(score) <= 10.001f);
        using var saved = new MemoryStream();
        model.Save(saved);
        saved.Position = 0;
        Folded(Trainers.Load(BehaviourTransformerTrainer.ModelName, saved), [7, 8, 9], []).ShouldBe(scores);
    }

    [Fact]
    public void Watch_EventByEvent_GivesTheStateOfTheWholeHistory()
    {
        var model = Told(blocks: 2);
        int[] items = [3, 1, 4, 1, 5, 9, 2, 6];
        byte[] kinds = [0, 0, 1, 0, 0, 1, 0, 1];
        float[] ages = [9, 8.5f, 8.4f, 5, 3, 2, 0.5f, 0];
        var session = model.Watch();
        for (var i = 0; i < items.Length; i++) session.Add(items[i], kinds[i], i == 0 ? null : (ages[i - 1] - ages[i]) * 86_400.0);
        var state = new float[model.StateLength];
        model.StateOf(new History(items, default, ages, kinds), state);
        for (var i = 0; i < state.Length; i++) session.State[i].ShouldBe(state[i], 1e-4f);

        var (whole, stepwise) = (new float[model.Items], new float[model.Items]);
        model.ScoreHistory(new History(items, default, ages, kinds), whole);
        session.Score(stepwise);
        for (var i = 0; i < 11; i++) stepwise[i].ShouldBe(whole[i], 1e-3f);
        stepwise[11].ShouldBe(float.NegativeInfinity, "nothing is known of it");
    }

    [Fact]
    public void Watch_MoreEventsThanAreRead_GoesOn()
    {
        var model = Told();
        var session = model.Watch();
        for (var i = 0; i < 100; i++) session.Add(i % 10, 0, 60);
        session.State.ToArray().ShouldAllBe(value => float.IsFinite(value));
        Should.Throw<ArgumentException>(() => session.Add(999)).Message.ShouldContain("item 999");
    }

    [Fact]
    public void ScoreHistory_ProductThatNobodyTouched_IsKnownByItsContent()
    {
        // Item 10 shares its word with the even ones and was never touched; 11 says nothing.
        var scores = Folded(Told(), [0, 2, 4], []);
        scores[10].ShouldBeGreaterThan(new[] { 1, 3, 5, 7, 9 }.Max(item => scores[item]));
        scores[11].ShouldBe(float.NegativeInfinity);
    }

    [Fact]
    public void ProbabilityOfKind_BuyersAndViewers_TellsThemApart()
    {
        var model = Told();
        var probabilities = new float[2];
        model.ProbabilityOfKind(new History([0, 2], default, default, [1, 1]), 1, [4, 6], probabilities);
        probabilities.ShouldAllBe(probability => probability > 0.8f && probability <= 1f);
        model.ProbabilityOfKind(new History([1, 3], default, default, [0, 0]), 1, [5, 7], probabilities);
        probabilities.ShouldAllBe(probability => probability < 0.2f && probability >= 0f);
        Should.Throw<ArgumentException>(() => model.ProbabilityOfKind(new History([0]), 2, [1], new float[1])).Message.ShouldContain("0 to 1");
    }

    [Fact]
    public void GapOf_Seconds_GrowsByOrdersOfMagnitude()
    {
        BehaviourBatch.GapOf(-1).ShouldBe(0);
        BehaviourBatch.GapOf(0).ShouldBe(1);
        BehaviourBatch.GapOf(59).ShouldBe(1);
        BehaviourBatch.GapOf(60).ShouldBe(2);
        BehaviourBatch.GapOf(3_600).ShouldBe(6);
        BehaviourBatch.GapOf(1e12).ShouldBe(BehaviourBatch.GapCount - 1);
    }

    /// <summary>Shoppers of even items, which they buy, and of odd ones, which they view; each side shares a word.</summary>
    private static BehaviourTransformerModel Told(int blocks = 1)
    {
        var rows = new List<int[]>();
        for (var user = 0; user < 40; user++)
            rows.Add([.. Enumerable.Range(0, 6).Select(i => ((((user * 7) + (i * 3)) % 5) * 2) + (user % 2))]);
        var events = Sequences.From(
            12,
            rows,
            [.. rows.Select((row, user) => row.Select((_, i) => 1_000_000L + (user * 1000) + (i * 3_600)).ToArray())],
            [.. rows.Select(row => row.Select(item => (byte)(item % 2 == 0 ? 1 : 0)).ToArray())]);
        var data = new Dataset(events) { ItemTexts = [.. Enumerable.Range(0, 12).Select(item => item == 11 ? "" : item % 2 == 0 ? "kettle" : "teacup")] };
        return (BehaviourTransformerModel)new BehaviourTransformerTrainer(Small with { Blocks = blocks, ItemDropRate = 0.3, Epochs = 40 }).Fit(data, new FitContext { Threads = 1 });
    }
}
