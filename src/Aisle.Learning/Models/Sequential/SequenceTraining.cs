using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>How every neural model of sequences is trained.</summary>
internal static class SequenceTraining
{
    /// <param name="shapeOf">The encoder's shape for a number of items.</param>
    /// <param name="windowLength">Events of a window that are asked for.</param>
    /// <param name="batchOf">What is learned from some windows at a step; null: at each event the next.</param>
    public static SequenceModel Fit(
        string model,
        SequenceOptions options,
        Dataset data,
        FitContext context,
        Func<int, ISequenceShape> shapeOf,
        int windowLength,
        Func<SequenceWindows, int[], long, SequenceBatch>? batchOf = null)
    {
        TrainingInput.Check(model, data, context);
        var sequences = TrainingInput.CheckOrder(model, data);
        var encoder = shapeOf(sequences.Items).Encoder(options.Seed);
        var held = options.Patience > 0 ? HeldOutEvents.Draw(sequences, options.Seed) : HeldOutEvents.None;
        var windows = SequenceWindows.Of(sequences, windowLength, held);
        if (windows.Count == 0) throw new ArgumentException($"{model}: there is nothing to learn from: no sequence has two events{(held.Count > 0 ? " beside the one held out for validation; set patience to 0" : "")}.");
        var plan = new TrainingPlan
        {
            Model = model,
            Epochs = options.Epochs,
            BatchSize = options.BatchSize,
            LearningRate = options.LearningRate,
            Schedule = options.Schedule,
            Patience = options.Patience,
            AverageDecay = options.AverageDecay,
            Seed = options.Seed,
        };
        var optimiser = Optimisers.Of(options.Optimiser, [.. encoder.Parameters], context.Threads, options.WeightDecay, secondDecay: 0.98);
        var loss = new NextItemLoss(options, encoder, sequences.CountItems());
        var loop = new TrainingLoop(plan, optimiser, windows.Count);
        loop.Run(
            context,
            (tape, examples) => loss.Of(tape, batchOf is null ? windows.Batch(examples) : batchOf(windows, examples, tape.Step)),
            held.Count > 0 ? () => held.Quality(encoder, options.Scoring, sequences, context) : null,
            rowsOf: batchOf is null ? windows.RowsOf : null);
        return SequenceModel.Of(model, encoder, options.Scoring, sequences);
    }
}
