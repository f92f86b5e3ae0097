using Aisle.Learning.Models;

namespace Aisle.Learning.Neural;

/// <summary>
/// Trains two networks against each other by mini-batches: for each batch a step of the discriminator, then one of the generator
/// (Goodfellow et al.: Generative adversarial nets, NIPS 2014). Nothing depends on the thread count.
/// </summary>
internal sealed class AdversarialLoop
{
    /// <summary>Tells the shuffles from other random numbers of the same seed.</summary>
    private const int ShuffleStream = 0x4144;

    private readonly TrainingPlan _plan;
    private readonly Optimiser _generator;
    private readonly Optimiser _discriminator;
    private readonly double _discriminatorRate;
    private readonly WeightSnapshots _weights;
    private readonly int[] _order;
    private double? _best;
    private int _bestEpoch;

    /// <param name="plan">Its rate is the generator's.</param>
    /// <param name="discriminatorRate">0: the discriminator is left out.</param>
    /// <param name="examples">Number of examples; batches are made of their indices.</param>
    public AdversarialLoop(TrainingPlan plan, Optimiser generator, Optimiser discriminator, double discriminatorRate, int examples)
    {
        if (examples < 1) throw new ArgumentException($"{plan.Model}: there is nothing to learn from: no example is left after preparing the data.");
        this._plan = plan;
        this._generator = generator;
        this._discriminator = discriminator;
        this._discriminatorRate = discriminatorRate;
        this._order = new int[examples];
        this._weights = new WeightSnapshots(generator.Parameters, plan.AverageDecay);
    }

    /// <param name="discriminatorLoss">How badly a batch and what is generated in its place are told apart.</param>
    /// <param name="generatorLoss">What the generator makes small; may pass gradients to the discriminator, which are forgotten.</param>
    /// <param name="validate">Called after epochs; larger is better. Null: the last weights are kept.</param>
    public void Run(FitContext context, Func<Tape, int[], Tensor> discriminatorLoss, Func<Tape, int[], Tensor> generatorLoss, Func<double>? validate = null)
    {
        var tape = new Tape(context.Threads, this._plan.Seed);
        var steps = (this._order.Length + this._plan.BatchSize - 1) / this._plan.BatchSize;
        for (var epoch = 1; epoch <= this._plan.Epochs && !this.HasLostPatience(epoch); epoch++)
        {
            for (var i = 0; i < this._order.Length; i++) this._order[i] = i;
            var random = new RandomStream(this._plan.Seed, epoch, ShuffleStream);
            random.Shuffle<int>(this._order);
            var sum = 0.0;
            for (var step = 0; step < steps; step++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                var first = step * this._plan.BatchSize;
                var batch = this._order[first..Math.Min(this._order.Length, first + this._plan.BatchSize)];
                if (this._discriminatorRate > 0) this.Step(tape, batch, discriminatorLoss, this._discriminator, this._discriminatorRate, isGenerator: false);
                sum += this.Step(tape, batch, generatorLoss, this._generator, this._plan.RateAt(this._generator.Steps, (long)steps * this._plan.Epochs), isGenerator: true) * batch.Length;
            }

            if (validate is not null) this.Validate(validate, epoch);
            context.Progress?.Report(new TrainingStep(this._plan.Model, "epoch", epoch, this._plan.Epochs, sum / this._order.Length));
        }

        if (validate is null) this._weights.UseAverages();
        else this._weights.UseBest();
    }

    private bool HasLostPatience(int epoch) => this._plan.Patience > 0 && this._best is not null && epoch - 1 - this._bestEpoch >= this._plan.Patience;

    private double Step(Tape tape, int[] batch, Func<Tape, int[], Tensor> loss, Optimiser optimiser, double rate, bool isGenerator)
    {
        tape.Begin((2 * this._generator.Steps) + (isGenerator ? 1 : 0));
        var value = loss(tape, batch);
        if (!float.IsFinite(value.Values[0]))
            throw new InvalidDataException($"{this._plan.Model}: the loss is {value.Values[0]} after {optimiser.Steps} steps. Use a smaller learning rate (it is {rate}).");
        tape.Backward(value);
        optimiser.Apply(rate, this._plan.LargestNorm);
        if (!isGenerator) return value.Values[0];
        foreach (var parameter in this._discriminator.Parameters) parameter.ClearGradient();
        this._weights.Average();
        return value.Values[0];
    }

    private void Validate(Func<double> validate, int epoch)
    {
        this._weights.SwapAverages();
        var value = validate();
        if (this._best is null || value > this._best)
        {
            this._best = value;
            this._bestEpoch = epoch;
            this._weights.KeepBest();
        }

        this._weights.SwapAverages();
    }
}
