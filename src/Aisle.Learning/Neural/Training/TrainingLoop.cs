using Aisle.Learning.Models;

namespace Aisle.Learning.Neural;

/// <summary>
/// Trains parameters by mini-batches: shuffles, steps, validates, keeps the best, stops early. Nothing depends on the thread count; where a
/// training is broken off and taken up again from <see cref="Save"/>, it goes on to the bit as if it had not been.
/// </summary>
internal sealed class TrainingLoop
{
    /// <summary>Tells the shuffles from other random numbers of the same seed.</summary>
    private const int ShuffleStream = 0x5348;

    private readonly TrainingPlan _plan;
    private readonly IOptimiser _optimiser;
    private readonly WeightSnapshots _weights;
    private readonly int _examples;

    /// <param name="examples">Number of examples; batches are made of their indices.</param>
    public TrainingLoop(TrainingPlan plan, IOptimiser optimiser, int examples)
    {
        if (examples < 1) throw new ArgumentException($"{plan.Model}: there is nothing to learn from: no example is left after preparing the data.");
        this._plan = plan;
        this._optimiser = optimiser;
        this._examples = examples;
        this._weights = new WeightSnapshots(optimiser.Parameters, plan.AverageDecay);
    }

    /// <summary>Epochs finished.</summary>
    public int Epoch { get; private set; }

    /// <summary>The validation value of the weights that are kept; null without validation.</summary>
    public double? Best { get; private set; }

    /// <summary>The epoch after which <see cref="Best"/> was found.</summary>
    public int BestEpoch { get; private set; }

    /// <param name="loss">The loss of a batch of examples, on the given tape.</param>
    /// <param name="validate">Called after epochs; larger is better. Null: the last weights are kept.</param>
    /// <param name="afterEpoch">Called when an epoch, with its validation, is finished: where a checkpoint may be written.</param>
    public void Run(FitContext context, Func<Tape, int[], Tensor> loss, Func<double>? validate = null, Action? afterEpoch = null)
    {
        var tape = new Tape(context.Threads, this._plan.Seed);
        var order = new int[this._examples];
        var stepsOfEpoch = (this._examples + this._plan.BatchSize - 1) / this._plan.BatchSize;
        while (this.Epoch < this._plan.Epochs && !this.HasLostPatience)
        {
            for (var i = 0; i < order.Length; i++) order[i] = i;
            var random = new RandomStream(this._plan.Seed, this.Epoch, ShuffleStream);
            random.Shuffle(order);
            var sum = 0.0;
            for (var step = 0; step < stepsOfEpoch; step++)
            {
                context.Cancellation.ThrowIfCancellationRequested();
                var batch = order.AsSpan(step * this._plan.BatchSize, Math.Min(this._plan.BatchSize, this._examples - (step * this._plan.BatchSize)));
                sum += this.Step(tape, batch, loss, (long)stepsOfEpoch * this._plan.Epochs) * batch.Length;
            }

            this.Epoch++;
            if (validate is not null && (this.Epoch % this._plan.ValidateEvery == 0 || this.Epoch == this._plan.Epochs)) this.Validate(validate);
            context.Progress?.Report(new TrainingStep(this._plan.Model, "epoch", this.Epoch, this._plan.Epochs, sum / this._examples));
            afterEpoch?.Invoke();
        }

        if (validate is null) this._weights.UseAverages();
        else this._weights.UseBest();
    }

    /// <summary>Everything that the rest of the training depends on.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(this.Epoch);
        writer.Write(this.Best.HasValue);
        writer.Write(this.Best ?? 0);
        writer.Write(this.BestEpoch);
        this._optimiser.Save(writer);
        this._weights.Save(writer);
    }

    public void Load(BinaryReader reader)
    {
        this.Epoch = reader.ReadInt32();
        var hasBest = reader.ReadBoolean();
        var best = reader.ReadDouble();
        this.Best = hasBest ? best : null;
        this.BestEpoch = reader.ReadInt32();
        this._optimiser.Load(reader);
        this._weights.Load(reader);
    }

    private bool HasLostPatience =>
        this._plan.Patience > 0 && this.Best is not null && this.Epoch - this.BestEpoch >= this._plan.Patience * this._plan.ValidateEvery;

    private double Step(Tape tape, ReadOnlySpan<int> batch, Func<Tape, int[], Tensor> loss, long steps)
    {
        var parts = Math.Min(this._plan.Parts, batch.Length);
        var sum = 0.0;
        for (var part = 0; part < parts; part++)
        {
            int first = (int)((long)batch.Length * part / parts), end = (int)((long)batch.Length * (part + 1) / parts);
            tape.Begin((this._optimiser.Steps * this._plan.Parts) + part);
            var share = (float)(end - first) / batch.Length;
            var value = loss(tape, batch[first..end].ToArray());
            if (!float.IsFinite(value.Values[0]))
                throw new InvalidDataException($"{this._plan.Model}: the loss is {value.Values[0]} after {this._optimiser.Steps} steps. Use a smaller learning rate (it is {this._plan.LearningRate}) or clip gradients.");
            sum += value.Values[0] * share;
            tape.Backward(share == 1f ? value : tape.Scale(value, share));
        }

        this._optimiser.Apply(this._plan.RateAt(this._optimiser.Steps, steps), this._plan.LargestNorm);
        this._weights.Average();
        return sum;
    }

    private void Validate(Func<double> validate)
    {
        this._weights.SwapAverages();
        var value = validate();
        if (this.Best is null || value > this.Best)
        {
            this.Best = value;
            this.BestEpoch = this.Epoch;
            this._weights.KeepBest();
        }

        this._weights.SwapAverages();
    }
}
