using Aisle.Learning.Data;
using Aisle.Learning.Distributed;
using Aisle.Learning.Models;
using Aisle.Learning.Tests.Models;

namespace Aisle.Learning.Tests.Distributed;

/// <summary>A fit that was broken off and taken up again comes to what it would have come to.</summary>
public sealed class CheckpointsTests
{
    private static readonly Dataset Behaviour = OrderedData.Of(30, OrderedData.Random(5, rows: 40, items: 30, longest: 10));

    private static readonly ITrainer[] Able =
    [
        new SasRecTrainer(new SasRecOptions { Dimensions = 8, Blocks = 1, Length = 8, Epochs = 4, BatchSize = 8, DropRate = 0.2, AverageDecay = 0.9, Loss = SequenceLoss.SampledSoftmax, Negatives = 3 }),
        new AlsTrainer(new AlsOptions { Factors = 8, Iterations = 5 }),
    ];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 2)]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    public void Fit_BrokenOffAfterAnyCheckpoint_GoesOnToTheBit(int trainer, int size)
    {
        var expected = Run(size, trainer, new Kept());
        for (var last = 1; ; last += 4)
        {
            var kept = new Kept { Last = last };
            try
            {
                Run(size, trainer, kept);
                last.ShouldBeGreaterThan(4, "there are as many checkpoints as that");
                return;
            }
            catch (OperationCanceledException)
            {
                kept.Last = int.MaxValue;
                Run(size, trainer, kept).ShouldBe(expected, $"after checkpoint {last}");
            }
        }
    }

    [Fact]
    public void Fit_FinishedBefore_IsNotRepeated()
    {
        var kept = new Kept();
        var expected = Run(1, 1, kept);
        var steps = kept.Written;
        Run(1, 1, kept).ShouldBe(expected);
        kept.Written.ShouldBe(steps);
    }

    [Fact]
    public void Fit_SeveralWithTheSameCheckpoints_HaveAPlaceEach()
    {
        var kept = new Kept();
        var checkpoints = kept.Checkpoints();
        foreach (var trainer in Able) trainer.Fit(Behaviour, new FitContext { Threads = 1, Checkpoints = checkpoints });
        kept.Files.Keys.Order().ShouldBe([1, 2]);
    }

    [Fact]
    public void Fit_CheckpointOfAnotherTraining_IsRefused()
    {
        var kept = new Kept();
        Run(1, 1, kept);
        Should.Throw<InvalidDataException>(() => new AlsTrainer(new AlsOptions { Factors = 9, Iterations = 5 }).Fit(Behaviour, new FitContext { Checkpoints = kept.Checkpoints() }))
            .Message.ShouldContain("another training");
        Should.Throw<InvalidDataException>(() => Able[1].Fit(Behaviour, new FitContext { Checkpoints = kept.Checkpoints("other data") })).Message.ShouldContain("other data");
    }

    private static byte[] Run(int size, int trainer, Kept kept) => size == 1
        ? Fit(Able[trainer], kept, SingleProcess.Instance)
        : ThreadedProcesses.Run(size, group => Fit(Able[trainer], kept, group))[^1];

    private static byte[] Fit(ITrainer trainer, Kept kept, IProcessGroup group)
    {
        using var stream = new MemoryStream();
        trainer.Fit(Behaviour, new FitContext { Threads = 1, Processes = group, Checkpoints = kept.Checkpoints() }).Save(stream);
        return stream.ToArray();
    }

    private sealed class Kept
    {
        public Dictionary<int, byte[]> Files { get; } = [];

        public int Written { get; private set; }

        /// <summary>The first process is broken off after as many checkpoints.</summary>
        public int Last { get; set; } = int.MaxValue;

        public Checkpoints Checkpoints(string identity = "") => new(
            fit => this.Files.TryGetValue(fit, out var bytes) ? new MemoryStream(bytes) : null,
            (fit, write) =>
            {
                using var stream = new MemoryStream();
                write(stream);
                this.Files[fit] = stream.ToArray();
                if (++this.Written < this.Last) return;
                throw new OperationCanceledException();
            },
            everySteps: 2,
            identity);
    }
}
