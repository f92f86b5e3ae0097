using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Aisle.Learning.Distributed;
using Aisle.Learning.Models;

namespace Aisle.Learning.Neural;

/// <summary>
/// Trains parameters by mini-batches: shuffles, steps, validates, keeps the best, stops early. Nothing depends on the thread count; where a
/// training is broken off and taken up again from <see cref="Save"/>, it goes on to the bit as if it had not been. Several processes share each
/// batch and take the same steps; what they find differs from one process only by the order in which numbers are added.
/// </summary>
internal sealed class TrainingLoop
{
    /// <summary>Tells the shuffles from other random numbers of the same seed.</summary>
    private const int ShuffleStream = 0x5348;

    private readonly TrainingPlan _plan;
    private readonly Optimiser _optimiser;
    private readonly WeightSnapshots _weights;
    private readonly int _examples;
    private int _stepOfEpoch;
    private double _lossOfEpoch;

    /// <param name="examples">Number of examples; batches are made of their indices.</param>
    public TrainingLoop(TrainingPlan plan, Optimiser optimiser, int examples)
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

    /// <param name="loss">The loss of a batch of examples, on the given tape: a mean over their rows.</param>
    /// <param name="validate">Called after epochs, in process 0 only; larger is better. Null: the last weights are kept.</param>
    /// <param name="afterEpoch">Called when an epoch, with its validation, is finished.</param>
    /// <param name="rowsOf">Rows that an example has on the tape; null: as many as any other.</param>
    /// <param name="answersOf">Answers of an example, of which the loss of a batch is the mean; null: as many as its rows.</param>
    public void Run(
        FitContext context, Func<Tape, int[], Tensor> loss, Func<double>? validate = null, Action? afterEpoch = null, Func<int, int>? rowsOf = null, Func<int, int>? answersOf = null)
    {
        var processes = context.Processes;
        var part = new BatchPart(new Tape(context.Threads, this._plan.Seed), loss, rowsOf ?? (_ => 1), answersOf ?? rowsOf ?? (_ => 1), processes);
        var exchange = new GradientExchange(processes, this._optimiser.Parameters);
        var kept = context.Checkpoints?.Begin(this._plan.Model, this.Shape, processes);
        kept?.TryLoad(this.Load);
        while (this.Epoch < this._plan.Epochs && !this.HasLostPatience)
        {
            this.RunEpoch(part, exchange, kept, context.Cancellation);
            var mean = this._lossOfEpoch / this._examples;
            (this._stepOfEpoch, this._lossOfEpoch) = (0, 0);
            this.Epoch++;
            if (validate is not null && (this.Epoch % this._plan.ValidateEvery == 0 || this.Epoch == this._plan.Epochs)) this.Validate(validate, processes);
            Agreement.OnNumbers(this._plan.Model, processes, hash => this.AddWeights(hash));
            context.Progress?.Report(new TrainingStep(this._plan.Model, "epoch", this.Epoch, this._plan.Epochs, mean));
            afterEpoch?.Invoke();
            kept?.Save(this.Save);
        }

        if (validate is null) this._weights.UseAverages();
        else this._weights.UseBest();
    }

    /// <summary>Everything that the rest of the training depends on.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(this.Epoch);
        writer.Write(this._stepOfEpoch);
        writer.Write(this._lossOfEpoch);
        writer.Write(this.Best.HasValue);
        writer.Write(this.Best ?? 0);
        writer.Write(this.BestEpoch);
        this._optimiser.Save(writer);
        this._weights.Save(writer);
    }

    public void Load(BinaryReader reader)
    {
        this.Epoch = reader.ReadInt32();
        this._stepOfEpoch = reader.ReadInt32();
        this._lossOfEpoch = reader.ReadDouble();
        var hasBest = reader.ReadBoolean();
        var best = reader.ReadDouble();
        this.Best = hasBest ? best : null;
        this.BestEpoch = reader.ReadInt32();
        this._optimiser.Load(reader);
        this._weights.Load(reader);
    }

    /// <summary>Goes on in the epoch where it stands.</summary>
    private void RunEpoch(BatchPart part, GradientExchange exchange, Checkpoints.Slot? kept, CancellationToken cancellation)
    {
        int[] order = [.. Enumerable.Range(0, this._examples)];
        var random = new RandomStream(this._plan.Seed, this.Epoch, ShuffleStream);
        random.Shuffle(order);
        var size = this._plan.BatchSize;
        var steps = (order.Length + size - 1) / size;
        while (this._stepOfEpoch < steps)
        {
            cancellation.ThrowIfCancellationRequested();
            var first = this._stepOfEpoch * size;
            var batch = order[first..Math.Min(order.Length, first + size)];
            this._lossOfEpoch += this.Step(part, exchange, batch, (long)steps * this._plan.Epochs) * batch.Length;
            this._stepOfEpoch++;
            if (kept is { EverySteps: > 0 } && this._stepOfEpoch < steps && this._optimiser.Steps % kept.EverySteps == 0) kept.Save(this.Save);
        }
    }

    private bool HasLostPatience =>
        this._plan.Patience > 0 && this.Best is not null && this.Epoch - this.BestEpoch >= this._plan.Patience * this._plan.ValidateEvery;

    private string Shape => $"{this._plan}, {this._examples} examples, {string.Join(", ", this._optimiser.Parameters.Select(parameter => $"{parameter.Name} {parameter.Rows} × {parameter.Columns}"))}";

    private double Step(BatchPart part, GradientExchange exchange, int[] batch, long steps)
    {
        var parts = Math.Min(this._plan.Parts, batch.Length);
        var sum = 0.0;
        for (var i = 0; i < parts; i++) sum += part.Learn((this._optimiser.Steps * this._plan.Parts) + i, batch, (int)((long)batch.Length * i / parts), (int)((long)batch.Length * (i + 1) / parts));
        sum = exchange.Add(sum);
        if (!double.IsFinite(sum))
            throw new InvalidDataException($"{this._plan.Model}: the loss is {sum} after {this._optimiser.Steps} steps. Use a smaller learning rate (it is {this._plan.LearningRate}) or clip gradients.");
        this._optimiser.Apply(this._plan.RateAt(this._optimiser.Steps, steps), this._plan.LargestNorm);
        this._weights.Average();
        return sum;
    }

    private void Validate(Func<double> validate, IProcessGroup processes)
    {
        this._weights.SwapAverages();
        Span<double> value = [processes.Rank == 0 ? validate() : 0];
        processes.Broadcast(value);
        if (this.Best is null || value[0] > this.Best)
        {
            this.Best = value[0];
            this.BestEpoch = this.Epoch;
            this._weights.KeepBest();
        }

        this._weights.SwapAverages();
    }

    private void AddWeights(IncrementalHash hash)
    {
        foreach (var parameter in this._optimiser.Parameters) hash.AppendData(MemoryMarshal.AsBytes(parameter.Values));
    }
}
