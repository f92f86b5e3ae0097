using Aisle.Learning.Models;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Tests.Neural;

public sealed class AdversarialLoopTests
{
    private static readonly TrainingPlan Plan = new() { Model = "toy", Epochs = 40, BatchSize = 2, LearningRate = 0.1, Seed = 1 };

    private readonly Parameter _generator = new("generator", 1, 1);
    private readonly Parameter _discriminator = new("discriminator", 1, 1);

    [Fact]
    public void Run_LossesThatPullApart_MovesEachByItsOwn()
    {
        // The generator's loss would pull the discriminator far away, if its gradient were not forgotten.
        this.Loop(Plan).Run(
            new FitContext(),
            (tape, _) => tape.SquaredError(this._discriminator, [1f]),
            (tape, _) => tape.Add(tape.SquaredError(this._generator, [3f]), tape.Sum(this._discriminator), 100f));
        ((double)this._discriminator.Values[0]).ShouldBe(1, 0.1);
        ((double)this._generator.Values[0]).ShouldBe(3, 0.1);
    }

    [Fact]
    public void Run_NoDiscriminatorRate_LeavesItOut()
    {
        this.Loop(Plan, discriminatorRate: 0).Run(new FitContext(), (_, _) => throw new InvalidOperationException("not to be asked"), (tape, _) => tape.SquaredError(this._generator, [3f]));
        this._discriminator.Values[0].ShouldBe(0f);
    }

    [Fact]
    public void Run_WithPatience_StopsAndKeepsTheBest()
    {
        // The best is where the generator passes 1, on its way to 3.
        var epochs = 0;
        this.Loop(Plan with { Patience = 3 }).Run(
            new FitContext { Progress = new Counter(() => epochs++) },
            (tape, _) => tape.SquaredError(this._discriminator, [1f]),
            (tape, _) => tape.SquaredError(this._generator, [3f]),
            () => -Math.Abs(this._generator.Values[0] - 1));
        epochs.ShouldBeInRange(4, 15);
        ((double)this._generator.Values[0]).ShouldBe(1, 0.25);
    }

    [Fact]
    public void Run_LossThatIsNoNumber_SaysWhatToDo() =>
        Should.Throw<InvalidDataException>(() => this.Loop(Plan).Run(new FitContext(), (tape, _) => tape.SquaredError(this._discriminator, [float.NaN]), (tape, _) => tape.SquaredError(this._generator, [3f])))
            .Message.ShouldContain("smaller learning rate");

    private AdversarialLoop Loop(TrainingPlan plan, double discriminatorRate = 0.1) =>
        new(plan, new Adam([this._generator], threads: 1), new Adam([this._discriminator], threads: 1), discriminatorRate, examples: 5);

    private sealed class Counter(Action count) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => count();
    }
}
