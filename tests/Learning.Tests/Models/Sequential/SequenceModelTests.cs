using Aisle.Learning.Models;
using Aisle.Learning.Neural;
using Aisle.Learning.Tests.Kernels;

namespace Aisle.Learning.Tests.Models;

/// <summary>What the encoders of sequences have in common.</summary>
public sealed class SequenceModelTests
{
    public static TheoryData<string> Encoders => ["sasrec", "bert4rec", "gru4rec", "caser"];

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Next_SeveralSequences_EqualsEachAlone(string name)
    {
        var encoder = ShapeOf(name).Encoder(seed: 3);
        var tape = new Tape(threads: 1, isTraining: false);
        var together = encoder.Next(tape, [1, 2, 3, 4, 5, 6, 7, 8], [0, 3, 3, 4, 8]);
        foreach (var (row, items) in ((int, int[])[])[(0, [1, 2, 3]), (2, [4]), (3, [5, 6, 7, 8])])
        {
            var alone = encoder.Next(tape, items, [0, items.Length]).Row(0);
            for (var j = 0; j < alone.Length; j++) alone[j].ShouldBe(together.Row(row)[j], 1e-5f);
        }
    }

    [Theory]
    [MemberData(nameof(Encoders))]
    public void LeastNumbers_Shape_AreNoMoreThanTheParameters(string name)
    {
        var shape = ShapeOf(name);
        shape.LeastNumbers.ShouldBeLessThanOrEqualTo(shape.Encoder(seed: 0).Parameters.Sum(parameter => (long)parameter.Length));
    }

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Fit_EveryLoss_LearnsTheOrder(string name)
    {
        // A model that fills gaps learns fewer events at a time.
        var epochs = name == "bert4rec" ? 120 : 30;
        int[][] rows = [.. Enumerable.Range(0, 100).Select(row => Enumerable.Range(0, 6).Select(i => (row + i) % 20).ToArray())];
        foreach (var loss in (string[])["softmax", "sampled-softmax", "shared-softmax", "bce", "gbce", "bpr-max"])
        {
            var trainer = Trainers.Create(name, $$"""{"dimensions":16,"loss":"{{loss}}","negatives":8,"calibration":0.5,"scorePenalty":0.1,"epochs":{{epochs}},"batchSize":8,"learningRate":0.01,"dropRate":0}""");
            var model = trainer.Fit(OrderedData.Of(20, rows), new FitContext { Threads = 2 });
            var scores = new float[20];
            model.ScoreHistory(new History([7, 8, 9]), scores);
            Array.IndexOf(scores, scores.Max()).ShouldBe(10, $"{name} with {loss}");
        }
    }

    [Theory]
    [InlineData(""" "temperature":0.1,"learningRate":0.01 """)]
    [InlineData(""" "temperature":0.1,"loss":"sampled-softmax","negatives":8,"learningRate":0.01 """)]
    [InlineData(""" "loss":"sampled-softmax","negatives":8,"drawExponent":1,"correctDraws":true,"learningRate":0.01 """)]
    [InlineData(""" "optimiser":"adagrad","learningRate":0.2 """)]
    public void Fit_OtherWaysToScoreAndLearn_LearnTheOrder(string options)
    {
        int[][] rows = [.. Enumerable.Range(0, 100).Select(row => Enumerable.Range(0, 6).Select(i => (row + i) % 20).ToArray())];
        var trainer = Trainers.Create("sasrec", $$"""{"dimensions":16,"blocks":1,"epochs":30,"batchSize":8,"dropRate":0,{{options}}}""");
        var model = trainer.Fit(OrderedData.Of(20, rows), new FitContext { Threads = 2 });
        var scores = new float[20];
        model.ScoreHistory(new History([7, 8, 9]), scores);
        Array.IndexOf(scores, scores.Max()).ShouldBe(10);
        using var saved = new MemoryStream();
        model.Save(saved);
        saved.Position = 0;
        var again = new float[20];
        Trainers.Load("sasrec", saved).ScoreHistory(new History([7, 8, 9]), again);
        again.ShouldBe(scores);
    }

    [Fact]
    public void Temperature_Set_MakesScoresCosinesOverIt()
    {
        int[][] rows = [.. Enumerable.Range(0, 20).Select(row => Enumerable.Range(0, 6).Select(i => (row + i) % 20).ToArray())];
        var model = Trainers.Create("gru4rec", """{"dimensions":16,"temperature":0.5,"epochs":3}""").Fit(OrderedData.Of(20, rows), new FitContext { Threads = 1 });
        var scores = new float[20];
        model.ScoreHistory(new History([7, 8, 9]), scores);
        scores.ShouldAllBe(score => Math.Abs(score) <= 2.0001f);
        scores.Max().ShouldBeGreaterThan(0.2f);
    }

    /// <summary>With very many draws the corrected loss is that of the softmax over the whole catalogue, however the draws fall.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void CorrectDraws_ManyDraws_GiveTheLossOfTheWholeCatalogue(double exponent)
    {
        int[] popularity = [1, 50, 3, 8, 20, 2, 90, 5, 30, 7];
        var batch = new SequenceBatch([1, 2, 3, 4], [0, 4], [2, 3, 4, 6]);
        double Loss(SequenceOptions options)
        {
            var encoder = ShapeOf("gru4rec").Encoder(seed: 3);
            foreach (ref var value in encoder.Items.Values) value *= 60f;
            return new NextItemLoss(options, encoder, popularity).Of(new Tape(threads: 1, isTraining: false), batch).Values[0];
        }

        var whole = Loss(new Gru4RecOptions());
        var sampled = new Gru4RecOptions { Loss = SequenceLoss.SampledSoftmax, Negatives = 4096, DrawExponent = exponent };

        // The target counts once as itself; as a draw it is left out.
        Loss(sampled with { CorrectDraws = true }).ShouldBe(whole, 0.06 * whole);
        Loss(sampled).ShouldBeGreaterThan(whole + 3);
    }

    /// <summary>Where as many are drawn as there are, every item is a candidate with a chance near 1: the loss of the whole catalogue.</summary>
    [Fact]
    public void SharedSoftmax_ManyDraws_GivesTheLossOfTheWholeCatalogue()
    {
        int[] popularity = [1, 50, 3, 8, 20, 2, 90, 5, 30, 7];
        Tensor States(Tape tape) => tape.Constant(3, 4, Numbers.Random(12, 1));
        Tensor Items(Tape tape) => tape.Constant(10, 4, Numbers.Random(40, 2));
        int[] targets = [2, 6, 6];
        var tape = new Tape(threads: 1, isTraining: false);
        double whole = tape.CatalogueSoftmax(States(tape), Items(tape), targets).Values[0];

        // Ten draws of ten miss some: the mean over many steps is near the whole, and each candidate stands there once.
        var draws = new SharedDraws(popularity, 10, 0, seed: 1);
        var mean = 0.0;
        for (var step = 0; step < 400; step++)
        {
            tape.Begin(step);
            mean += draws.Softmax(tape, States(tape), Items(tape), targets).Values[0] / 400;
        }

        mean.ShouldBe(whole, 0.1 * whole);
    }

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Fit_Patience_KeepsTheBestAndStopsEarly(string name)
    {
        var steps = new List<TrainingStep>();
        var trainer = Trainers.Create(name, """{"dimensions":16,"epochs":200,"patience":2,"batchSize":16,"learningRate":0.02}""");
        var context = new FitContext { Threads = 1, Progress = new Steps(steps) };
        trainer.Fit(OrderedData.Of(20, OrderedData.Random(1, 60, 20, 8)), context).Items.ShouldBe(20);
        steps.Count.ShouldBeLessThan(200);
    }

    private static ISequenceShape ShapeOf(string name) => name switch
    {
        "gru4rec" => new GatedShape(10, 12, 2, 6, 0.1f),
        "caser" => new ConvolutionShape(10, 12, 5, 3, 4, 0.1f),
        _ => new TransformerShape(10, 12, 2, 3, 6, 0.1f, name == "sasrec"),
    };

    private sealed class Steps(List<TrainingStep> steps) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => steps.Add(value);
    }
}
