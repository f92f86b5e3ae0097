using Aisle.Learning.Distributed;

namespace Aisle.Learning.Neural;

/// <summary>Passes losses back for the examples of a batch that this process works on.</summary>
/// <param name="rowsOf">Rows of an example on the tape.</param>
/// <param name="answersOf">Answers of an example, of which the loss is the mean: what it weighs in a batch that others share.</param>
internal sealed class BatchPart(Tape tape, Func<Tape, int[], Tensor> loss, Func<int, int> rowsOf, Func<int, int> answersOf, IProcessGroup processes)
{
    /// <summary>Learns from this process's share of the examples first … end of a batch; gradients add up.</summary>
    /// <param name="key">Of the noise of this part: the same in every process.</param>
    /// <returns>The share's part of the batch's loss.</returns>
    public double Learn(long key, int[] batch, int first, int end)
    {
        var from = first + (int)((long)(end - first) * processes.Rank / processes.Size);
        var to = first + (int)((long)(end - first) * (processes.Rank + 1) / processes.Size);
        if (from == to) return 0;
        tape.Begin(key, Array.ConvertAll(batch[first..from], example => rowsOf(example)));
        var own = batch[from..to];
        var share = own.Length == batch.Length ? 1f : this.ShareOf(own, batch);

        // A share without an answer must not touch the tables that its loss would read: a lazy optimiser steps where a row was touched.
        if (share == 0f) return 0;
        var value = loss(tape, own);
        tape.Backward(share == 1f ? value : tape.Scale(value, share));
        return value.Values[0] * share;
    }

    /// <summary>By answers; where the whole batch has none, by rows.</summary>
    private float ShareOf(int[] own, int[] batch)
    {
        var answers = batch.Sum(answersOf);
        return answers > 0 ? (float)((double)own.Sum(answersOf) / answers) : (float)((double)own.Sum(rowsOf) / batch.Sum(rowsOf));
    }
}
