using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class BehaviourTransformerTests : ModelContract
{
    private static readonly BehaviourTransformerOptions Small = new() { Dimensions = 16, Blocks = 1, Length = 32, Epochs = 30, BatchSize = 8, LearningRate = 0.01 };

    private protected override ITrainer Trainer { get; } = new BehaviourTransformerTrainer(Small);

    private protected override string OptionsJson =>
        """{"dimensions":32,"blocks":3,"heads":4,"length":20,"dropRate":0.3,"itemDropRate":0.2,"minimumItems":3,"maximumTerms":500,"kindWeight":0.5,"negatives":9,"drawExponent":0.5,"temperature":0.2,"ahead":7,"epochs":3,"patience":2,"batchSize":16,"learningRate":0.01,"weightDecay":0.1,"seed":9}""";

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
    public void ScoreHistory_EventsThatComeOneByOne_IsWhatAModelThatIsAskedOnceSays()
    {
        var model = Told(blocks: 2, length: 40);
        var random = new Random(4);
        int[] items = [.. Enumerable.Range(0, 60).Select(_ => random.Next(10))];
        byte[] kinds = [.. items.Select(_ => (byte)random.Next(2))];
        var scores = new float[model.Items];
        for (var count = 1; count <= items.Length; count++)
        {
            // The hour of asking moves on, and with it the last digits of ages.
            float[] ages = [.. Enumerable.Range(0, count).Select(place => ((items.Length - place) * 3.7f) + (count * 0.31f))];
            model.ScoreHistory(new History(items.AsSpan(0, count), default, ages, kinds.AsSpan(0, count)), scores);
            var state = new float[model.StateLength];
            model.StateOf(new History(items.AsSpan(0, count), default, ages, kinds.AsSpan(0, count)), state);
            var expected = new float[model.Items];
            model.ScoreState(state, expected);
            for (var item = 0; item < 11; item++) scores[item].ShouldBe(expected[item], 1e-3f);
        }

        model.Recent.Found.ShouldBe(40 - 16, "from the sixteenth event on, up to what is read");
    }

    [Fact]
    public void ScoreHistory_EventThatCameLateOrAtAnotherTime_IsReadAnew()
    {
        var model = Told(blocks: 2, length: 40);
        int[] items = [.. Enumerable.Range(0, 20).Select(i => i % 10)];
        float[] ages = [.. Enumerable.Range(0, 20).Select(i => 20f - i)];
        byte[] kinds = new byte[20];
        var scores = new float[model.Items];
        model.ScoreHistory(new History(items, default, ages, kinds), scores);

        model.ScoreHistory(new History([.. items[..5], 3, .. items[5..]], default, [.. ages[..5], 15.5f, .. ages[5..]], [.. kinds, 0]), scores);
        model.Recent.Found.ShouldBe(0);
        ages[0] = 300;
        model.ScoreHistory(new History(items, default, ages, kinds), scores);
        model.Recent.Found.ShouldBe(0);
        kinds[3] = 1;
        model.ScoreHistory(new History(items, default, ages, kinds), scores);
        model.Recent.Found.ShouldBe(0);
        model.ScoreHistory(new History(items, default, ages, kinds), scores);
        model.Recent.Found.ShouldBe(1, "nothing had changed");
    }

    [Fact]
    public void ScoreHistory_ManyAtOnce_AllAreRight()
    {
        var model = Told(blocks: 2, length: 40);
        var histories = Enumerable.Range(0, 8).Select(user => Enumerable.Range(0, 40).Select(i => ((i * (user % 3)) + i) % 10).ToArray()).ToArray();
        var expected = histories.Select(history => Enumerable.Range(16, 24).Select(count => { var fresh = new float[model.StateLength]; model.StateOf(new History(history.AsSpan(0, count)), fresh); return fresh; }).ToArray()).ToArray();
        Parallel.For(0, histories.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, user =>
        {
            var state = new float[model.StateLength];
            for (var count = 16; count < 40; count++)
            {
                model.Recent.TryState(new History(histories[user].AsSpan(0, count)), state).ShouldBeTrue();
                for (var i = 0; i < state.Length; i++) state[i].ShouldBe(expected[user][count - 16][i], 1e-3f);
            }
        });
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
    public void ProbabilityOfNext_AllItems_AddUpToOneAndFollowTheScores()
    {
        var model = Told();
        int[] items = [.. Enumerable.Range(0, 12)];
        var probabilities = new float[12];

        model.ProbabilityOfNext(new History([0, 2]), items, probabilities);

        probabilities.Sum().ShouldBe(1f, 1e-5f);
        probabilities[11].ShouldBe(0f, "nothing is known of it");
        var scores = Folded(model, [0, 2], []);
        items.OrderByDescending(item => probabilities[item]).ShouldBe(items.OrderByDescending(item => scores[item]));
        (Math.Log(probabilities[4]) - Math.Log(probabilities[1])).ShouldBe(scores[4] - scores[1], 1e-3, "a softmax of the scores");
        Should.Throw<ArgumentException>(() => model.ProbabilityOfNext(new History([]), [1], new float[1])).Message.ShouldContain("empty");
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
    public void OperationsOf_Rows_AreTheProductsOfOneEpochTimesTheEpochs()
    {
        var trainer = new BehaviourTransformerTrainer(new BehaviourTransformerOptions { Dimensions = 8, Blocks = 2, Epochs = 5 });
        var data = OrderedData.Of(10, [1, 2, 3, 4], [5, 6], [7]);

        // Two windows of 3 and 1 events; each: all 10 items, and two blocks of 24 · 8² and 2 · 8 · 2 for what attention sees.
        trainer.OperationsOf(data).ShouldBe(3 * 5 * 4 * ((2 * 8 * 10) + (2 * ((24 * 64) + (2 * 8 * 2)))), 1e-6);
        Should.Throw<ArgumentException>(() => trainer.OperationsOf(new Dataset(Checkerboard.Train))).Message.ShouldContain("order");
    }

    [Fact]
    public void StateOf_Shoppers_TellsTastesApartAndIsZeroWithoutEvents()
    {
        var model = Told();
        float[] State(params int[] items)
        {
            var state = new float[model.StateLength];
            model.StateOf(new History(items), state);
            return state;
        }

        State().ShouldAllBe(value => value == 0f);
        State(0, 2, 4).ShouldBe(State(0, 2, 4));
        Cosine(State(0, 2, 4), State(2, 6, 8)).ShouldBeGreaterThan(Cosine(State(0, 2, 4), State(1, 3, 5)));
        Should.Throw<ArgumentException>(() => model.StateOf(new History([1]), new float[3])).Message.ShouldContain($"a state has {model.StateLength}");
        Should.Throw<ArgumentException>(() => model.StateOf(new History([99]), new float[model.StateLength])).Message.ShouldContain("item 99");
    }

    [Fact]
    public void NextNewItems_RepeatsBetween_AreNotAskedFor()
    {
        var events = Sequences.From(5, [[0, 0, 1, 0, 2, 2], [3, 3]], null, [[9, 8, 7, 6, 5, 4], [3, 2]]);
        var windows = SequenceWindows.Of(events, 10, HeldOutEvents.None);

        var next = new NextNewItems(windows, HeldOutEvents.None, ahead: 1, seed: 1).Of([0, 1], step: 1);
        next.Asked.ShouldBe([0, 1, 2, 3], "nothing new comes after item 2, nor for the second shopper");
        next.Targets.ShouldBe([1, 1, 2, 2]);
        next.TargetKinds.ShouldBe([7, 7, 5, 5]);

        var oneOfTwo = new NextNewItems(windows, HeldOutEvents.None, ahead: 2, seed: 1);
        var drawn = Enumerable.Range(0, 40).SelectMany(step => oneOfTwo.Of([0], step).Targets[..2]).ToArray();
        drawn.Distinct().Order().ShouldBe([1, 2]);
        oneOfTwo.Of([1, 0], step: 5).Targets.ShouldBe(oneOfTwo.Of([0], step: 5).Targets, "whatever else is in the step");
        oneOfTwo.Of([1], step: 1).Asked.ShouldBeNull("with nothing new the next event is learned");
    }

    [Fact]
    public void Fit_Ahead_RanksWhatIsTakenUpAnewBeforeWhatComesAtOnce()
    {
        // Everyone looks twice at an item before going on to the next but one in number.
        var data = OrderedData.Of(10, [.. Enumerable.Range(0, 60).Select(user => Enumerable.Range(0, 8).Select(i => ((user % 10) + (i / 2 * 2)) % 10).ToArray())]);
        float Lead(int ahead)
        {
            var model = new BehaviourTransformerTrainer(Small with { Ahead = ahead, Epochs = 15 }).Fit(data, new FitContext { Threads = 1 });
            var scores = Folded(model, [4], []);
            return scores[6] - scores[4];
        }

        Lead(1).ShouldBeGreaterThan(1f);
        Lead(1).ShouldBeGreaterThan(Lead(0) + 1f, "by the next event another look is as likely as the next item");
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

    private static double Cosine(float[] one, float[] other) =>
        one.Zip(other, (a, b) => (double)a * b).Sum() / Math.Sqrt(one.Sum(a => (double)a * a) * other.Sum(b => (double)b * b));

    /// <summary>Shoppers of even items, which they buy, and of odd ones, which they view; each side shares a word.</summary>
    private static BehaviourTransformerModel Told(int blocks = 1, int length = 0)
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
        return (BehaviourTransformerModel)new BehaviourTransformerTrainer(Small with { Blocks = blocks, Length = length > 0 ? length : Small.Length, ItemDropRate = 0.3, Epochs = 40 }).Fit(data, new FitContext { Threads = 1 });
    }
}
