using Aisle.Learning.Data;
using Aisle.Learning.Distributed;
using Aisle.Learning.Models;
using Aisle.Learning.Tests.Kernels;
using Aisle.Learning.Tests.Models;

namespace Aisle.Learning.Tests.Distributed;

/// <summary>Several processes come to what one comes to.</summary>
public sealed class DistributedFitTests
{
    private static readonly Dataset Behaviour = OrderedData.Of(40, OrderedData.Random(3, rows: 50, items: 40, longest: 12));

    /// <summary>So many items that a batch touches few of them, and only their rows travel.</summary>
    private static readonly Dataset WideBehaviour = OrderedData.Of(900, OrderedData.Random(6, rows: 40, items: 900, longest: 9));

    private static readonly SasRecOptions Small = new() { Dimensions = 16, Heads = 2, Blocks = 1, Length = 8, Epochs = 3, BatchSize = 16, DropRate = 0.3, Negatives = 5, LearningRate = 0.01 };

    [Theory]
    [InlineData(SequenceLoss.Softmax, 2)]
    [InlineData(SequenceLoss.Softmax, 3)]
    [InlineData(SequenceLoss.SampledSoftmax, 2)]
    [InlineData(SequenceLoss.GeneralisedBinaryCrossEntropy, 4)]
    public void Fit_NeuralModelOverProcesses_HasTheLossCurveOfOne(SequenceLoss loss, int size)
    {
        var options = Small with { Loss = loss };
        var (expected, model) = Fit(options, SingleProcess.Instance);
        var found = ThreadedProcesses.Run(size, group => Fit(options, group));
        foreach (var (curve, other) in found)
        {
            for (var epoch = 0; epoch < expected.Count; epoch++) curve[epoch].ShouldBe(expected[epoch], 1e-5 * expected[epoch]);
            other.ShouldBe(found[0].Model, "all processes end with the same model, to the bit");
        }

        Numbers.LargestDifference(Scores(found[0].Model), Scores(model)).ShouldBeLessThan(1e-3, "scores after three epochs");
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(4, 2)]
    [InlineData(4, 3)]
    public void Fit_BehaviourTransformerOverProcesses_HasTheLossCurveOfOne(int ahead, int size)
    {
        // Few items: many events have nothing new after them, and some shares of a batch nothing at all.
        var data = OrderedData.Of(6, OrderedData.Random(8, rows: 40, items: 6, longest: 20));
        var trainer = new BehaviourTransformerTrainer(new BehaviourTransformerOptions { Dimensions = 16, Blocks = 1, Length = 5, Epochs = 3, BatchSize = 4, LearningRate = 0.01, Ahead = ahead });
        var (expected, _) = Fit(trainer, SingleProcess.Instance, data);
        foreach (var (curve, _) in ThreadedProcesses.Run(size, group => Fit(trainer, group, data)))
        {
            for (var epoch = 0; epoch < expected.Count; epoch++) curve[epoch].ShouldBe(expected[epoch], 2e-5 * expected[epoch]);
        }
    }

    [Fact]
    public void Fit_LightGcnOverProcesses_HasTheLossCurveOfOne()
    {
        var trainer = new LightGcnTrainer(new LightGcnOptions { Factors = 8, Epochs = 3, BatchSize = 50 });
        var (expected, _) = Fit(trainer, SingleProcess.Instance, Behaviour);
        foreach (var (curve, _) in ThreadedProcesses.Run(3, group => Fit(trainer, group, Behaviour)))
        {
            for (var epoch = 0; epoch < expected.Count; epoch++) curve[epoch].ShouldBe(expected[epoch], 2e-5 * expected[epoch]);
        }
    }

    [Fact]
    public void Fit_UltraGcnOverProcesses_HasTheLossCurveOfOne()
    {
        // A penalty that cannot be overlooked: it has to be divided among the processes as the interactions are.
        var trainer = new UltraGcnTrainer(new UltraGcnOptions { Factors = 8, Epochs = 3, BatchSize = 50, NeighbourWeight = 1, Regularization = 1 });
        var (expected, _) = Fit(trainer, SingleProcess.Instance, Behaviour);
        foreach (var (curve, _) in ThreadedProcesses.Run(3, group => Fit(trainer, group, Behaviour)))
        {
            for (var epoch = 0; epoch < expected.Count; epoch++) curve[epoch].ShouldBe(expected[epoch], 2e-5 * expected[epoch]);
        }
    }

    [Fact]
    public void Fit_BatchesSmallerThanTheGroup_LeaveSomeWithoutWorkAndSendFewRows()
    {
        var options = Small with { BatchSize = 2, Loss = SequenceLoss.SampledSoftmax, Epochs = 2 };
        var (expected, _) = Fit(options, SingleProcess.Instance, WideBehaviour);
        ThreadedProcesses.Run(4, group => Fit(options, group, WideBehaviour)).ShouldAllBe(found => Math.Abs(found.Curve[1] - expected[1]) < 1e-5 * expected[1]);
    }

    [Fact]
    public void Fit_ValidationOverProcesses_StopsAllAtTheSameEpoch()
    {
        var options = Small with { Patience = 1, Epochs = 12, LearningRate = 0.05 };
        var (expected, _) = Fit(options, SingleProcess.Instance);
        expected.Count.ShouldBeLessThan(12);
        ThreadedProcesses.Run(2, group => Fit(options, group).Curve.Count).ShouldAllBe(epochs => epochs == expected.Count);
    }

    [Theory]
    [InlineData(AlsSolver.ConjugateGradient)]
    [InlineData(AlsSolver.Cholesky)]
    [InlineData(AlsSolver.Subspace)]
    public void Fit_AlsOverProcesses_IsTheSameToTheBit(AlsSolver solver)
    {
        var trainer = new AlsTrainer(new AlsOptions { Factors = 40, Iterations = 4, Solver = solver, BlockSize = 32 });
        var expected = Bytes(trainer.Fit(Behaviour, new FitContext { Threads = 2 }));
        foreach (var size in (int[])[2, 3, 4])
            ThreadedProcesses.Run(size, group => Bytes(trainer.Fit(Behaviour, new FitContext { Threads = 2, Processes = group }))).ShouldAllBe(bytes => bytes.SequenceEqual(expected));
    }

    [Fact]
    public void Fit_ProcessesWithDifferentData_AreRefused()
    {
        var other = OrderedData.Of(40, OrderedData.Random(4, rows: 50, items: 40, longest: 12));
        Should.Throw<InvalidDataException>(() => ThreadedProcesses.Run(2, group => new AlsTrainer().Fit(group.Rank == 0 ? Behaviour : other, new FitContext { Threads = 1, Processes = group })))
            .Message.ShouldContain("different data");
    }

    private static (List<double> Curve, byte[] Model) Fit(SasRecOptions options, IProcessGroup group, Dataset? data = null) => Fit(new SasRecTrainer(options), group, data ?? Behaviour);

    private static (List<double> Curve, byte[] Model) Fit(ITrainer trainer, IProcessGroup group, Dataset data)
    {
        var curve = new Curve();
        var model = trainer.Fit(data, new FitContext { Threads = 1, Processes = group, Progress = curve });
        return (curve.Losses, Bytes(model));
    }

    private static byte[] Bytes(IModel model)
    {
        using var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }

    private static float[] Scores(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        var model = Trainers.Find(SasRecTrainer.ModelName).Load(stream);
        var scores = new float[model.Users * model.Items];
        model.ScoreUsers([.. Enumerable.Range(0, model.Users)], scores);
        return [.. scores.Where(float.IsFinite)];
    }

    private sealed class Curve : IProgress<TrainingStep>
    {
        public List<double> Losses { get; } = [];

        public void Report(TrainingStep value) => this.Losses.Add(value.Loss!.Value);
    }
}
