using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

/// <summary>What every family of models must keep, on data whose answer is known. A family's test class derives from this and adds what is its own.</summary>
public abstract class ModelContract
{
    private protected abstract ITrainer Trainer { get; }

    /// <summary>The name and options of <see cref="Trainer"/>, as a call from outside would give them.</summary>
    private protected abstract string OptionsJson { get; }

    /// <summary>False for models that tell everyone the same.</summary>
    private protected virtual bool IsPersonal => true;

    /// <summary>False for models that only say what to take up again: they know neither new items nor likeness.</summary>
    private protected virtual bool SuggestsNew => true;

    /// <summary>False for personal models whose scores are no sum over the history, so that they cannot be explained by it.</summary>
    private protected virtual bool IsExplained => this.IsPersonal;

    /// <summary>True for personal models that are made for newcomers: without a history they say what everybody does.</summary>
    private protected virtual bool AnswersNewcomers => false;

    /// <summary>The checkerboard that the family can read: a model of ratings learns nothing from a board on which all ratings are the same.</summary>
    private protected virtual Interactions Board => Checkerboard.Train;

    /// <summary>The part of a score that does not come from the history, for models that add to what everyone is told (the mean rating, the item's bias).</summary>
    private protected virtual double Baseline(IModel model, int item) => 0;

    /// <summary>False for scores that are no sum over the history (places in a ranking): explanations are then shares.</summary>
    private protected virtual bool ExplanationsAddUp => true;

    /// <summary>False for models that know items by what is told of them: an item that nobody touched is then scored like any other.</summary>
    private protected virtual bool KnowsItemsByInteractionsAlone => true;

    /// <summary>What the family needs beside interactions, made up from them.</summary>
    private protected virtual Dataset DataOf(Interactions interactions) => new(interactions);

    private protected IModel Fit(int threads = 1) => this.Trainer.Fit(this.DataOf(this.Board), new FitContext { Threads = threads });

    [Fact]
    public void Fit_Checkerboard_RanksWithheldItemFirst()
    {
        if (!this.IsPersonal || !this.SuggestsNew) return;
        var model = this.Fit();
        for (var user = 0; user < Checkerboard.Size; user++) Best(Scores(model, user), this.Board.ItemsOf(user)).ShouldBe(user);
    }

    [Fact]
    public void Fit_Result_HasTheShapeOfTheData()
    {
        var model = this.Fit();
        model.Name.ShouldBe(this.Trainer.Name);
        model.Users.ShouldBe(this.Board.Users);
        model.Items.ShouldBe(this.Board.Items);
    }

    [Fact]
    public void Fit_AnyThreadCount_GivesTheSameScores()
    {
        var one = AllScores(this.Fit(threads: 1));
        AllScores(this.Fit(threads: 1)).ShouldBe(one);
        AllScores(this.Fit(threads: 2)).ShouldBe(one);
        AllScores(this.Fit(threads: 7)).ShouldBe(one);
    }

    [Fact]
    public void SaveAndLoad_Model_ScoresTheSame()
    {
        var model = this.Fit();
        var loaded = Reloaded(model);
        AllScores(loaded).ShouldBe(AllScores(model));
        Similar(loaded, 3).ShouldBe(Similar(model, 3));
        Folded(loaded, [1, 3], [1f, 2f]).ShouldBe(Folded(model, [1, 3], [1f, 2f]));
        Saved(loaded).ShouldBe(Saved(model));
    }

    [Fact]
    public void Load_StreamThatGivesOneByteAtATime_ScoresTheSame()
    {
        var model = this.Fit();
        using var stream = new DribblingStream(Saved(model));
        AllScores(Trainers.Load(model.Name, stream)).ShouldBe(AllScores(model));
    }

    [Fact]
    public void Load_TruncatedAnywhere_RefusesWithReason()
    {
        var bytes = Saved(this.Fit());
        for (var length = 0; length < bytes.Length; length += Math.Max(1, length < 200 ? 1 : bytes.Length / 50))
        {
            Refused(bytes[..length]);
            using var stream = new DribblingStream(bytes[..length]);
            Should.Throw<InvalidDataException>(() => Trainers.Load(this.Trainer.Name, stream)).Message.ShouldContain(this.Trainer.Name);
        }
    }

    [Fact]
    public void Load_AnyByteReplaced_NeverFailsOtherThanByRefusal()
    {
        var bytes = Saved(this.Fit());
        for (var position = 0; position < bytes.Length; position += position < 200 ? 1 : 97)
        {
            var changed = (byte[])bytes.Clone();
            changed[position] ^= 0xFF;
            try
            {
                Trainers.Load(this.Trainer.Name, new MemoryStream(changed)).Items.ShouldBeGreaterThan(0);
            }
            catch (InvalidDataException refusal)
            {
                refusal.Message.ShouldContain(this.Trainer.Name);
            }
        }
    }

    [Fact]
    public void Load_AnotherModel_NamesWhatIsThere()
    {
        var other = Trainers.All.First(family => family.Name != this.Trainer.Name);
        var bytes = Saved(other.Create(null).Fit(Checkerboard.Train, new FitContext { Threads = 1 }));
        Refused(bytes).ShouldContain($"'{other.Name}'");
        Refused([1, 2, 3, 4, 5, 6, 7, 8]).ShouldContain("mark");
    }

    [Fact]
    public void ScoreHistory_TrainingRowOfAUser_RanksLikeTheKnownUser()
    {
        var model = this.Fit();
        for (var user = 0; user < Checkerboard.Size; user++)
        {
            var seen = this.Board.ItemsOf(user);
            var folded = Folded(model, seen.ToArray(), this.Board.WeightsOf(user).ToArray());
            Best(folded, seen).ShouldBe(Best(Scores(model, user), seen));
        }
    }

    [Fact]
    public void ScoreHistory_Empty_KnowsNothingPersonal()
    {
        var scores = Folded(this.Fit(), [], []);
        if (this.AnswersNewcomers) scores.ShouldContain(score => float.IsFinite(score));
        else if (this.IsPersonal) scores.ShouldAllBe(score => float.IsNegativeInfinity(score));
        else scores.ShouldContain(score => score > 0);
    }

    [Fact]
    public void ScoreUsers_UserWithoutInteractions_ScoresLikeEmptyHistory()
    {
        var train = Interactions.From(3, 4, [0, 0, 2], [0, 1, 1]);
        var model = this.Trainer.Fit(this.DataOf(train), new FitContext { Threads = 1 });
        Scores(model, 1).ShouldBe(Folded(model, [], []));
        if (!this.KnowsItemsByInteractionsAlone) return;
        Scores(model, 0)[3].ShouldBe(float.NegativeInfinity, "nobody touched item 3");
        Folded(model, [1], [])[3].ShouldBe(float.NegativeInfinity);
        Similar(model, 1)[3].ShouldBe(float.NegativeInfinity);
    }

    [Fact]
    public void ScoreSimilar_Item_LeavesItselfOutAndPrefersItsOwnColour()
    {
        var model = this.Fit();
        for (var item = 0; item < Checkerboard.Size; item++)
        {
            var scores = Similar(model, item);
            scores[item].ShouldBe(float.NegativeInfinity);
            if (this.IsPersonal && this.SuggestsNew) (Best(scores, []) % 2).ShouldBe(item % 2);
        }
    }

    [Fact]
    public void RankHistory_AndScoreItems_SayWhatScoreHistorySays()
    {
        var model = this.Fit();
        int[] history = [1, 3, 4];
        float[] weights = [1f, 2f, 0.5f];
        var all = Folded(model, history, weights);
        var (expected, values) = (new int[4], new float[4]);
        var count = TopK.SelectReference(all, expected, values);
        var (items, scores) = (new int[4], new float[4]);

        model.RankHistory(new History(history, weights), items, scores).ShouldBe(count);
        items[..count].ShouldBe(expected[..count]);
        scores[..count].ShouldBe(values[..count]);
        int[] asked = [5, 0, 5];
        var some = new float[asked.Length];
        model.ScoreItems(new History(history, weights), asked, some);
        some.ShouldBe(asked.Select(item => all[item]));
        Should.Throw<ArgumentException>(() => model.ScoreItems(new History([1]), [model.Items], new float[1])).Message.ShouldContain("was not in training");
    }

    [Fact]
    public void Explain_Contributions_AddUpToTheScore()
    {
        var model = this.Fit();
        int[] items = [1, 3, 4];
        float[] weights = [1f, 2f, 0.5f];
        int[] asked = this.SuggestsNew ? [5, 0] : [5, 4];
        var contributions = new float[asked.Length * items.Length];
        var explained = model.Explain(new History(items, weights), asked, contributions);
        explained.ShouldBe(this.IsExplained);
        if (explained && !this.ExplanationsAddUp) contributions.ShouldContain(contribution => contribution > 0f);
        else if (explained)
        {
            // What a history tells nothing about has no contributions; but at least one of the items is known.
            var scores = asked.Select(item => Folded(model, items, weights)[item]).ToArray();
            scores.ShouldContain(score => float.IsFinite(score));
            for (var row = 0; row < asked.Length; row++)
            {
                var sum = (double)contributions.Skip(row * items.Length).Take(items.Length).Sum();
                sum.ShouldBe(float.IsNegativeInfinity(scores[row]) ? 0 : scores[row] - this.Baseline(model, asked[row]), 1e-3);
            }
        }
        else contributions.ShouldAllBe(contribution => contribution == 0f);
    }

    [Fact]
    public void Scoring_FromManyThreads_GivesTheSameScores()
    {
        var model = this.Fit();
        var known = AllScores(model);
        var folded = Folded(model, [1, 3, 5], []);
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            AllScores(model).ShouldBe(known);
            Folded(model, [1, 3, 5], []).ShouldBe(folded);
        });
    }

    [Fact]
    public void Fit_Cancelled_StopsBeforeTheEnd()
    {
        using var source = new CancellationTokenSource();
        var steps = new List<TrainingStep>();
        var context = new FitContext { Threads = 2, Cancellation = source.Token, Progress = new Immediate(step => { steps.Add(step); source.Cancel(); }) };
        var stopped = Record.Exception(() => this.Trainer.Fit(this.DataOf(this.Board), context)) is OperationCanceledException;
        steps.Count.ShouldBe(1);
        stopped.ShouldBe(steps[0].Steps > 1);

        Should.Throw<OperationCanceledException>(() => this.Trainer.Fit(this.DataOf(this.Board), context));
        steps.Count.ShouldBe(1, "cancelled before it began");
    }

    [Fact]
    public void Fit_Progress_EndsAtItsLastStep()
    {
        var steps = new List<TrainingStep>();
        this.Trainer.Fit(this.DataOf(this.Board), new FitContext { Threads = 2, Progress = new Immediate(steps.Add) });
        steps.ShouldNotBeEmpty();
        steps.ShouldAllBe(step => step.Model == this.Trainer.Name);
        steps.Select(step => step.Step).ShouldBe(Enumerable.Range(1, steps[0].Steps));
    }

    [Fact]
    public void Fit_NothingToLearnFrom_SaysSo()
    {
        Should.Throw<ArgumentException>(() => this.Trainer.Fit(this.DataOf(Interactions.From(0, 0, [], [])), new FitContext())).Message.ShouldContain("nothing to learn");
        Should.Throw<ArgumentException>(() => this.Trainer.Fit(this.DataOf(Interactions.From(5, 5, [], [])), new FitContext())).Message.ShouldContain("nothing to learn");
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-1f)]
    [InlineData(1e30f)]
    public void Fit_WeightOutOfRange_NamesThePair(float weight)
    {
        var train = Interactions.From(2, 3, [0, 1], [2, 1], [1f, weight]);
        Should.Throw<ArgumentException>(() => this.Trainer.Fit(this.DataOf(train), new FitContext())).Message.ShouldContain("user 1, item 1");
    }

    [Fact]
    public void Fit_LargestWeights_GivesUsableScores()
    {
        var train = Interactions.From(3, 3, [0, 0, 1, 1, 2], [0, 1, 0, 2, 1], [1e6f, 1e-6f, 1f, 1e6f, 1e6f]);
        AllScores(this.Trainer.Fit(this.DataOf(train), new FitContext())).ShouldAllBe(score => !float.IsNaN(score) && !float.IsPositiveInfinity(score));
    }

    [Fact]
    public void Fit_NoThreads_SaysWhatIsAllowed() =>
        Should.Throw<ArgumentException>(() => this.Fit(threads: 0)).Message.ShouldContain("at least 1");

    [Fact]
    public void Scoring_WhatIsOutOfRange_SaysWhatIsKnown()
    {
        var model = this.Fit();
        var room = new float[model.Items];
        Should.Throw<ArgumentException>(() => model.ScoreUsers([model.Users], room)).Message.ShouldContain($"known are 0 to {model.Users - 1}");
        Should.Throw<ArgumentException>(() => model.ScoreUsers([-1], room)).Message.ShouldContain("user -1");
        Should.Throw<ArgumentException>(() => model.ScoreUsers([0], room.AsSpan(1))).Message.ShouldContain("room for");
        Should.Throw<ArgumentException>(() => Folded(model, [0, model.Items], [])).Message.ShouldContain($"known are 0 to {model.Items - 1}");
        Should.Throw<ArgumentException>(() => Folded(model, [0, 1], [1f])).Message.ShouldContain("one each");
        Should.Throw<ArgumentException>(() => Folded(model, [0], [float.NaN])).Message.ShouldContain("above 0");
        Should.Throw<ArgumentException>(() => model.ScoreSimilar(model.Items, room)).Message.ShouldContain($"item {model.Items}");
        Should.Throw<ArgumentException>(() => model.Explain(new History([1, 2]), [0], new float[1])).Message.ShouldContain("a history of 2 interactions");
    }

    [Fact]
    public void Options_ReadBack_MakeAnEqualTrainer()
    {
        var trainer = Trainers.Create(this.Trainer.Name, this.OptionsJson);
        var again = Trainers.Create(this.Trainer.Name, trainer.Options.GetRawText());
        again.Options.GetRawText().ShouldBe(trainer.Options.GetRawText());
        foreach (var given in JsonDocument.Parse(this.OptionsJson).RootElement.EnumerateObject())
            trainer.Options.GetProperty(given.Name).GetRawText().ShouldBe(given.Value.GetRawText());
    }

    [Fact]
    public void Options_Unknown_NamesThoseThatThereAre()
    {
        var message = Should.Throw<ArgumentException>(() => Trainers.Create(this.Trainer.Name, """{"factor": 1}""")).Message;
        message.ShouldContain("'factor'");
        foreach (var name in Trainers.Find(this.Trainer.Name).OptionNames) message.ShouldContain(name);
    }

    private protected static float[] Scores(IModel model, int user)
    {
        var scores = new float[model.Items];
        model.ScoreUsers([user], scores);
        return scores;
    }

    private protected static float[] AllScores(IModel model)
    {
        var scores = new float[model.Users * model.Items];
        model.ScoreUsers([.. Enumerable.Range(0, model.Users)], scores);
        return scores;
    }

    private protected static float[] Folded(IModel model, int[] items, float[] weights)
    {
        var scores = new float[model.Items];
        model.ScoreHistory(new History(items, weights), scores);
        return scores;
    }

    private protected static float[] Similar(IModel model, int item)
    {
        var scores = new float[model.Items];
        model.ScoreSimilar(item, scores);
        return scores;
    }

    private protected static int Best(float[] scores, ReadOnlySpan<int> without)
    {
        foreach (var item in without) scores[item] = float.NegativeInfinity;
        return Array.IndexOf(scores, scores.Max());
    }

    private protected static byte[] Saved(IModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }

    /// <summary>The model written and read again.</summary>
    private protected static IModel Reloaded(IModel model) => Trainers.Load(model.Name, new MemoryStream(Saved(model)));

    private string Refused(byte[] bytes)
    {
        var message = Should.Throw<InvalidDataException>(() => Trainers.Load(this.Trainer.Name, new MemoryStream(bytes))).Message;
        message.ShouldContain(this.Trainer.Name);
        return message;
    }

    /// <summary><see cref="Progress{T}"/> would report later, from another thread.</summary>
    private sealed class Immediate(Action<TrainingStep> report) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => report(value);
    }
}
