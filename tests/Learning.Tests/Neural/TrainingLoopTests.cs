using Aisle.Learning.Kernels;
using Aisle.Learning.Models;
using Aisle.Learning.Neural;
using Aisle.Learning.Tests.Kernels;

namespace Aisle.Learning.Tests.Neural;

public sealed class TrainingLoopTests
{
    private static readonly float[] Inputs = Numbers.Random(64 * 3, 1);

    private static readonly float[] Labels = [.. Enumerable.Range(0, 64).Select(i => Inputs[3 * i] > Inputs[(3 * i) + 1] ? 1f : 0f)];

    [Fact]
    public void Run_SeparableClasses_LearnsThem()
    {
        var (loop, model) = Start(Plan);
        loop.Run(new FitContext { Threads = 2 }, model.Loss);
        model.Accuracy().ShouldBeGreaterThan(0.95);
        loop.Epoch.ShouldBe(40);
    }

    [Fact]
    public void Run_AnyThreadCount_GivesTheSameWeights()
    {
        var weights = new List<float[]>();
        foreach (var threads in (int[])[1, 2, 5])
        {
            var (loop, model) = Start(Plan);
            loop.Run(new FitContext { Threads = threads }, model.Loss);
            weights.Add(model.Hidden.Values.ToArray());
        }

        weights[1].ShouldBe(weights[0]);
        weights[2].ShouldBe(weights[0]);
    }

    [Fact]
    public void Run_BatchInParts_StepsAsTheWholeBatchDoes()
    {
        var plan = Plan with { Epochs = 3 };
        var (whole, first) = Start(plan);
        whole.Run(new FitContext { Threads = 1 }, first.Loss);
        var (parts, second) = Start(plan with { Parts = 3 });
        parts.Run(new FitContext { Threads = 1 }, second.Loss);
        Numbers.LargestDifference(first.Hidden.Values, second.Hidden.Values).ShouldBeLessThan(1e-5);
    }

    [Fact]
    public void Load_AfterAnyEpoch_GoesOnToTheBit()
    {
        var plan = Plan with { Epochs = 8, AverageDecay = 0.9, Schedule = LearningSchedule.Cosine, WarmUpSteps = 3 };
        var (whole, expected) = Start(plan);
        byte[]? saved = null;
        whole.Run(new FitContext { Threads = 2 }, expected.Loss, expected.Accuracy, () =>
        {
            if (whole.Epoch != 3) return;
            using var stream = new MemoryStream();
            using var writer = new BinaryWriter(stream);
            whole.Save(writer);
            saved = stream.ToArray();
        });

        var (rest, actual) = Start(plan);
        using var reader = new BinaryReader(new MemoryStream(saved!));
        rest.Load(reader);
        rest.Epoch.ShouldBe(3);
        rest.Run(new FitContext { Threads = 1 }, actual.Loss, actual.Accuracy);
        actual.Hidden.Values.ToArray().ShouldBe(expected.Hidden.Values.ToArray());
        rest.Best.ShouldBe(whole.Best);
    }

    [Fact]
    public void Run_ValidationFalls_StopsAndKeepsTheBestWeights()
    {
        var (loop, model) = Start(Plan with { Patience = 2 });
        var weights = new List<float[]>();
        loop.Run(new FitContext { Threads = 1 }, model.Loss, () =>
        {
            weights.Add(model.Hidden.Values.ToArray());
            return -Math.Abs(weights.Count - 4);
        });
        loop.Epoch.ShouldBe(6);
        loop.BestEpoch.ShouldBe(4);
        model.Hidden.Values.ToArray().ShouldBe(weights[3]);
    }

    [Fact]
    public void Run_LossLeavesTheNumbers_SaysSo()
    {
        var (loop, model) = Start(Plan with { LearningRate = 1e38 });
        Should.Throw<InvalidDataException>(() => loop.Run(new FitContext { Threads = 1 }, model.Loss)).Message.ShouldContain("smaller learning rate");
    }

    [Fact]
    public void RateAt_Schedules_RiseAndFall()
    {
        var plan = Plan with { LearningRate = 1, WarmUpSteps = 4 };
        plan.RateAt(0, 100).ShouldBe(0.25);
        plan.RateAt(50, 100).ShouldBe(1);
        (plan with { Schedule = LearningSchedule.Linear }).RateAt(75, 100).ShouldBe(0.25, 1e-12);
        (plan with { Schedule = LearningSchedule.Cosine }).RateAt(50, 100).ShouldBe(0.5, 1e-12);
    }

    [Theory]
    [InlineData(OptimiserKind.Adam)]
    [InlineData(OptimiserKind.Adagrad)]
    public void Apply_TableRowsNotTouched_StayAsTheyWere(OptimiserKind kind)
    {
        var table = Gradients.Random("table", 5, 3, 1, isTable: true);
        var before = table.Values.ToArray();
        var optimiser = Optimisers.Of(kind, [table], threads: 1, weightDecay: 0);
        for (var step = 0; step < 3; step++)
        {
            var tape = new Tape(1);
            tape.Backward(tape.Sum(tape.Gather(table, [1, 3, 1])));
            optimiser.Apply(0.1);
        }

        for (var row = 0; row < 5; row++) (table.Row(row)[0] == before[row * 3]).ShouldBe(row is not 1 and not 3);
        table.Touched.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(OptimiserKind.Adam)]
    [InlineData(OptimiserKind.Adagrad)]
    public void Apply_TableThatMovesWhole_MovesAsWhatIsNoTable(OptimiserKind kind)
    {
        var plain = Gradients.Random("plain", 5, 3, 1);
        var table = Gradients.Random("table", 5, 3, 1, isTable: true, movesWhole: true);
        var optimiser = Optimisers.Of(kind, [plain, table], threads: 2, weightDecay: 0);
        var left = plain.Values.ToArray();
        foreach (var rows in (int[][])[[1, 3, 1], [0], [4, 1]])
        {
            left = plain.Values.ToArray();
            var tape = new Tape(1);
            tape.Backward(tape.Add(tape.Sum(tape.Gather(plain, rows)), tape.Sum(tape.Gather(table, rows))));
            optimiser.Apply(0.1);
            table.Values.ToArray().ShouldBe(plain.Values.ToArray());
        }

        // Adam goes on with what the last step left out; Adagrad remembers no direction.
        (table.Row(3)[0] != left[3 * 3]).ShouldBe(kind == OptimiserKind.Adam);
        table.Row(2)[0].ShouldBe(Gradients.Random("start", 5, 3, 1).Row(2)[0]);
        table.Touched.ShouldBeEmpty();
    }

    private static TrainingPlan Plan { get; } = new() { Model = "test", Epochs = 40, BatchSize = 20, LearningRate = 0.02, Seed = 3 };

    private static (TrainingLoop Loop, Classifier Model) Start(TrainingPlan plan)
    {
        var model = new Classifier();
        return (new TrainingLoop(plan, new Adam(model.Parameters, threads: 2), Labels.Length), model);
    }

    private sealed class Classifier
    {
        public Parameter Hidden { get; } = Gradients.Random("hidden", 3, 8, 1, 0.5f);

        private Parameter Output { get; } = Gradients.Random("output", 8, 1, 2, 0.5f);

        public Parameter[] Parameters => [this.Hidden, this.Output];

        public Tensor Loss(Tape tape, int[] examples) => tape.BinaryCrossEntropy(this.Scores(tape, examples), [.. examples.Select(i => Labels[i])]);

        public double Accuracy()
        {
            var scores = this.Scores(new Tape(1, isTraining: false), [.. Enumerable.Range(0, Labels.Length)]);
            return Labels.Select((label, i) => (scores.Values[i] > 0) == (label > 0) ? 1.0 : 0.0).Average();
        }

        private Tensor Scores(Tape tape, int[] examples)
        {
            var x = tape.New(examples.Length, 3, needsGradient: false);
            for (var i = 0; i < examples.Length; i++) Inputs.AsSpan(3 * examples[i], 3).CopyTo(x.Row(i));
            return tape.Linear(tape.Activate<Tanh>(tape.Linear(x, this.Hidden)), this.Output);
        }
    }
}
